//! `/o/{slug}`: an organization's own sign-in page, with the ways in that it allows, the one of the
//! last time first.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use actix_web::web::Path;
use actix_web::web::Query;
use askama::Template;
use serde::Deserialize;

use crate::http::pages::page_that_leads_away;
use crate::http::pages::same_origin::SameOrigin;
use crate::http::pages::see_other;
use crate::http::sign_in_pages::begin::asked;
use crate::http::sign_in_pages::error::HostedError;
use crate::http::sign_in_pages::error::HostedRefusal;
use crate::http::sign_in_pages::flow::Chosen;
use crate::http::sign_in_pages::flow::Flow;
use crate::http::sign_in_pages::form::Form;
use crate::http::sign_in_pages::mailing;
use crate::http::sign_in_pages::mailing::Wanted;
use crate::http::sign_in_pages::passwords;
use crate::http::sign_in_pages::visitor::Visitor;
use crate::storage::Transaction;
use crate::use_cases::hosted_sign_in::doors;
use crate::use_cases::hosted_sign_in::doors::Doors;

/// What the page shows besides the ways in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Mode {
    /// Somebody has proven something that was not enough.
    more: Option<String>,
    /// Somebody whom the organization lets in by any method.
    emergency: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_in/organization.html")]
struct OrganizationPage {
    flow: String,
    name: String,
    monogram: String,
    slug: String,
    email: String,
    error: Option<&'static str>,
    is_more: bool,
    is_emergency: bool,
    /// Where each leads, its name, whether it was the last one.
    provers: Vec<(String, String, bool)>,
    by_link: bool,
    by_code: bool,
    by_password: bool,
    last: String,
}

/// `GET /o/{slug}`
pub(super) async fn show(
    visitor: Visitor,
    slug: Path<String>,
) -> Result<HttpResponse, HostedRefusal> {
    let shown = async {
        let mode = mode(&visitor);
        let doors = find(&visitor, &slug).await?;
        let chosen = Chosen::from(&doors.organization);
        // What was typed and proven for another organization is not taken along to this one.
        let known = visitor.flow().ok();
        let known = known.filter(|known| known.organization.as_ref() == Some(&chosen));
        let mut flow = match known.filter(|_| mode != Mode::default()) {
            Some(known) => known,
            None => asked(&visitor).await?,
        };
        flow.organization = Some(chosen);
        let page = organization_page(&visitor, (&flow, doors), &mode, None);
        visitor.keeping(
            page_that_leads_away(StatusCode::OK, &page, flow.leads_to()),
            &flow,
        )
    };
    shown.await.map_err(|error| visitor.refused(error))
}

fn mode(visitor: &Visitor) -> Mode {
    let query = Query::<Mode>::from_query(visitor.request.query_string());
    query.map(Query::into_inner).unwrap_or_default()
}

/// One without any way in is as unknown as one that does not exist.
async fn find(visitor: &Visitor, slug: &str) -> Result<Doors, HostedError> {
    let (deployment, slug) = (visitor.gateway.deployment.clone(), slug.to_owned());
    let found = visitor.read(move |tx: &mut Transaction<'_>| doors::open(tx, &deployment, &slug));
    found.await?.ok_or(HostedError::UnknownOrganization)
}

fn organization_page(
    visitor: &Visitor,
    (flow, doors): (&Flow, Doors),
    mode: &Mode,
    error: Option<&'static str>,
) -> OrganizationPage {
    let last = visitor.last_method();
    let by_sso = doors.connections.iter().map(|(id, name)| {
        let name = if name.is_empty() {
            "single sign-on"
        } else {
            name
        };
        let is_last = last == format!("sso.{id}");
        (format!("/login/sso/{id}"), name.to_owned(), is_last)
    });
    let by_provider = doors.providers.iter().map(|provider| {
        let (name, title) = (provider.name(), provider.title().to_owned());
        let is_last = last == format!("oauth.{name}");
        (format!("/login/oauth/{name}"), title, is_last)
    });
    let mut provers: Vec<(String, String, bool)> = by_sso.chain(by_provider).collect();
    provers.sort_by_key(|(_, _, is_last)| !is_last);
    let is_emergency = mode.emergency.is_some();
    OrganizationPage {
        flow: flow.id(),
        monogram: monogram(&doors.organization.name),
        slug: doors.organization.slug,
        name: doors.organization.name,
        email: flow.email.clone(),
        error,
        is_more: mode.more.is_some() && flow.proven.is_some(),
        is_emergency,
        provers,
        by_link: doors.by_link && !is_emergency,
        by_code: doors.by_code || is_emergency,
        by_password: doors.by_password || is_emergency,
        last,
    }
}

/// Stands for a logo, which would have to come from another site.
pub(super) fn monogram(name: &str) -> String {
    let words = name
        .split_whitespace()
        .filter_map(|word| word.chars().next());
    let letters = words.filter(|letter| letter.is_alphanumeric()).take(2);
    let letters: String = letters.flat_map(char::to_uppercase).collect();
    if letters.is_empty() {
        "·".to_owned()
    } else {
        letters
    }
}

/// `POST /o/{slug}`
pub(super) async fn take(
    visitor: Visitor,
    slug: Path<String>,
    _: SameOrigin,
    body: Bytes,
) -> Result<HttpResponse, HostedRefusal> {
    let form = Form::read(&body);
    let taken = try_way(&visitor, &slug, &form).await;
    taken.map_err(|error| visitor.refused(error))
}

async fn try_way(visitor: &Visitor, slug: &str, form: &Form) -> Result<HttpResponse, HostedError> {
    let mut flow = visitor.flow_of(form)?;
    let doors = find(visitor, slug).await?;
    flow.organization = Some(Chosen::from(&doors.organization));
    form.text("email").clone_into(&mut flow.email);
    let again = |error| {
        let page = organization_page(visitor, (&flow, doors), &mode(visitor), Some(error));
        let response = page_that_leads_away(StatusCode::BAD_REQUEST, &page, flow.leads_to());
        visitor.keeping(response, &flow)
    };
    if let Err(error) = mailing::address(&flow.email) {
        return again(error);
    }
    let (wanted, location) = match form.get("way") {
        "password" => {
            return match passwords::sign_in(visitor, flow.clone(), form).await {
                Ok(response) => visitor.remembering(response, "password"),
                Err(HostedError::Management(error)) if passwords::is_wrong(&error) => {
                    again(passwords::told(&error))
                }
                Err(error) => Err(error),
            };
        }
        "link" => (Wanted::Link, "/login/sent"),
        "new-password" => (Wanted::NewPassword, "/login/sent"),
        _ => (Wanted::Code, "/login/code"),
    };
    mailing::send(visitor, &flow, wanted);
    let response = visitor.keeping(see_other(location), &flow)?;
    match wanted {
        Wanted::Code => visitor.remembering(response, "code"),
        Wanted::Link => visitor.remembering(response, "link"),
        Wanted::NewPassword => Ok(response),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_monogram_has_the_first_letters_of_a_name() {
        for (name, expected) in [
            ("Acme", "A"),
            ("acme test gmbh", "AT"),
            ("(x) <script>", "·"),
            ("", "·"),
            ("ßig", "SS"),
        ] {
            assert_eq!(monogram(name), expected, "{name}");
        }
    }
}
