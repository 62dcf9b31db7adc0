//! The filters of both searches, by their names on the wire (contract 3.1, 3.2).

use crate::domain::id::MemberId;
use crate::domain::member::MemberStatus;
use crate::domain::oauth_provider::OauthProvider;
use crate::http::management::search::Reader;
use crate::http::management::search::SearchQuery;
use crate::http::management::search::conditions;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::search::SearchError;
use crate::use_cases::members::search::MemberFilter;
use crate::use_cases::members::search::RoleSources;
use crate::use_cases::organization_search::Conditions;
use crate::use_cases::organization_search::OrganizationFilter;

/// The conditions of an organization search.
pub(crate) fn organization_conditions(
    query: Option<&SearchQuery>,
) -> Result<Conditions<OrganizationFilter>, ManagementError> {
    use OrganizationFilter as F;
    conditions("organization", query, |operand| match operand.name {
        "organization_ids" => operand.ids().map(F::Ids),
        "organization_slugs" => operand.texts().map(F::Slugs),
        "organization_name_fuzzy" => operand.fuzzy().map(F::NameContains),
        "organization_slug_fuzzy" => operand.fuzzy().map(F::SlugContains),
        "member_emails" => operand.texts().map(F::MemberEmails),
        "member_email_fuzzy" => operand.fuzzy().map(F::MemberEmailContains),
        "allowed_domains" => operand.texts().map(F::AllowedDomains),
        "allowed_domain_fuzzy" => operand.fuzzy().map(F::AllowedDomainContains),
        "claimed_email_domains" => operand.texts().map(F::ClaimedDomains),
        "has_active_sso_connection" => operand.flag().map(F::HasActiveSso),
        "sso_connection_id" => {
            let id = operand.text()?.parse();
            Ok(id.map_or_else(|_| F::Ids(Vec::new()), F::Connection))
        }
        _ => Err(operand.unknown()),
    })
}

/// The conditions of a member search.
pub(crate) fn member_conditions(
    query: Option<&SearchQuery>,
) -> Result<Conditions<MemberFilter>, ManagementError> {
    use MemberFilter as F;
    conditions("member", query, |operand| match operand.name {
        "member_ids" => member_ids(operand),
        "member_emails" => operand.texts().map(F::Emails),
        "member_email_fuzzy" => operand.fuzzy().map(F::EmailContains),
        "member_is_breakglass" => operand.flag().map(F::BreakGlass),
        "statuses" => statuses(operand),
        "member_phone_numbers" | "member_mfa_phone_numbers" => operand.texts().map(F::PhoneNumbers),
        "member_phone_number_fuzzy" | "member_mfa_phone_number_fuzzy" => {
            operand.fuzzy().map(F::PhoneNumberContains)
        }
        "member_roles" => {
            let sources = |explicit| RoleSources {
                explicit,
                ..RoleSources::default()
            };
            operand.texts().map(sources).map(F::HasRole)
        }
        "password_exists" => operand.flag().map(F::HasPassword),
        "totp_exists" => operand.flag().map(F::HasTotp),
        "oauth_providers" => operand.texts().map(oauth_providers),
        "organization_slug" => operand.text().map(|slug| F::OrganizationSlugs(vec![slug])),
        "organization_slug_fuzzy" => operand.fuzzy().map(F::OrganizationSlugContains),
        _ => Err(operand.unknown()),
    })
}

fn member_ids(operand: &Reader<'_>) -> Result<MemberFilter, ManagementError> {
    let given = operand.texts()?;
    let ids: Vec<MemberId> = given.iter().filter_map(|id| id.parse().ok()).collect();
    if ids.is_empty() {
        Ok(MemberFilter::ExternalIds(given))
    } else if ids.len() == given.len() {
        Ok(MemberFilter::Ids(ids))
    } else {
        Err(SearchError::MixedMemberIds.into())
    }
}

/// A provider that there is not knows nobody.
fn oauth_providers(names: Vec<String>) -> MemberFilter {
    let known = names
        .iter()
        .filter_map(|name| OauthProvider::from_name(name));
    MemberFilter::OauthProviders(known.collect())
}

fn statuses(operand: &Reader<'_>) -> Result<MemberFilter, ManagementError> {
    let names = operand.texts()?.into_iter();
    let known = names.map(|name| {
        let status = MemberStatus::from_name(&name);
        status.ok_or(SearchError::InvalidStatus(name))
    });
    Ok(MemberFilter::Statuses(known.collect::<Result<_, _>>()?))
}
