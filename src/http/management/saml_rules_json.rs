//! What a SAML connection takes and shows beyond the contract's fields.

use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::connection_settings::SamlSettings;
use crate::domain::saml_flows::FollowedMetadata;
use crate::domain::saml_flows::WaitingMetadata;
use crate::domain::session_token::timestamp;
use crate::use_cases::saml_connection_rules::SamlRulesDraft;

/// What goes beyond the contract; what is left out stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct SamlRulesBody {
    /// Fills `attribute_mapping` with the names that this identity provider uses, such as `okta`;
    /// a mapping given beside it wins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) attribute_mapping_preset: Option<String>,
    /// How groups are written in their attribute: `names`, `separated` by semicolons or commas,
    /// `distinguished_names`, of which the CN counts, or `paths` of nested groups, of which each
    /// counts: `/eng/backend` is a member of `/eng` too.
    #[serde(skip_serializing_if = "Option::is_none")]
    groups_syntax: Option<String>,
    /// How requests reach the identity provider: `redirect` or `post`.
    #[serde(skip_serializing_if = "Option::is_none")]
    authn_request_binding: Option<String>,
    /// Whether requests are signed; made true without a `signing_private_key`, it makes a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    authn_requests_signed: Option<bool>,
    /// Whether people prove themselves again each time.
    #[serde(skip_serializing_if = "Option::is_none")]
    force_authn: Option<bool>,
    /// The authentication context class asked for; some identity providers refuse sign-ins if one
    /// is named, so empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    requested_authn_context: Option<String>,
    /// Where the identity provider takes logout messages; empty for nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    idp_slo_url: Option<String>,
    /// Where it takes the answers to its own logout requests, if elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    idp_slo_response_url: Option<String>,
    /// How logout messages reach it: `redirect` or `post`.
    #[serde(skip_serializing_if = "Option::is_none")]
    slo_binding: Option<String>,
}

impl SamlRulesBody {
    /// What it asks for.
    pub(super) fn draft(self) -> SamlRulesDraft {
        SamlRulesDraft {
            attribute_mapping_preset: self.attribute_mapping_preset,
            groups_syntax: self.groups_syntax,
            authn_request_binding: self.authn_request_binding,
            authn_requests_signed: self.authn_requests_signed,
            force_authn: self.force_authn,
            requested_authn_context: self.requested_authn_context,
            idp_slo_url: self.idp_slo_url,
            idp_slo_response_url: self.idp_slo_response_url,
            slo_binding: self.slo_binding,
        }
    }
}

/// How a SAML connection asks, logs out, reads groups and follows metadata.
#[derive(Serialize, ToSchema)]
pub(super) struct SamlRulesJson {
    groups_syntax: &'static str,
    /// `redirect` or `post`.
    authn_request_binding: &'static str,
    authn_requests_signed: bool,
    force_authn: bool,
    requested_authn_context: String,
    /// Where this connection takes logout messages.
    slo_url: String,
    idp_slo_url: String,
    idp_slo_response_url: String,
    /// `redirect` or `post`.
    slo_binding: &'static str,
    /// The metadata that is read again each hour; empty for none.
    metadata_url: String,
    /// RFC 3339, UTC; null when it was never read.
    metadata_refreshed_at: Option<String>,
    /// Why it could not be read the last time; empty when it could.
    metadata_failure: String,
    /// A change that waits for an administrator.
    waiting_metadata: Option<WaitingMetadataJson>,
}

/// Metadata in which none of the certificates known before is left.
#[derive(Serialize, ToSchema)]
#[schema(as = WaitingMetadata)]
struct WaitingMetadataJson {
    /// RFC 3339, UTC.
    noticed_at: String,
    idp_sso_url: String,
    /// Its certificates in PEM.
    certificates: Vec<String>,
}

impl SamlRulesJson {
    pub(super) fn new(settings: &SamlSettings, slo_url: String) -> Self {
        let (requests, logout) = (&settings.requests, &settings.logout);
        let followed: &FollowedMetadata = &settings.metadata;
        let failure = followed.failure.as_ref();
        Self {
            groups_syntax: settings.groups_syntax.name(),
            authn_request_binding: requests.binding.name(),
            authn_requests_signed: settings.signs_requests(),
            force_authn: requests.force_authn,
            requested_authn_context: requests.authn_context.clone(),
            slo_url,
            idp_slo_url: logout.url.clone(),
            idp_slo_response_url: logout.response_url.clone(),
            slo_binding: logout.binding.name(),
            metadata_url: followed.url.clone(),
            metadata_refreshed_at: followed.refreshed_at.map(timestamp),
            metadata_failure: failure.map(|it| it.reason.clone()).unwrap_or_default(),
            waiting_metadata: followed.waiting.as_ref().map(waiting),
        }
    }
}

fn waiting(metadata: &WaitingMetadata) -> WaitingMetadataJson {
    let certificates = metadata.certificates.iter();
    WaitingMetadataJson {
        noticed_at: timestamp(metadata.noticed_at),
        idp_sso_url: metadata.idp_sso_url.clone(),
        certificates: certificates.map(|it| it.certificate.clone()).collect(),
    }
}
