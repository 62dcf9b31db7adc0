//! Any history of sign-ins, switches, extensions, revocations, departures and returns, on two nodes,
//! with a clock that may be set back: a session works if and only if a model of a few lines says so.
//! `PROPTEST_CASES` says how many histories there are.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use proptest::collection::vec;
use proptest::prelude::Strategy;
use proptest::prelude::prop_oneof;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use serde_json::json;

use crate::journeys::bag::bag;
use crate::journeys::bag::link;
use crate::journeys::bag::text;
use crate::journeys::bag::told;
use crate::support::Answer;
use crate::support::Node;
use crate::support::TestGateway;

const HISTORIES: usize = 10;
/// Who there is, and whether a directory says who is in.
const PEOPLE: [(&str, bool); 2] = [("ana", false), ("ben", true)];

/// How a session is named when it is ended.
#[derive(Clone, Copy, Debug)]
enum Name {
    Token,
    Jwt,
    Id,
}

/// Numbers stand for one of those that there are, counted round.
#[derive(Clone, Copy, Debug)]
enum Step {
    SignIn { member: usize, minutes: i64 },
    Switch { session: usize, minutes: i64 },
    Extend { session: usize, minutes: i64 },
    Revoke { session: usize, name: Name },
    RevokeAll { member: usize },
    Leave { member: usize },
    Return { member: usize },
    Wait { minutes: i64 },
    SetBack { minutes: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let number = 0..100_usize;
    let minutes = select(vec![7_i64, 13, 29, 61]);
    let name = select(vec![Name::Token, Name::Jwt, Name::Id]);
    let session = || (number.clone(), minutes.clone());
    prop_oneof![
        4 => session().prop_map(|(member, minutes)| Step::SignIn { member, minutes }),
        2 => session().prop_map(|(session, minutes)| Step::Switch { session, minutes }),
        2 => session().prop_map(|(session, minutes)| Step::Extend { session, minutes }),
        2 => (number.clone(), name).prop_map(|(session, name)| Step::Revoke { session, name }),
        1 => number.clone().prop_map(|member| Step::RevokeAll { member }),
        1 => number.clone().prop_map(|member| Step::Leave { member }),
        1 => number.prop_map(|member| Step::Return { member }),
        2 => select(vec![1_i64, 4, 11, 30]).prop_map(|minutes| Step::Wait { minutes }),
        1 => select(vec![1_i64, 6, 17]).prop_map(|minutes| Step::SetBack { minutes }),
    ]
}

struct Person {
    organization: usize,
    address: String,
    id: String,
    is_gone: bool,
    pushed: Option<Pushed>,
}

/// Somebody's place in a directory, and the token with which it is changed.
struct Pushed {
    path: String,
    token: String,
}

struct Opened {
    member: usize,
    token: String,
    jwt: String,
    id: String,
    ends: DateTime<Utc>,
    is_ended: bool,
    /// It was ended when it was over; nobody says whether a clock that is set back finds it again.
    is_unsaid: bool,
}

/// Two people, each a member of both organizations, and what the model knows of their sessions.
struct World {
    nodes: [String; 2],
    _node: Node,
    gateway: TestGateway,
    organizations: Vec<String>,
    members: Vec<Person>,
    sessions: Vec<Opened>,
    turn: usize,
}

impl World {
    async fn begin() -> Self {
        let gateway = TestGateway::start().await;
        let node = gateway.another_node();
        Self {
            nodes: [gateway.base_url.clone(), node.base_url.clone()],
            _node: node,
            gateway,
            organizations: Vec::new(),
            members: Vec::new(),
            sessions: Vec::new(),
            turn: 0,
        }
    }

    /// Other people in other organizations, so that histories do not know of each other.
    async fn begin_again(&mut self) {
        let run = uuid::Uuid::new_v4().simple().to_string();
        self.organizations.clear();
        self.members.clear();
        self.sessions.clear();
        for organization in 0..2 {
            let name = json!({ "organization_name": format!("{run} {organization}") });
            let made = self.gateway.organization(name).await;
            let id = text(&made, "/organization_id");
            for (person, is_pushed) in PEOPLE {
                let address = format!("{person}@{run}.test");
                let path = format!("/v1/b2b/organizations/{id}/member");
                let (pushed, member) = if is_pushed {
                    let pushed = self.push(&id, &address).await;
                    let path = format!("{path}?email_address={address}");
                    (Some(pushed), self.call("GET", &path, json!({})).await)
                } else {
                    let body = json!({ "email_address": address });
                    (None, self.call("POST", &format!("{path}s"), body).await)
                };
                self.members.push(Person {
                    organization,
                    address,
                    id: text(&member.body, "/member_id"),
                    is_gone: false,
                    pushed,
                });
            }
            self.organizations.push(id);
        }
        for member in 0..self.members.len() {
            self.sign_in(member, 61).await;
        }
    }

