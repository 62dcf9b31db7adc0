//! Mail domains that organizations prove by a DNS record.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use crate::support::Answer;
use crate::support::TestGateway;
use crate::support::dns_server::DnsServer;
use crate::support::portal::Portal;
use crate::support::statements;

pub struct World {
    pub gateway: TestGateway,
    pub servers: Vec<DnsServer>,
}

impl World {
    pub async fn start(servers: usize) -> Self {
        let mut started = Vec::new();
        for _ in 0..servers {
            started.push(DnsServer::start().await);
        }
        let addresses: Vec<_> = started.iter().map(|server| server.address).collect();
        Self {
            gateway: TestGateway::start_asking(&addresses).await,
            servers: started,
        }
    }

    pub async fn organization(&self, name: &str) -> String {
        let made = self
            .gateway
            .organization(json!({ "organization_name": name, "organization_slug": name }))
            .await;
        made["organization_id"].as_str().unwrap().to_owned()
    }

    pub async fn claim(&self, organization: &str, domain: &str) -> Answer {
        let path = format!("/v1/b2b/organizations/{organization}/domains");
        self.gateway.post(&path, json!({ "domain": domain })).await
    }

    async fn claimed(&self, organization: &str, domain: &str) -> Value {
        let answer = self.claim(organization, domain).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["domain"].clone()
    }

    /// Puts the record of a claim into the DNS.
    pub fn publish(&self, claim: &Value) {
        let (name, value) = (&claim["record"]["name"], &claim["record"]["value"]);
        let value = value.as_str().unwrap().as_bytes();
        for server in &self.servers {
            server.set(name.as_str().unwrap(), &[b"v=spf1 -all", value]);
        }
    }

    async fn check(&self, organization: &str, domain: &str) -> Value {
        let path = format!("/v1/b2b/organizations/{organization}/domains/{domain}/check");
        let answer = self.gateway.call("POST", &path, None).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["domain"].clone()
    }

    /// Has the record seen twice, a minute apart.
    pub async fn prove(&self, organization: &str, domain: &str) -> Value {
        let once = self.check(organization, domain).await;
        assert_eq!(once["status"], "waiting", "{once}");
        self.gateway.wait(TimeDelta::seconds(61));
        self.check(organization, domain).await
    }

    /// What the worker does within the next minute.
    pub async fn look_twice(&self) {
        self.gateway.look_after_domains().await;
        self.gateway.wait(TimeDelta::seconds(61));
        self.gateway.look_after_domains().await;
    }

    async fn domain(&self, organization: &str) -> Value {
        let path = format!("/v1/b2b/organizations/{organization}/domains");
        let answer = self.gateway.get(&path).await;
        answer.body["domains"][0].clone()
    }

    async fn verified(&self, organization: &str) -> Value {
        let path = format!("/v1/b2b/organizations/{organization}");
        let answer = self.gateway.get(&path).await;
        answer.body["organization"]["verified_email_domains"].clone()
    }

    /// What the journal has about domains, the oldest first.
    async fn told(&self, organization: &str) -> Vec<String> {
        let events = self.gateway.events(organization).await;
        let kinds = events.into_iter().map(|event| event.kind);
        kinds.filter(|kind| kind.starts_with("domain.")).collect()
    }
}

#[actix_web::test]
async fn a_domain_is_proven_by_its_record_and_given_up_again() {
    let world = World::start(1).await;
    let acme = world.organization("acme").await;
    let claim = world.claimed(&acme, " Acme.Test ").await;
    assert_eq!(claim["record"]["name"], "_vestibule-challenge.acme.test");
    assert_eq!(
        world.claimed(&acme, "acme.test").await["record"],
        claim["record"]
    );
    let waiting = world.check(&acme, "acme.test").await;
    assert_eq!(waiting["status"], "waiting");
    assert_eq!(world.verified(&acme).await, json!([]));
    world.publish(&claim);
    let once = world.check(&acme, "acme.test").await;
    assert_eq!(once["status"], "waiting", "{once}");
    assert!(once["seen_at"].is_string(), "{once}");
    world.gateway.wait(TimeDelta::seconds(50));
    let soon = world.check(&acme, "acme.test").await;
    assert_eq!(
        (&soon["status"], &soon["seen_at"]),
        (&json!("waiting"), &once["seen_at"])
    );
    assert_eq!(world.verified(&acme).await, json!([]));
    world.gateway.wait(TimeDelta::seconds(11));
    let proven = world.check(&acme, "acme.test").await;
    assert_eq!(proven["status"], "verified", "{proven}");
    assert_eq!(proven["seen_at"], Value::Null);
    assert_eq!(proven["last_look"]["found_instead"], json!(["v=spf1 -all"]));
    assert_eq!(world.verified(&acme).await, json!(["acme.test"]));
    let path = format!("/v1/b2b/organizations/{acme}/domains/acme.test");
    let gone = world.gateway.call("DELETE", &path, None).await;
    assert_eq!(gone.status, 200, "{}", gone.text);
    assert_eq!(world.verified(&acme).await, json!([]));
    let again = world.gateway.call("DELETE", &path, None).await;
    assert_eq!(again.body["error_type"], "domain_not_found");
    let told = ["domain.claimed", "domain.verified", "domain.released"];
    assert_eq!(world.told(&acme).await, told);
}

