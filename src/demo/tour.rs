//! The main job from end to end, done by an outsider over HTTP and told line by line.

use serde_json::Value;
use serde_json::json;

use crate::demo::DemoError;
use crate::demo::OidcClient;
use crate::demo::api_client::ApiClient;
use crate::demo::api_client::http_client;
use crate::demo::api_client::text;
use crate::demo::application::Guide;
use crate::demo::application::RETURN_PATH;
use crate::demo::browser::Browser;
use crate::demo::commands::commands;
use crate::demo::directory::Directory;
use crate::demo::directory::push_group;
use crate::demo::directory::push_person;
use crate::demo::explain::Names;
use crate::demo::explain::roles;
use crate::demo::oidc_provider;
use crate::demo::people::DemoPerson;
use crate::demo::people::acme;
use crate::demo::saml_idp;
use crate::outbound::http_client::BODY_LIMIT;
use crate::outbound::http_client::HttpClient;
use crate::protocol::saml::IdentityProvider;

const DIRECTORY: &str = "Acme's directory";
const SAML: &str = "Acme's SAML identity provider";
const OIDC: &str = "Acme's OpenID provider";
const GROUP: &str = "Engineering";

/// What an outsider has been given.
#[derive(Clone)]
pub struct Access {
    /// The public origin.
    pub origin: String,
    /// The project's id.
    pub project_id: String,
    /// Its secret.
    pub secret: String,
    /// Its public token.
    pub public_token: String,
    /// The client that the OpenID provider knows.
    pub oidc_client: OidcClient,
}

/// What the tour leaves behind.
pub struct Toured {
    /// For the sample application.
    pub guide: Guide,
    /// Three commands to try, each with what it shows.
    pub curl: [(&'static str, String); 3],
}

struct Tour<'t> {
    access: &'t Access,
    http: HttpClient,
    api: ApiClient,
    organization: String,
    names: Names,
    tell: &'t dyn Fn(&str),
}

/// Sets Acme up, pushes its people, signs two of them in.
pub async fn run(access: &Access, tell: &dyn Fn(&str)) -> Result<Toured, DemoError> {
    let http = http_client(&access.origin)?;
    let credentials = (access.project_id.as_str(), access.secret.as_str());
    let api = ApiClient::management(http.clone(), &access.origin, credentials);
    let mut tour = Tour {
        access,
        http,
        api,
        organization: String::new(),
        names: Names::new(),
        tell,
    };
    tour.organization = tour.found().await?;
    let directory = tour.connect_directory().await?;
    let (ana, bo) = (person("Ana")?, person("Bo")?);
    let saml = tour.connect_saml().await?;
    tour.sign_in(&saml, &ana, SAML).await?;
    let oidc = tour.connect_oidc().await?;
    tour.sign_in(&oidc, &bo, OIDC).await?;
    let curl = commands(access, &tour.organization, &directory);
    let guide = tour.guide(vec![("SAML", saml), ("OpenID Connect", oidc)]);
    Ok(Toured { guide, curl })
}

fn person(given_name: &str) -> Result<DemoPerson, DemoError> {
    let mut people = acme().into_iter();
    people
        .find(|person| person.given_name == given_name)
        .ok_or_else(|| DemoError(format!("nobody is called {given_name}")))
}

impl Tour<'_> {
    fn say(&self, line: &str) {
        (self.tell)(line);
    }

    async fn found(&self) -> Result<String, DemoError> {
        let body = json!({
            "organization_name": "Acme",
            "organization_slug": "acme",
            "sso_jit_provisioning": "ALL_ALLOWED",
        });
        let created = self.api.post("/v1/b2b/organizations", &body).await?;
        let id = text(&created, "/organization/organization_id")?;
        self.say(&format!("The organization Acme is there: {id}"));
        Ok(id.to_owned())
    }

    async fn connect_directory(&mut self) -> Result<Directory, DemoError> {
        let path = format!("/v1/b2b/scim/{}/connection", self.organization);
        let body = json!({ "display_name": DIRECTORY, "identity_provider": "okta" });
        let created = self.api.post(&path, &body).await?;
        let id = text(&created, "/connection/connection_id")?.to_owned();
        let base_url = text(&created, "/connection/base_url")?.to_owned();
        let token = text(&created, "/connection/bearer_token")?.to_owned();
        self.names.insert(id.clone(), DIRECTORY.to_owned());
        self.say("");
        self.say(&format!("{DIRECTORY} pushes people by SCIM to {base_url}"));
        let scim = ApiClient::scim(self.http.clone(), &base_url, &token);
        let mut pushed = Vec::new();
        for person in acme() {
            pushed.push((push_person(&scim, &person).await?, person));
            if let Some((_, person)) = pushed.last() {
                self.say(&format!(
                    "  pushed {} <{}>",
                    person.full_name(),
                    person.email
                ));
            }
        }
        let in_group = |person: &DemoPerson| person.groups.iter().any(|group| group == GROUP);
        let engineers = pushed.iter().filter(|(_, person)| in_group(person));
        let (ids, names): (Vec<_>, Vec<_>) = engineers
            .map(|(id, person)| (id, person.full_name()))
            .unzip();
        let group = push_group(&scim, GROUP, &ids).await?;
        self.say(&format!(
            "  pushed the group {GROUP}: {}",
            names.join(" and ")
        ));
        let rule = json!({ "scim_group_implicit_role_assignments": [
            { "role_id": "editor", "group_id": group },
        ]});
        self.api.put(&format!("{path}/{id}"), &rule).await?;
        self.say(&format!("  whoever is in {GROUP} is given the role editor"));
        self.names.insert(group, GROUP.to_owned());
        for (_, person) in &pushed {
            self.show_member(person).await?;
        }
        let cleo = pushed
            .iter()
            .find(|(_, person)| person.given_name == "Cleo");
        let cleo = cleo.map(|(id, _)| id.clone()).unwrap_or_default();
        Ok(Directory {
            base_url,
            token,
            cleo,
        })
    }