    /// Somebody whom a directory puts into an organization.
    async fn push(&mut self, organization: &str, address: &str) -> Pushed {
        let path = format!("/v1/b2b/scim/{organization}/connection");
        let made = self.call("POST", &path, json!({})).await;
        let connection = text(&made.body, "/connection/connection_id");
        let token = text(&made.body, "/connection/bearer_token");
        let path = format!("/v1/b2b/scim/{connection}/Users");
        let body = json!({ "userName": address });
        let user = self.gateway.scim(("POST", &path), &token, Some(body)).await;
        let path = format!("{path}/{}", text(&user.body, "/id"));
        Pushed { path, token }
    }

    /// A call to the nodes by turns.
    async fn call(&mut self, method: &str, path: &str, body: Value) -> Answer {
        self.turn += 1;
        let url = format!("{}{path}", self.nodes[self.turn % 2]);
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.gateway.http.request(method, url).json(&body);
        let secret = Some(&self.gateway.secret);
        let request = request.basic_auth(&self.gateway.project_id, secret);
        self.gateway.send(request).await
    }

    fn works(&self, session: &Opened) -> bool {
        !session.is_ended && self.gateway.now() < session.ends
    }

    /// Whether model and gateway could disagree: about the time, or about what nobody says.
    fn is_close(&self, session: &Opened) -> bool {
        let left = session.ends - self.gateway.now();
        left.abs() < TimeDelta::seconds(20) || (session.is_unsaid && left > TimeDelta::zero())
    }

    fn end(&mut self, session: usize) {
        let it = &self.sessions[session];
        if self.is_close(it) || !self.works(it) {
            self.sessions[session].is_unsaid = !it.is_ended;
        } else {
            self.sessions[session].is_ended = true;
        }
    }

    async fn sign_in(&mut self, member: usize, minutes: i64) {
        let person = &self.members[member];
        let (address, is_gone) = (person.address.clone(), person.is_gone);
        let organization = self.organizations[person.organization].clone();
        let proven = vec![link(&self.gateway, &address)];
        let token = bag(&self.gateway, &address, proven).await;
        let path = "/v1/b2b/discovery/intermediate_sessions/exchange";
        let body = json!({ "intermediate_session_token": token,
            "organization_id": organization, "session_duration_minutes": minutes });
        let answer = self.call("POST", path, body).await;
        if is_gone {
            assert!(answer.status >= 400, "somebody came back: {}", answer.text);
        } else {
            self.note_opened(member, minutes, &answer);
        }
    }

    fn note_opened(&mut self, member: usize, minutes: i64, answer: &Answer) {
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.body["member_id"], self.members[member].id);
        self.sessions.push(Opened {
            member,
            token: text(&answer.body, "/session_token"),
            jwt: text(&answer.body, "/session_jwt"),
            id: text(&answer.body, "/member_session/member_session_id"),
            ends: self.gateway.now() + TimeDelta::minutes(minutes),
            is_ended: false,
            is_unsaid: false,
        });
    }

    /// The same person in the other organization.
    async fn switch(&mut self, session: usize, minutes: i64) {
        let from = &self.sessions[session];
        if self.is_close(from) {
            return;
        }
        let (works, person) = (self.works(from), &self.members[from.member]);
        let is_twin = |other: &Person| {
            other.address == person.address && other.organization != person.organization
        };
        let twin = self.members.iter().position(is_twin).unwrap();
        let is_gone = self.members[twin].is_gone;
        let organization = &self.organizations[self.members[twin].organization];
        let body = json!({ "session_token": from.token, "organization_id": organization,
            "session_duration_minutes": minutes });
        let answer = self.call("POST", "/v1/b2b/sessions/exchange", body).await;
        if works && !is_gone {
            self.note_opened(twin, minutes, &answer);
        } else {
            assert_eq!(answer.status, 404, "{}", answer.text);
        }
    }