#[actix_web::test]
async fn a_record_that_only_one_resolver_sees_proves_nothing_yet() {
    let world = World::start(2).await;
    let acme = world.organization("acme").await;
    let claim = world.claimed(&acme, "acme.test").await;
    world.publish(&claim);
    world.servers[1].set("_vestibule-challenge.acme.test", &[]);
    let seen = |proof: &Value| {
        let look = &proof["last_look"];
        let number = |name: &str| look[name].as_u64().unwrap();
        (
            number("resolvers_that_saw_it"),
            number("resolvers_answered"),
            number("resolvers_asked"),
        )
    };
    let one = world.check(&acme, "acme.test").await;
    assert_eq!((seen(&one), &one["status"]), ((1, 2, 2), &json!("waiting")));
    world.servers[1].set_silent(true);
    for _ in 0..2 {
        let one = world.check(&acme, "acme.test").await;
        assert_eq!((seen(&one), &one["status"]), ((1, 1, 2), &json!("waiting")));
        assert_eq!(one["seen_at"], Value::Null);
        world.gateway.wait(TimeDelta::seconds(61));
    }
    world.servers[1].set_silent(false);
    world.publish(&claim);
    assert_eq!(world.prove(&acme, "acme.test").await["status"], "verified");
}

#[actix_web::test]
async fn what_is_found_instead_is_told_whatever_it_is() {
    let world = World::start(1).await;
    let acme = world.organization("acme").await;
    world.claimed(&acme, "acme.test").await;
    let long = "ü".repeat(5_000);
    let texts: [&[u8]; 4] = [
        b"<script>alert(1)</script>\"'",
        "\u{202e}emca".as_bytes(),
        &[0xff, 0xfe, 0],
        b"vestibule-domain-verification=wrong",
    ];
    world.servers[0].set("_vestibule-challenge.acme.test", &texts);
    let proof = world.check(&acme, "acme.test").await;
    assert_eq!(proof["status"], "waiting");
    let found = proof["last_look"]["found_instead"].as_array().unwrap();
    assert_eq!(found[0], "<script>alert(1)</script>\"'");
    assert_eq!(found.len(), 4);
    world.servers[0].set(
        "_vestibule-challenge.acme.test",
        &[&long.as_bytes()[..1000]],
    );
    let proof = world.check(&acme, "acme.test").await;
    let kept = proof["last_look"]["found_instead"][0].as_str().unwrap();
    assert_eq!(kept.chars().count(), 300);
}

#[actix_web::test]
async fn what_nobody_owns_alone_is_no_organization_s_domain() {
    let world = World::start(1).await;
    let acme = world.organization("acme").await;
    for (domain, error_type) in [
        (
            "gmail.com",
            "organization_settings_claimed_domain_too_common",
        ),
        ("co.uk", "organization_settings_invalid_claimed_domain"),
        ("", "organization_settings_invalid_claimed_domain"),
        ("<script>", "organization_settings_invalid_claimed_domain"),
        ("mailinator.com", "organization_settings_disposable_domain"),
    ] {
        let answer = world.claim(&acme, domain).await;
        assert_eq!(answer.body["error_type"], error_type, "{}", answer.text);
    }
    let endless = world.claim(&acme, &"a".repeat(10_240)).await;
    assert_eq!(endless.status, 400, "{}", endless.text);
}

#[actix_web::test]
async fn three_days_without_the_record_suspend_a_domain_until_it_is_back() {
    let world = World::start(1).await;
    let acme = world.organization("acme").await;
    let claim = world.claimed(&acme, "acme.test").await;
    world.publish(&claim);
    world.look_twice().await;
    assert_eq!(world.domain(&acme).await["status"], "verified");
    let name = "_vestibule-challenge.acme.test";
    world.servers[0].set(name, &[]);
    world.servers[0].asked();
    world.gateway.look_after_domains().await;
    assert_eq!(world.servers[0].asked(), 0, "it is looked at once a day");
    for misses in 1..=3 {
        assert_eq!(world.verified(&acme).await, json!(["acme.test"]));
        world
            .gateway
            .wait(TimeDelta::days(1) + TimeDelta::seconds(1));
        world.gateway.look_after_domains().await;
        assert_eq!(world.domain(&acme).await["misses"], misses);
    }
    assert_eq!(world.domain(&acme).await["status"], "suspended");
    assert_eq!(world.verified(&acme).await, json!([]));
    world.publish(&claim);
    world.gateway.wait(TimeDelta::hours(2));
    world.look_twice().await;
    assert_eq!(world.verified(&acme).await, json!(["acme.test"]));
    let told = [
        "domain.claimed",
        "domain.verified",
        "domain.suspended",
        "domain.verified",
    ];
    assert_eq!(world.told(&acme).await, told);
}

