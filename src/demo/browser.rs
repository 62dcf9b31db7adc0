//! A browser for the tour: follows redirects, keeps cookies, and does on the identity provider's
//! pages what a person would.

use std::collections::BTreeMap;

use openidconnect::HttpResponse;
use openidconnect::http::HeaderMap;
use openidconnect::http::Request;
use openidconnect::http::header::LOCATION;
use openidconnect::http::header::SET_COOKIE;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::demo::DemoError;
use crate::demo::page::unescape;
use crate::outbound::http_client::BODY_LIMIT;
use crate::outbound::http_client::HttpClient;

const LONGEST_WAY: usize = 10;

/// One person's browser.
pub(crate) struct Browser {
    http: HttpClient,
    cookies: BTreeMap<String, String>,
}

/// What the browser does next.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Visit(String),
    Submit(String, String),
}

impl Browser {
    pub(crate) fn new(http: HttpClient) -> Self {
        let cookies = BTreeMap::new();
        Self { http, cookies }
    }

    /// Visits a sign-in URL, signs in as this person, and gives the URL at which it comes back.
    pub(crate) async fn sign_in(
        &mut self,
        start: &str,
        email: &str,
        return_url: &str,
    ) -> Result<Url, DemoError> {
        let mut step = Step::Visit(start.to_owned());
        for _ in 0..LONGEST_WAY {
            if let Step::Visit(url) = &step
                && url.starts_with(return_url)
            {
                return Url::parse(url).map_err(|error| DemoError::because("the return", error));
            }
            let answer = self.take(&step).await?;
            step = next(&answer, email)?;
        }
        Err(DemoError("the sign-in went in circles".to_owned()))
    }

    async fn take(&mut self, step: &Step) -> Result<HttpResponse, DemoError> {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = match step {
            Step::Visit(url) => Request::get(url)
                .header("cookie", cookies.join("; "))
                .body(Vec::new()),
            Step::Submit(url, form) => Request::post(url)
                .header("cookie", cookies.join("; "))
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form.clone().into_bytes()),
        };
        let request = request.map_err(|error| DemoError::because("a request", error))?;
        let answer = self.http.send_unfollowed(request, BODY_LIMIT).await;
        let answer = answer.map_err(|error| DemoError::because("a visit", error))?;
        self.keep(answer.headers());
        Ok(answer)
    }

    fn keep(&mut self, headers: &HeaderMap) {
        let set = headers
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok());
        for cookie in set {
            let pair = cookie.split(';').next().unwrap_or_default();
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            if value.is_empty() {
                self.cookies.remove(name.trim());
            } else {
                self.cookies
                    .insert(name.trim().to_owned(), value.to_owned());
            }
        }
    }
}

/// Follows a redirect, posts a form that is there to be posted, or chooses the person.
fn next(answer: &HttpResponse, email: &str) -> Result<Step, DemoError> {
    if answer.status().is_redirection() {
        let location = answer
            .headers()
            .get(LOCATION)
            .and_then(|it| it.to_str().ok());
        let missing = || DemoError("a redirect leads nowhere".to_owned());
        return location
            .map(|url| Step::Visit(url.to_owned()))
            .ok_or_else(missing);
    }
    let page = String::from_utf8_lossy(answer.body());
    if !answer.status().is_success() {
        return Err(DemoError(format!(
            "the browser was shown {}: {page}",
            answer.status()
        )));
    }
    if let Some(action) = attributes(&page, "<form ", "action").next() {
        let names = attributes(&page, "<input ", "name");
        let values = attributes(&page, "<input ", "value");
        let form = Serializer::new(String::new())
            .extend_pairs(names.zip(values))
            .finish();
        return Ok(Step::Submit(action, form));
    }
    let chooses = |link: &String| {
        let parsed = Url::parse(link);
        parsed.is_ok_and(|url| {
            url.query_pairs()
                .any(|(name, value)| name == "login_hint" && value == email)
        })
    };
    let link = attributes(&page, "<a ", "href").find(chooses);
    link.map(Step::Visit)
        .ok_or_else(|| DemoError(format!("{email} is not among those who can sign in")))
}

/// The values of an attribute, from each tag that has it.
fn attributes(page: &str, tag: &'static str, name: &str) -> impl Iterator<Item = String> {
    let wanted = format!(" {name}=\"");
    page.split(tag).skip(1).filter_map(move |rest| {
        let tag = format!(" {}", rest.split_once('>')?.0);
        let (value, _) = tag.split_once(&wanted)?.1.split_once('"')?;
        Some(unescape(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(body: &str) -> HttpResponse {
        HttpResponse::new(body.as_bytes().to_vec())
    }

    #[test]
    fn it_posts_forms_and_chooses_its_person() {
        let form = "<form method=\"post\" action=\"http://a/?x=1&amp;y=2\"><input type=\"hidden\" \
                    name=\"A\" value=\"1 &amp; 2\"><input name=\"B\" value=\"\"></form>";
        let posted = Step::Submit("http://a/?x=1&y=2".to_owned(), "A=1+%26+2&B=".to_owned());
        assert_eq!(next(&page(form), "ana@acme.test"), Ok(posted));
        let links = "<a href=\"http://a/?login_hint=bo%40acme.test\">Bo</a>\
                     <a href=\"http://a/?login_hint=ana%40acme.test&amp;z\">Ana</a>";
        let visited = Step::Visit("http://a/?login_hint=ana%40acme.test&z".to_owned());
        assert_eq!(next(&page(links), "ana@acme.test"), Ok(visited));
        assert!(next(&page(links), "eve@acme.test").is_err());
    }
}