    async fn extend(&mut self, session: usize, minutes: i64) {
        let it = &self.sessions[session];
        if self.is_close(it) {
            return;
        }
        let works = self.works(it);
        let body = json!({ "session_token": it.token, "session_duration_minutes": minutes });
        let answer = self
            .call("POST", "/v1/b2b/sessions/authenticate", body)
            .await;
        assert_eq!(answer.status == 200, works, "{}", answer.text);
        if works {
            let ends = self.gateway.now() + TimeDelta::minutes(minutes);
            self.sessions[session].ends = ends;
        }
    }

    async fn revoke(&mut self, session: usize, name: Name) {
        let it = &self.sessions[session];
        let body = match name {
            Name::Token => json!({ "session_token": it.token }),
            Name::Jwt => json!({ "session_jwt": it.jwt }),
            Name::Id => json!({ "member_session_id": it.id }),
        };
        let answer = self.call("POST", "/v1/b2b/sessions/revoke", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.end(session);
    }

    fn end_all_of(&mut self, member: usize) {
        let theirs = self.sessions.iter_mut().filter(|it| it.member == member);
        theirs.for_each(|session| (session.is_ended, session.is_unsaid) = (true, false));
    }

    async fn revoke_all(&mut self, member: usize) {
        let body = json!({ "member_id": self.members[member].id });
        let answer = self.call("POST", "/v1/b2b/sessions/revoke", body).await;
        assert!(answer.status < 500, "{}", answer.text);
        self.end_all_of(member);
    }

    async fn move_member(&mut self, member: usize, leaves: bool) {
        let person = &self.members[member];
        if person.is_gone == leaves {
            return;
        }
        let answer = if let Some(Pushed { path, token }) = &person.pushed {
            let body = json!({ "userName": person.address, "active": !leaves });
            self.gateway.scim(("PUT", path), token, Some(body)).await
        } else {
            let organization = &self.organizations[person.organization];
            let path = format!("/v1/b2b/organizations/{organization}/members/{}", person.id);
            let (method, path) = if leaves {
                ("DELETE", path)
            } else {
                ("PUT", format!("{path}/reactivate"))
            };
            self.call(method, &path, json!({})).await
        };
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.members[member].is_gone = leaves;
        if leaves {
            self.end_all_of(member);
        }
    }

    async fn take(&mut self, step: Step) {
        let sessions = self.sessions.len();
        let member = |number: usize| number % 4;
        match step {
            Step::SignIn {
                member: it,
                minutes,
            } => self.sign_in(member(it), minutes).await,
            Step::Switch { session, minutes } => self.switch(session % sessions, minutes).await,
            Step::Extend { session, minutes } => self.extend(session % sessions, minutes).await,
            Step::Revoke { session, name } => self.revoke(session % sessions, name).await,
            Step::RevokeAll { member: it } => self.revoke_all(member(it)).await,
            Step::Leave { member: it } => self.move_member(member(it), true).await,
            Step::Return { member: it } => self.move_member(member(it), false).await,
            Step::Wait { minutes } => self.gateway.wait(TimeDelta::minutes(minutes)),
            Step::SetBack { minutes } => self.gateway.wait(-TimeDelta::minutes(minutes)),
        }
        // What one node ends, every node knows within a second.
        self.gateway.wait(TimeDelta::seconds(1));
    }

    /// Every session, by its token on one node and by its JWT on the other.
    async fn check(&mut self, history: &str) {
        for number in 0..self.sessions.len() {
            let it = &self.sessions[number];
            if self.is_close(it) {
                continue;
            }
            let (works, member) = (self.works(it), it.member);
            for body in [
                json!({ "session_token": it.token }),
                json!({ "session_jwt": it.jwt }),
            ] {
                let answer = self
                    .call("POST", "/v1/b2b/sessions/authenticate", body)
                    .await;
                if works {
                    assert_eq!(answer.status, 200, "{number} {}: {history}", answer.text);
                    assert_eq!(answer.body["member"]["member_id"], self.members[member].id);
                } else {
                    let refusal = (404, "session_not_found");
                    assert_eq!(told(&answer), refusal, "{number}: {history}");
                }
            }
        }
    }
}

#[actix_web::test]
async fn a_session_works_if_and_only_if_the_model_says_so() {
    let mut runner = TestRunner::default();
    let mut world = World::begin().await;
    let histories = std::env::var("PROPTEST_CASES").ok();
    let histories = histories.map_or(HISTORIES, |number| number.parse().unwrap());
    for _ in 0..histories {
        let history = vec(step(), 5..25).new_tree(&mut runner).unwrap().current();
        world.begin_again().await;
        for (done, step) in history.iter().enumerate() {
            world.take(*step).await;
            world.check(&format!("{:?}", &history[..=done])).await;
        }
    }
}