#[actix_web::test]
async fn resolvers_that_are_away_suspend_nobody() {
    let world = World::start(1).await;
    let acme = world.organization("acme").await;
    let claim = world.claimed(&acme, "acme.test").await;
    world.publish(&claim);
    world.look_twice().await;
    world.servers[0].set_silent(true);
    world
        .gateway
        .wait(TimeDelta::days(1) + TimeDelta::seconds(1));
    world.gateway.look_after_domains().await;
    let domain = world.domain(&acme).await;
    assert_eq!(
        (&domain["misses"], &domain["status"]),
        (&json!(0), &json!("verified"))
    );
    assert_eq!(domain["last_look"]["resolvers_answered"], 0);
}

#[actix_web::test]
async fn of_two_organizations_that_prove_one_domain_at_once_one_has_it() {
    let world = World::start(1).await;
    let (acme, globex) = (
        world.organization("acme").await,
        world.organization("globex").await,
    );
    let claims = [
        world.claimed(&acme, "acme.test").await,
        world.claimed(&globex, "acme.test").await,
    ];
    let values = claims
        .each_ref()
        .map(|it| it["record"]["value"].as_str().unwrap());
    let name = "_vestibule-challenge.acme.test";
    world.servers[0].set(name, &[values[0].as_bytes(), values[1].as_bytes()]);
    for organization in [&acme, &globex] {
        world.check(organization, "acme.test").await;
    }
    world.gateway.wait(TimeDelta::seconds(61));
    let (one, other) = tokio::join!(
        world.check(&acme, "acme.test"),
        world.check(&globex, "acme.test")
    );
    let mut states = [&one, &other].map(|it| it["status"].as_str().unwrap());
    states.sort_unstable();
    assert_eq!(states, ["verified", "waiting"]);
    let (winner, loser) = if one["status"] == "verified" {
        (&acme, &globex)
    } else {
        (&globex, &acme)
    };
    assert_eq!(world.verified(winner).await, json!(["acme.test"]));
    assert_eq!(world.verified(loser).await, json!([]));
    assert_eq!(
        world.domain(loser).await["last_look"]["held_elsewhere"],
        true
    );
    // Nor may the application say that it is the loser's.
    let path = format!("/v1/b2b/organizations/{loser}");
    let body = json!({ "claimed_email_domains": ["acme.test"] });
    let refused = world.gateway.call("PUT", &path, Some(body)).await;
    let error_type = "organization_settings_duplicate_claimed_domain";
    assert_eq!(refused.body["error_type"], error_type);
    // Once it is given up, the next look gives it to the other one.
    let path = format!("/v1/b2b/organizations/{winner}/domains/acme.test");
    world.gateway.call("DELETE", &path, None).await;
    assert_eq!(world.check(loser, "acme.test").await["status"], "verified");
    let again = world.claimed(winner, "acme.test").await;
    assert_eq!(again["last_look"], Value::Null);
}

#[actix_web::test]
async fn nobody_learns_what_others_have_proven_who_has_not_proven_it_too() {
    let world = World::start(1).await;
    let (acme, globex) = (
        world.organization("acme").await,
        world.organization("globex").await,
    );
    let own = world.claimed(&acme, "acme.test").await;
    world.publish(&own);
    world.prove(&acme, "acme.test").await;
    world.servers[0].set("_vestibule-challenge.acme.test", &[]);
    let mut told = Vec::new();
    for domain in ["acme.test", "free.test"] {
        world.claimed(&globex, domain).await;
        let checked = world.check(&globex, domain).await;
        let look = &checked["last_look"];
        told.push((
            checked["status"].clone(),
            checked["seen_at"].clone(),
            look["held_elsewhere"].clone(),
            look["found_instead"].clone(),
        ));
    }
    assert_eq!(told[0], told[1]);
    // Its own record in the DNS is the proof that earns the answer, when it is seen twice.
    let other = world.claimed(&globex, "acme.test").await;
    world.publish(&other);
    let once = world.check(&globex, "acme.test").await;
    assert_eq!(once["last_look"]["held_elsewhere"], false);
    world.gateway.wait(TimeDelta::seconds(61));
    let twice = world.check(&globex, "acme.test").await;
    assert_eq!(twice["last_look"]["held_elsewhere"], true);
    assert_eq!(twice["status"], "waiting");
}

