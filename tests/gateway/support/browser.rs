//! A small browser: it keeps cookies, follows no redirect by itself and can fill in a form.

use std::sync::Mutex;

use reqwest::Method;
use reqwest::header::HeaderMap;
use reqwest::header::LOCATION;
use reqwest::header::SET_COOKIE;
use url::Url;

/// A browser with its cookies; all of them go to every origin, as on one host.
pub struct Browser {
    http: reqwest::Client,
    jar: Mutex<Vec<Cookie>>,
}

#[derive(Clone, Debug)]
struct Cookie {
    name: String,
    value: String,
    path: String,
}

/// What the browser shows.
#[derive(Debug)]
pub struct Page {
    pub url: Url,
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

/// The first form of a page, with its hidden fields.
#[derive(Clone, Debug)]
pub struct Form {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl Browser {
    pub fn new() -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self {
            http,
            jar: Mutex::default(),
        }
    }

    /// Another one with the same cookies.
    pub fn twin(&self) -> Self {
        Self {
            http: self.http.clone(),
            jar: Mutex::new(self.jar.lock().unwrap().clone()),
        }
    }

    pub async fn get(&self, url: &str) -> Page {
        self.visit(Method::GET, url, None).await
    }

    pub async fn post(&self, url: &str, fields: &[(String, String)]) -> Page {
        let origin = Url::parse(url).unwrap().origin().ascii_serialization();
        self.post_from(&origin, url, fields).await
    }

    /// Posts a form of a page of this origin.
    pub async fn post_from(&self, origin: &str, url: &str, fields: &[(String, String)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.visit(Method::POST, url, Some((origin, body))).await
    }

    /// Posts the form of a page.
    pub async fn submit(&self, form: &Form) -> Page {
        self.post(&form.action, &form.fields).await
    }

    /// Follows redirects until there is none or it leads to the application.
    pub async fn follow(&self, mut page: Page) -> Page {
        while let Some(target) = page.location() {
            if target.host_str() == Some("app.test") {
                break;
            }
            page = self.get(target.as_str()).await;
        }
        page
    }

    /// Puts something else into every cookie.
    pub fn spoil_cookies(&self) {
        for cookie in self.jar.lock().unwrap().iter_mut() {
            "spoiled".clone_into(&mut cookie.value);
        }
    }

    pub fn cookie_names(&self) -> Vec<String> {
        let jar = self.jar.lock().unwrap();
        jar.iter().map(|cookie| cookie.name.clone()).collect()
    }

    async fn visit(&self, method: Method, url: &str, body: Option<(&str, String)>) -> Page {
        let url = Url::parse(url).unwrap();
        let mut request = self.http.request(method, url.clone());
        let cookies = self.cookies_for(url.path());
        if !cookies.is_empty() {
            request = request.header("cookie", cookies);
        }
        if let Some((origin, body)) = body {
            request = request
                .header("origin", origin)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        self.keep_cookies(&headers);
        let text = response.text().await.unwrap();
        Page {
            url,
            status,
            headers,
            text,
        }
    }

    fn cookies_for(&self, path: &str) -> String {
        let jar = self.jar.lock().unwrap();
        let fitting = jar.iter().filter(|cookie| path.starts_with(&cookie.path));
        let pairs = fitting.map(|cookie| format!("{}={}", cookie.name, cookie.value));
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn keep_cookies(&self, headers: &HeaderMap) {
        let mut jar = self.jar.lock().unwrap();
        for header in headers.get_all(SET_COOKIE) {
            let text = header.to_str().unwrap();
            let mut parts = text.split(';').map(str::trim);
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let path = parts.clone().find_map(|part| part.strip_prefix("Path="));
            let path = path.or_else(|| parts.clone().find_map(|part| part.strip_prefix("path=")));
            jar.retain(|cookie| cookie.name != name);
            let is_removed = parts.any(|part| part.eq_ignore_ascii_case("max-age=0"));
            if !is_removed {
                jar.push(Cookie {
                    name: name.to_owned(),
                    value: value.to_owned(),
                    path: path.unwrap_or("/").to_owned(),
                });
            }
        }
    }
}

impl Page {
    /// Where the page redirects to.
    pub fn location(&self) -> Option<Url> {
        let target = self.headers.get(LOCATION)?.to_str().unwrap();
        Some(self.url.join(target).unwrap())
    }

    /// A parameter of the redirect.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let target = self.location()?;
        let found = target.query_pairs().find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned())
    }

    /// The code that a page of ours shows.
    pub fn code(&self) -> String {
        self.shown("Code")
    }

    /// What a page of ours shows under a word.
    pub fn shown(&self, word: &str) -> String {
        let after = self.text.split_once(&format!("<dt>{word}</dt><dd>"));
        let shown = after.and_then(|(_, rest)| rest.split_once("</dd>"));
        shown.map(|(shown, _)| unescape(shown)).unwrap_or_default()
    }

    /// The form that is sent to this path.
    pub fn form_to(&self, path: &str) -> Form {
        let all = self.text.split("<form").skip(1);
        let mut fitting = all.filter(|form| {
            let (opening, _) = form.split_once('>').unwrap();
            let action = attribute(opening, "action").unwrap_or_default();
            action.split('?').next() == Some(path)
        });
        let found = fitting.next();
        let found = found.unwrap_or_else(|| panic!("no form to {path}: {}", self.text));
        let page = Self {
            url: self.url.clone(),
            status: self.status,
            headers: HeaderMap::new(),
            text: format!("<form{found}"),
        };
        page.form()
    }

    /// The first form; an action of `?` or none is the page's own address.
    pub fn form(&self) -> Form {
        let (_, rest) = self.text.split_once("<form").expect(&self.text);
        let (form, _) = rest.split_once("</form>").unwrap();
        let (opening, inside) = form.split_once('>').unwrap();
        let action = attribute(opening, "action").unwrap_or_default();
        let mut action_url = self.url.clone();
        match action.as_str() {
            "" => {}
            "?" => action_url.set_query(None),
            other => action_url = self.url.join(other).unwrap(),
        }
        let inputs = inside.split("<input").skip(1);
        let fields = inputs.filter_map(|input| {
            let (input, _) = input.split_once('>')?;
            let value = attribute(input, "value").unwrap_or_default();
            Some((attribute(input, "name")?, value))
        });
        Form {
            action: action_url.to_string(),
            fields: fields.collect(),
        }
    }
}

impl Form {
    /// This form with one field filled in.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(field, _)| field != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| unescape(value))
}

fn unescape(text: &str) -> String {
    text.replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#34;", "\"")
        .replace("&#38;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#x3D;", "=")
        .replace("&#x2F;", "/")
        .replace("&amp;", "&")
}
