//! The table of refusals about connections.

use crate::domain::id::ConnectionKind;
use crate::http::management::error_text::Described;
use crate::http::management::error_text::told;
use crate::use_cases::error::connection::ConnectionError;
use crate::use_cases::error::connection::MappingFault;

#[expect(clippy::too_many_lines, reason = "a table, a row for each refusal")]
pub(super) fn described(error: &ConnectionError) -> Described {
    use ConnectionError as E;
    match error {
        E::NotFound(kind) => told(
            404,
            match kind {
                Some(ConnectionKind::Saml) => "saml_connection_not_found",
                Some(ConnectionKind::Oidc) => "oidc_connection_not_found",
                Some(ConnectionKind::Scim) => "no_active_scim_connection",
                Some(ConnectionKind::External) | None => "sso_connection_not_found",
            },
            "There is no such connection in this organization.",
        ),
        E::InvalidIdentityProvider(kind, named) => {
            let scim = *kind == ConnectionKind::Scim;
            let error_type = if scim {
                "invalid_scim_idp"
            } else {
                "invalid_sso_idp"
            };
            told(
                400,
                error_type,
                format!("identity_provider {named} is not one of those known; generic fits any."),
            )
        }
        E::ActiveScimConnectionExists => told(
            400,
            "active_scim_connection_exists",
            "The organization already has an active SCIM connection.",
        ),
        E::ScimGroupDoesNotExist(id) => told(
            400,
            "scim_group_role_assignment_group_does_not_exist",
            format!("This connection has no group {id}."),
        ),
        E::NoActiveScimConnection => told(
            404,
            "no_active_scim_connection",
            "The organization has no SCIM connection.",
        ),
        E::NotRotatingScimToken => told(
            400,
            "scim_connection_not_rotating_token",
            "No rotation of this connection's token is under way; start one first.",
        ),
        E::InvalidScimSchemas(reason) => told(400, "invalid_scim_schemas", format!("{reason}.")),
        E::ScimSchemasInUse(reason) => told(
            400,
            "scim_schemas_in_use",
            format!("{reason}, and resources use it; delete or clear those first."),
        ),
        E::ScimRequestNotFound => told(
            404,
            "scim_request_not_found",
            "The log of this connection has no such request; entries are kept for a while only.",
        ),
        E::ScimGroupMissing => told(
            400,
            "scim_group_role_assignment_does_not_contain_group_id",
            "Each of scim_group_implicit_role_assignments needs role_id and group_id.",
        ),
        E::InvalidCertificate(reason) => told(400, "invalid_x509_certificate", reason),
        E::TooManyCertificates => told(
            400,
            "too_many_sso_verification_certificates",
            "A connection has at most five certificates; remove one first.",
        ),
        E::InvalidPrivateKey(error_type, reason) => {
            told(400, error_type, format!("The private key {reason}."))
        }
        E::TooManyEncryptionKeys => told(
            400,
            "too_many_encryption_certificates",
            "A connection has at most five keys for encrypted responses; delete one first.",
        ),
        E::CertificateNotFound => told(
            404,
            "sso_verification_key_not_found",
            "This connection has no such certificate.",
        ),
        E::LastCertificate => told(
            400,
            "cannot_delete_last_sso_verification_key",
            "An active connection keeps at least one certificate; add another one first.",
        ),
        E::EncryptionKeyNotFound => told(
            404,
            "sso_encryption_private_key_not_found",
            "This connection has no such key.",
        ),
        E::Required(error_type) => told(
            400,
            error_type,
            "The field cannot be emptied; leave it out to keep what is there.",
        ),
        E::UnusableMetadata(error_type, reason) => told(400, error_type, reason),
        E::NoGroupNamed => told(
            400,
            "saml_group_role_assignment_does_not_contain_member_group",
            "A role by group needs the name of the group.",
        ),
        E::TooManyConnections(limit) => told(
            400,
            "too_many_sso_connections",
            format!("An organization has at most {limit} connections; delete one first."),
        ),
        E::DefaultConnection => told(
            400,
            "cannot_delete_default_sso_connection",
            "The organization's default connection stays; make another one the default first.",
        ),
        E::ExternalNotFound => told(
            404,
            "external_connection_id_not_found",
            "There is no such SAML or OIDC connection in the external organization.",
        ),
        E::ExternalNotActive => told(
            400,
            "external_connection_not_active",
            "The external connection is not active yet.",
        ),
        E::ExternalIsOwn => told(
            400,
            "external_organization_id_same_as_organization_id",
            "An external connection is one of another organization.",
        ),
        E::DuplicateExternal => told(
            400,
            "duplicate_external_sso_connection",
            "The organization has an external connection to that one already.",
        ),
        E::InvalidUrl(error_type, value) => told(
            400,
            error_type,
            format!("{value:?} is not an absolute https URL."),
        ),
        E::InvalidSamlSetting(field, wanted) => told(
            400,
            "invalid_saml_connection_setting",
            format!("{field} must be {wanted}."),
        ),
        E::NoMetadataWaiting => told(
            404,
            "no_saml_metadata_waiting",
            "No change of this connection's metadata waits to be accepted.",
        ),
        E::InvalidAttributeMapping(fault) => mapping(*fault),
        E::InvalidEntityId => told(
            400,
            "invalid_idp_entity_id",
            "idp_entity_id must have 1 to 1024 characters.",
        ),
    }
}

fn mapping(fault: MappingFault) -> Described {
    let (error_type, needs) = match fault {
        MappingFault::Nested => (
            "saml_connection_no_nested_keys_in_attribute_mapping",
            "only texts as values",
        ),
        MappingFault::NoEmail => ("saml_connection_email_mapping_required", "email"),
        MappingFault::NoName => (
            "saml_connection_name_mapping_required",
            "full_name, or first_name and last_name",
        ),
        MappingFault::NoGroups => (
            "saml_connection_attribute_mapping_missing_groups_key",
            "groups",
        ),
    };
    told(400, error_type, format!("attribute_mapping needs {needs}."))
}
