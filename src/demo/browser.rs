//! A browser without a window: follows redirects, keeps cookies, chooses a person at the identity
//! provider and posts the form that comes back.

use std::collections::BTreeMap;

use openidconnect::HttpResponse;
use openidconnect::http::HeaderMap;
use openidconnect::http::Request;
use openidconnect::http::header::LOCATION;
use openidconnect::http::header::SET_COOKIE;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::demo::DemoError;
use crate::demo::fault::Fault;
use crate::demo::stage::Ready;
use crate::outbound::http_client::BODY_LIMIT;
use crate::outbound::http_client::HttpClient;

const LONGEST_WAY: usize = 10;

/// One person's browser.
pub(crate) struct Browser {
    http: HttpClient,
    cookies: BTreeMap<String, String>,
    idp: String,
    back: String,
    posted: Option<Step>,
}

/// Where a sign-in ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// At the application, with this URL.
    Back(Url),
    /// At a page that refuses it.
    Refused(String),
}

/// What the browser does next.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Visit(String),
    Submit(String, String),
    Stop(String),
}

impl Browser {
    /// A browser for sign-ins that come back to this URL.
    pub(crate) fn new(ready: &Ready, return_path: &str) -> Self {
        let origin = &ready.access.origin;
        Self {
            http: ready.http.clone(),
            cookies: BTreeMap::new(),
            idp: format!("{origin}/demo/idp/"),
            back: format!("{origin}{return_path}"),
            posted: None,
        }
    }

    /// Visits a sign-in URL and signs in as this person, whose identity provider makes this mistake.
    pub(crate) async fn sign_in(
        &mut self,
        start: &str,
        email: &str,
        fault: Option<Fault>,
    ) -> Result<Ended, DemoError> {
        let mut step = Step::Visit(start.to_owned());
        for _ in 0..LONGEST_WAY {
            match &step {
                Step::Visit(url) if url.starts_with(&self.back) => {
                    let url = Url::parse(url);
                    let url = url.map_err(|error| DemoError::because("the return", error))?;
                    return Ok(Ended::Back(url));
                }
                Step::Visit(url) if url.starts_with(&self.idp) => {
                    step = Step::Visit(chosen(url, email, fault)?);
                }
                Step::Stop(page) => return Ok(Ended::Refused(page.clone())),
                _ => {}
            }
            let answer = self.take(&step).await?;
            step = next(&answer)?;
        }
        Err(DemoError("the sign-in went in circles".to_owned()))
    }

    /// Posts the last answer of an identity provider once more, and gives the page that comes.
    pub(crate) async fn post_again(&mut self) -> Result<Ended, DemoError> {
        let nothing = || DemoError("nothing was posted yet".to_owned());
        let posted = self.posted.clone().ok_or_else(nothing)?;
        let answer = self.take(&posted).await?;
        match next(&answer)? {
            Step::Stop(page) => Ok(Ended::Refused(page)),
            other => Err(DemoError(format!("a copy was taken: {other:?}"))),
        }
    }

    async fn take(&mut self, step: &Step) -> Result<HttpResponse, DemoError> {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let cookies = cookies.join("; ");
        let request = match step {
            Step::Visit(url) | Step::Stop(url) => {
                Request::get(url).header("cookie", cookies).body(Vec::new())
            }
            Step::Submit(url, form) => {
                self.posted = Some(step.clone());
                Request::post(url)
                    .header("cookie", cookies)
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(form.clone().into_bytes())
            }
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

/// The identity provider's page, once the person and the mistake are chosen on it.
fn chosen(url: &str, email: &str, fault: Option<Fault>) -> Result<String, DemoError> {
    let mut url = Url::parse(url).map_err(|error| DemoError::because("a redirect", error))?;
    url.query_pairs_mut().append_pair("login_hint", email);
    if let Some(fault) = fault {
        url.query_pairs_mut().append_pair("fault", fault.slug());
    }
    Ok(url.into())
}

/// Follows a redirect, or posts a form that is there to be posted.
fn next(answer: &HttpResponse) -> Result<Step, DemoError> {
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
    let page = String::from_utf8_lossy(answer.body()).into_owned();
    if !answer.status().is_success() {
        return Ok(Step::Stop(page));
    }
    let Some(action) = attributes(&page, "<form ", "action").next() else {
        return Err(DemoError(format!("the browser was shown {page}")));
    };
    let names = attributes(&page, "<input ", "name");
    let values = attributes(&page, "<input ", "value");
    let form = Serializer::new(String::new())
        .extend_pairs(names.zip(values))
        .finish();
    Ok(Step::Submit(action, form))
}

/// The values of an attribute, from each tag that has it.
fn attributes(page: &str, tag: &'static str, name: &str) -> impl Iterator<Item = String> {
    let wanted = format!(" {name}=\"");
    page.split(tag).skip(1).filter_map(move |rest| {
        let tag = format!(" {}", rest.split_once('>')?.0);
        let (value, _) = tag.split_once(&wanted)?.1.split_once('"')?;
        Some(unescaped(value))
    })
}

/// The text that was escaped, by name or by number.
pub(crate) fn unescaped(html: &str) -> String {
    let named = [
        ("&#39;", "'"),
        ("&#34;", "\""),
        ("&quot;", "\""),
        ("&#62;", ">"),
        ("&gt;", ">"),
        ("&#60;", "<"),
        ("&lt;", "<"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ];
    let mut text = html.to_owned();
    for (escaped, plain) in named {
        text = text.replace(escaped, plain);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_posts_forms_and_stops_at_refusals() {
        let form = "<form method=\"post\" action=\"http://a/?x=1&amp;y=2\"><input type=\"hidden\" \
                    name=\"A\" value=\"1 &#38; 2\"><input name=\"B\" value=\"\"></form>";
        let mut answer = HttpResponse::new(form.as_bytes().to_vec());
        let posted = Step::Submit("http://a/?x=1&y=2".to_owned(), "A=1+%26+2&B=".to_owned());
        assert_eq!(next(&answer), Ok(posted));
        *answer.status_mut() = openidconnect::http::StatusCode::BAD_REQUEST;
        assert_eq!(next(&answer), Ok(Step::Stop(form.to_owned())));
        assert!(next(&HttpResponse::new(b"<p>".to_vec())).is_err());
    }

    #[test]
    fn it_chooses_a_person_and_a_mistake() {
        let url = chosen("http://a/?x=1", "ana@acme.test", Some(Fault::Unsigned)).unwrap();
        assert_eq!(
            url,
            "http://a/?x=1&login_hint=ana%40acme.test&fault=unsigned"
        );
    }
}