    async fn show_member(&self, person: &DemoPerson) -> Result<(), DemoError> {
        let answer = self.api.get(&self.member_path(person)).await?;
        let member = answer.get("member").unwrap_or(&Value::Null);
        let held: Vec<_> = roles(member, &self.names)
            .into_iter()
            .map(|(role, _)| role)
            .collect();
        let (name, status) = (text(member, "/name")?, text(member, "/status")?);
        self.say(&format!(
            "  {name} is a member of Acme, {status}, roles: {}",
            held.join(", ")
        ));
        Ok(())
    }

    fn member_path(&self, person: &DemoPerson) -> String {
        let (organization, email) = (&self.organization, &person.email);
        format!("/v1/b2b/organizations/{organization}/member?email_address={email}")
    }

    async fn connect_saml(&mut self) -> Result<String, DemoError> {
        let metadata_url = format!("{}{}/metadata", self.access.origin, saml_idp::BASE_PATH);
        let metadata = self.http.get_text(&metadata_url, BODY_LIMIT).await;
        let metadata = metadata.map_err(|error| DemoError::because("the metadata", error))?;
        let provider = IdentityProvider::from_metadata(&metadata)
            .map_err(|error| DemoError::because("the metadata", error))?;
        let certificate = provider
            .certificates
            .first()
            .map(|certificate| &certificate.pem);
        let settings = json!({
            "display_name": SAML,
            "idp_entity_id": provider.entity_id,
            "idp_sso_url": provider.sso_redirect_url,
            "x509_certificate": certificate,
            "attribute_mapping": {
                "email": "email",
                "first_name": "firstName",
                "last_name": "lastName",
                "groups": "groups",
            },
            "saml_connection_implicit_role_assignments": [{ "role_id": "viewer" }],
        });
        self.connect("saml", SAML, &settings).await
    }

    async fn connect_oidc(&mut self) -> Result<String, DemoError> {
        let client = &self.access.oidc_client;
        let settings = json!({
            "display_name": OIDC,
            "issuer": format!("{}{}", self.access.origin, oidc_provider::BASE_PATH),
            "client_id": client.id,
            "client_secret": client.secret,
            "connection_implicit_role_assignments": [{ "role_id": "viewer" }],
        });
        self.connect("oidc", OIDC, &settings).await
    }

    /// Makes a connection, fills it in, and gives the URL that begins a sign-in through it.
    async fn connect(
        &mut self,
        kind: &str,
        name: &str,
        settings: &Value,
    ) -> Result<String, DemoError> {
        let path = format!("/v1/b2b/sso/{kind}/{}", self.organization);
        let created = self.api.post(&path, &json!({})).await?;
        let id = text(&created, "/connection/connection_id")?.to_owned();
        let updated = self
            .api
            .put(&format!("{path}/connections/{id}"), settings)
            .await?;
        let status = text(&updated, "/connection/status")?;
        self.say("");
        self.say(&format!("{name} is connected: {id}, {status}"));
        self.names.insert(id.clone(), name.to_owned());
        let (origin, token) = (&self.access.origin, &self.access.public_token);
        Ok(format!(
            "{origin}/v1/public/sso/start?connection_id={id}&public_token={token}"
        ))
    }

    async fn sign_in(&self, start: &str, person: &DemoPerson, at: &str) -> Result<(), DemoError> {
        let mut browser = Browser::new(self.http.clone());
        let return_url = format!("{}{RETURN_PATH}", self.access.origin);
        let returned = browser.sign_in(start, &person.email, &return_url).await?;
        let token = returned.query_pairs().find(|(name, _)| name == "token");
        let token = token
            .map(|(_, token)| token.into_owned())
            .unwrap_or_default();
        self.say(&format!(
            "  {} signed in there and came back with a token",
            person.full_name()
        ));
        let answer = self.guide(Vec::new()).authenticate(&token).await?;
        let member = answer.get("member").unwrap_or(&Value::Null);
        let (name, email) = (text(member, "/name")?, text(member, "/email_address")?);
        self.say(&format!(
            "  the application redeemed it and now knows {name} <{email}>:"
        ));
        for (role, why) in roles(member, &self.names) {
            self.say(&format!("    role {role:<14} {why}"));
        }
        let expires_at = text(&answer, "/member_session/expires_at")?;
        self.say(&format!(
            "  the session through {at} lasts until {expires_at}"
        ));
        Ok(())
    }

    fn guide(&self, sign_ins: Vec<(&'static str, String)>) -> Guide {
        Guide {
            api: self.api.clone(),
            names: self.names.clone(),
            sign_ins,
        }
    }
}