#[actix_web::test]
async fn whoever_claims_most_does_not_keep_others_waiting() {
    let world = World::start(1).await;
    let (greedy, modest) = (
        world.organization("greedy").await,
        world.organization("modest").await,
    );
    for n in 0..60 {
        world.claimed(&greedy, &format!("greedy{n}.test")).await;
    }
    world.claimed(&modest, "modest.test").await;
    world.gateway.look_after_domains().await;
    let domain = world.domain(&modest).await;
    assert!(domain["last_look"].is_object(), "{domain}");
}

#[actix_web::test]
async fn an_organization_has_sixty_checks_an_hour() {
    let world = World::start(1).await;
    let (acme, globex) = (
        world.organization("acme").await,
        world.organization("globex").await,
    );
    for organization in [&acme, &globex] {
        world.claimed(organization, "acme.test").await;
    }
    for _ in 0..60 {
        world.check(&acme, "acme.test").await;
    }
    let path = format!("/v1/b2b/organizations/{acme}/domains/acme.test/check");
    let refused = world.gateway.call("POST", &path, None).await;
    assert_eq!(refused.status, 429, "{}", refused.text);
    assert!(refused.headers.contains_key("retry-after"));
    world.check(&globex, "acme.test").await;
    let portal = Portal::open(&world.gateway, &acme).await;
    let form = [("domain", "acme.test")];
    let page = portal
        .post(&world.gateway, "/portal/domains/check", &form)
        .await;
    assert_eq!(page.status, 429, "{}", page.text);
    assert!(page.text.contains("That was too often"), "{}", page.text);
    world.gateway.wait(TimeDelta::minutes(61));
    world.check(&acme, "acme.test").await;
}

#[actix_web::test]
async fn of_several_nodes_one_looks() {
    let world = World::start(1).await;
    let acme = world.organization("acme").await;
    for n in 0..5 {
        world.claimed(&acme, &format!("acme{n}.test")).await;
    }
    world.servers[0].asked();
    let other = world.gateway.another_node();
    tokio::join!(
        world.gateway.look_after_domains(),
        other.look_after_domains()
    );
    assert_eq!(world.servers[0].asked(), 5);
}

#[actix_web::test]
async fn what_is_due_is_taken_in_a_fixed_number_of_statements() {
    let world = World::start(1).await;
    let mut counts = Vec::new();
    for number in [1, 10] {
        let name = format!("org{number}");
        let organization = world.organization(&name).await;
        for n in 0..number {
            world
                .claimed(&organization, &format!("{name}-{n}.test"))
                .await;
        }
        world.gateway.wait(TimeDelta::seconds(20));
        statements::heard(world.gateway.storage.database());
        world.gateway.claim_due_domains().await;
        let heard = statements::heard(world.gateway.storage.database());
        counts.push(
            heard
                .into_iter()
                .filter(|it| it.contains("domain_proofs"))
                .count(),
        );
    }
    assert_eq!(counts, [2, 2]);
}

#[actix_web::test]
async fn a_proven_domain_counts_as_a_claimed_one() {
    let world = World::start(1).await;
    let (acme, globex) = (
        world.organization("acme").await,
        world.organization("globex").await,
    );
    let claim = world.claimed(&acme, "acme.test").await;
    let invite = || json!({ "organization_id": globex, "email_address": "ana@acme.test" });
    let path = "/v1/b2b/magic_links/email/invite";
    assert_eq!(world.gateway.post(path, invite()).await.status, 200);
    world.publish(&claim);
    world.prove(&acme, "acme.test").await;
    let body = json!({ "organization_id": globex, "email_address": "bea@acme.test" });
    let refused = world.gateway.post(path, body).await;
    assert_eq!(
        refused.body["error_type"],
        "action_not_allowed_email_domain_is_claimed"
    );
}

#[actix_web::test]
async fn members_claim_domains_by_their_right_alone() {
    let world = World::start(1).await;
    let acme = world.organization("acme").await;
    let right = ("stytch.organization", "update.settings.allowed-domains");
    world.gateway.declare_role("keeper", &[right]).await;
    let path = format!("/v1/b2b/organizations/{acme}/domains");
    let body = || Some(json!({ "domain": "acme.test" }));
    let plain = world.gateway.member_session(&acme, &[]).await;
    let refused = world.gateway.call_as(&plain, ("POST", &path), body()).await;
    assert_eq!(refused.body["error_type"], "session_authorization_error");
    let keeper = world.gateway.member_session(&acme, &["keeper"]).await;
    let claimed = world
        .gateway
        .call_as(&keeper, ("POST", &path), body())
        .await;
    assert_eq!(claimed.status, 200, "{}", claimed.text);
}
