//! One organization never sees or touches another's: each route, with what belongs to others in each
//! place, answers as if that did not exist, and changes nothing.

use serde_json::Value;

use crate::every_route;
use crate::every_route::Guard;
use crate::every_route::Route;
use crate::support::Answer;
use crate::support::TestGateway;

mod calls;
mod directory;
mod public;
pub mod rows;
mod tenant;

use rows::Rows;
use tenant::Tenant;

/// Two organizations of the project and one of another project, all furnished alike.
struct World {
    gateway: TestGateway,
    own: Tenant,
    neighbour: Tenant,
    stranger: Tenant,
    rows: Rows,
}

impl World {
    async fn furnish() -> Self {
        let gateway = TestGateway::start().await;
        let own = Tenant::furnish(&gateway, "own").await;
        let neighbour = Tenant::furnish(&gateway, "neighbour").await;
        let stranger = Tenant::furnish(&gateway, "stranger").await;
        let (project, _) = gateway.another_project().await;
        let mut rows = Rows::of(gateway.storage.database());
        let id: vestibule::domain::id::OrganizationId =
            stranger.get("organization_id").parse().unwrap();
        rows.execute(&format!(
            "UPDATE organizations SET project_id = '{project}' WHERE id = '{}'",
            id.key()
        ));
        Self {
            gateway,
            own,
            neighbour,
            stranger,
            rows,
        }
    }

    fn others(&mut self) -> (Vec<String>, Vec<String>) {
        (
            self.rows.of_tenant(&self.neighbour),
            self.rows.of_tenant(&self.stranger),
        )
    }

    /// Sends the request of a tenant, with the credentials of the project and perhaps a session.
    async fn send(&self, call: &Call<'_>, tenant: &Tenant, session: Option<&str>) -> Answer {
        let address = format!("{}{}", self.gateway.base_url, fill(&call.path, tenant));
        let mut url = url::Url::parse(&address).unwrap();
        let body: Value = serde_json::from_str(&fill(&call.body.to_string(), tenant)).unwrap();
        let has_query = call.route.method == "GET";
        for (name, value) in body.as_object().unwrap().iter().filter(|_| has_query) {
            url.query_pairs_mut()
                .append_pair(name, value.as_str().unwrap());
        }
        let mut request = self.gateway.http.request(call.route.method(), url);
        request = request.basic_auth(&self.gateway.project_id, Some(&self.gateway.secret));
        if let Some(session) = session {
            request = request.header("X-Stytch-Member-Session", session);
        }
        if !has_query {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        self.gateway.send(request).await
    }
}

/// One request, with names where its ids go.
struct Call<'r> {
    route: &'r Route,
    path: String,
    body: Value,
}

impl<'r> Call<'r> {
    fn all(route: &'r Route) -> Vec<Self> {
        let mut path = String::new();
        for segment in route.path.split('/').skip(1) {
            let place = segment
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'));
            let named = place.map_or(segment, |place| calls::in_path(route, place));
            path = format!("{path}/{named}");
        }
        let bodies = calls::bodies(route).into_iter();
        bodies
            .map(|body| Self {
                route,
                path: path.clone(),
                body,
            })
            .collect()
    }

    /// The names in it, each with whether the whole project may be named there.
    fn places(&self, tenant: &Tenant) -> Vec<(&'static str, bool)> {
        let text = format!("{} {}", self.path, self.body);
        let mut places = Vec::new();
        for name in tenant.names() {
            if text.contains(&format!("<<{name}>>")) {
                places.push((*name, true));
            } else if text.contains(&format!("<{name}>")) {
                places.push((*name, false));
            }
        }
        places
    }
}

fn fill(text: &str, tenant: &Tenant) -> String {
    let mut filled = text.to_owned();
    for name in tenant.names() {
        filled = filled.replace(&format!("<<{name}>>"), tenant.get(name));
        filled = filled.replace(&format!("<{name}>"), tenant.get(name));
    }
    filled
}

/// What an answer tells, apart from the words that the request brought, its id and the instants.
fn told(answer: &Answer, asked: &[&Tenant]) -> (u16, String) {
    let mut body = answer.body.clone();
    forget_moments(&mut body);
    let mut text = body.to_string();
    for tenant in asked {
        for value in tenant.values() {
            text = text.replace(value, "…");
        }
    }
    (answer.status, text)
}

fn forget_moments(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| name != "request_id" && !name.ends_with("_at"));
            fields.values_mut().for_each(forget_moments);
        }
        Value::Array(values) => values.iter_mut().for_each(forget_moments),
        _ => {}
    }
}

fn project_routes() -> Vec<Route> {
    let mut routes = every_route::management();
    routes.retain(|route| route.guard == Guard::Project);
    routes
}

/// Without what is kept of refusals, for whoever asks why.
fn unexplained(mut rows: Vec<String>) -> Vec<String> {
    rows.retain(|row| !row.starts_with("journal: ") || !row.contains("sign_in.refused"));
    rows
}

#[actix_web::test]
async fn what_belongs_to_others_is_as_good_as_missing_in_each_place() {
    let mut world = World::furnish().await;
    let missing = world.own.missing();
    let before = world.others();
    let mut compared = 0;
    for route in project_routes() {
        for call in Call::all(&route) {
            for (name, in_project) in call.places(&world.own) {
                let absent = world.own.with(name, missing.get(name));
                let expected = told(&world.send(&call, &absent, None).await, &[&absent]);
                let untouched = unexplained(world.rows.of_tenant(&world.own));
                for other in [&world.neighbour, &world.stranger] {
                    if in_project && other.get("organization_slug") == "neighbour" {
                        continue;
                    }
                    let foreign = world.own.with(name, other.get(name));
                    let answer = world.send(&call, &foreign, None).await;
                    let found = told(&answer, &[&foreign]);
                    let place = (&route.call, name, other.get("organization_slug"));
                    assert_eq!(found, expected, "{place:?}: {}", answer.text);
                    compared += 1;
                }
                if expected.0 >= 400 {
                    assert_eq!(
                        unexplained(world.rows.of_tenant(&world.own)),
                        untouched,
                        "{} {name}",
                        route.call
                    );
                }
            }
        }
        assert_eq!(world.others(), before, "{}", route.call);
    }
    assert!(compared > 60, "{compared}");
}

#[actix_web::test]
async fn a_member_of_another_organization_is_told_of_no_other() {
    let mut world = World::furnish().await;
    let missing = world.own.missing();
    let session = world.neighbour.get("admin_token").to_owned();
    let before = (
        world.rows.of_tenant(&world.own),
        world.rows.of_tenant(&world.stranger),
    );
    for route in project_routes() {
        for call in Call::all(&route) {
            if call.places(&world.own).is_empty() {
                continue;
            }
            let expected = world.send(&call, &missing, Some(&session)).await;
            for target in [&world.own, &world.stranger] {
                let answer = world.send(&call, target, Some(&session)).await;
                let (found, wanted) = (told(&answer, &[target]), told(&expected, &[&missing]));
                assert_eq!(found, wanted, "{}", route.call);
            }
            let named = route.path.contains("{organization_id}");
            if named && every_route::takes_member_session(&route) {
                let refusal = (
                    expected.status,
                    expected.body["error_type"].as_str().unwrap(),
                );
                let tenancy = (403, "session_authorization_tenancy_error");
                assert_eq!(refusal, tenancy, "{}", route.call);
            }
        }
        let after = (
            world.rows.of_tenant(&world.own),
            world.rows.of_tenant(&world.stranger),
        );
        assert_eq!(after, before, "{}", route.call);
    }
}
