//! Each mistake of an identity provider, tried: what the person is shown, and what their IT is told.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::Path;
use askama::Template;

use crate::demo::DemoError;
use crate::demo::application::RETURN_PATH;
use crate::demo::browser::Browser;
use crate::demo::browser::Ended;
use crate::demo::browser::unescaped;
use crate::demo::fault::Fault;
use crate::demo::page::is_own;
use crate::demo::page::missing;
use crate::demo::page::one_moment;
use crate::demo::page::page;
use crate::demo::page::see;
use crate::demo::page::trouble;
use crate::demo::page::unusable;
use crate::demo::saml_idp::SamlIdp;
use crate::demo::stage::Ready;
use crate::demo::stage::Stage;
use crate::demo::verdict::Line;
use crate::demo::verdict::pretty_form_value;
use crate::demo::verdict::verdict;

/// What came of each mistake that was tried.
#[derive(Debug, Default)]
pub(crate) struct Tried(Mutex<BTreeMap<&'static str, Shown>>);

/// The page that refuses a sign-in, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Shown {
    title: String,
    sentence: String,
    code: String,
    check: String,
}

#[derive(Template)]
#[template(path = "demo/faults.html")]
struct FaultsPage {
    rows: Vec<Row>,
}

struct Row {
    fault: Fault,
    shown: Option<Shown>,
    fix: String,
    verdict: Vec<Line>,
    answer: String,
}

/// Mounts the page; its state is a `web::Data<Tried>`.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/faults", web::get().to(show))
        .route("/faults/{fault}", web::post().to(attempt));
}

async fn show(stage: Data<Stage>, idp: Data<SamlIdp>, tried: Data<Tried>) -> HttpResponse {
    let tried = tried
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let row = |fault: Fault| {
        let shown = tried.get(fault.slug()).cloned();
        let answer = stage.exchanges.saml(|it| it.fault == Some(fault));
        let answer = answer.filter(|_| shown.is_some());
        Row {
            fault,
            fix: shown.as_ref().map(fix).unwrap_or_default(),
            shown,
            verdict: answer
                .as_ref()
                .map(|it| verdict(it, &stage.origin, idp.certificate()))
                .unwrap_or_default(),
            answer: answer
                .map(|it| pretty_form_value(&it.form_value))
                .unwrap_or_default(),
        }
    };
    let rows = Fault::ALL.into_iter().map(row).collect();
    page(StatusCode::OK, &FaultsPage { rows })
}

async fn attempt(
    stage: Data<Stage>,
    tried: Data<Tried>,
    slug: Path<String>,
    request: HttpRequest,
) -> HttpResponse {
    if !is_own(&request, &stage.origin) {
        return unusable("This form was not sent by a page of the demo.");
    }
    let Some(ready) = stage.ready() else {
        return one_moment();
    };
    let Some(fault) = Fault::find(&slug) else {
        return missing("There is no such mistake.");
    };
    match refusal(ready, &stage, fault).await {
        Ok(shown) => {
            let mut tried = tried.0.lock().unwrap_or_else(PoisonError::into_inner);
            tried.insert(fault.slug(), shown);
            see(&format!("/demo/faults#{}", fault.slug()))
        }
        Err(error) => trouble(&error.to_string()),
    }
}

/// Has somebody sign in while their identity provider makes this mistake.
async fn refusal(ready: &Ready, stage: &Stage, fault: Fault) -> Result<Shown, DemoError> {
    let nobody = || DemoError("there is no company".to_owned());
    let company = ready.companies.first().ok_or_else(nobody)?;
    let people = company.profile.people();
    // Not the first, whose sign-in the visitor's own page shows.
    let person = people.get(1).ok_or_else(nobody)?;
    let start = ready.sign_in_url(&company.saml_connection_id);
    let mut browser = Browser::new(ready, RETURN_PATH);
    let ended = if fault == Fault::Replayed {
        browser.sign_in(&start, &person.email, None).await?;
        let kept = stage
            .exchanges
            .saml(|it| it.fault.is_none() && it.email == person.email);
        let mut copy = kept.map(|kept| (*kept).clone()).ok_or_else(nobody)?;
        copy.fault = Some(fault);
        stage.exchanges.keep_saml(copy);
        browser.post_again().await?
    } else {
        browser.sign_in(&start, &person.email, Some(fault)).await?
    };
    match ended {
        Ended::Refused(page) => Ok(read(&page)),
        Ended::Back(_) => Err(DemoError(format!("{} was let in", fault.title()))),
    }
}

/// Takes the product's page apart.
fn read(page: &str) -> Shown {
    let (heading, below) = page
        .split_once("<h1")
        .and_then(|(_, rest)| rest.split_once('>')?.1.split_once("</h1>"))
        .unwrap_or_default();
    let sentence = below
        .split_once("<p>")
        .and_then(|(_, rest)| rest.split_once("</p>"))
        .map(|(sentence, _)| unescaped(sentence.trim()));
    let fact = |name: &str| {
        let (_, rest) = page.split_once(&format!("<dt>{name}</dt>"))?;
        let (_, value) = rest.split_once("<dd>")?;
        Some(unescaped(value.split_once("</dd>")?.0.trim()))
    };
    let code = fact("Code").unwrap_or_default();
    Shown {
        title: unescaped(heading.trim()),
        sentence: sentence.unwrap_or_default(),
        check: fact("Check").unwrap_or_else(|| code.clone()),
        code,
    }
}

const RULES: &str = include_str!("../../docs/sso-saml.md");
const OTHERWISE: &str = "begin the sign-in again in the application; if it comes back, look whether \
                         something between the identity provider and the application sends answers twice";

/// What the administrators' page says of the check that failed.
fn fix(shown: &Shown) -> String {
    let row = format!("| `{}` | ", shown.check);
    let row = RULES.lines().find_map(|line| line.strip_prefix(&row));
    let fix = row.and_then(|row| row.trim_end_matches([' ', '|']).rsplit_once(" | "));
    fix.map_or(OTHERWISE, |(_, fix)| fix).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_refuses_is_taken_apart_and_its_check_has_a_fix() {
        let page = "<p>x</p><h1 class=\"x\">You could not be signed in</h1><p>It&#39;s over.</p><dl><dt>Code</dt>\
                    <dd>expired_saml_response</dd><dt>Check</dt><dd>not_on_or_after</dd></dl>";
        let shown = read(page);
        assert_eq!(shown.sentence, "It's over.");
        assert_eq!(shown.title, "You could not be signed in");
        assert_eq!(
            (shown.code.as_str(), shown.check.as_str()),
            ("expired_saml_response", "not_on_or_after")
        );
        assert!(fix(&shown).contains("clock"), "{}", fix(&shown));
        assert_eq!(fix(&Shown::default()), OTHERWISE);
    }
}
