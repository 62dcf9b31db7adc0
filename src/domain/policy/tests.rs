use chrono::DateTime;

use super::Decision::Admit;
use super::Decision::Create;
use super::*;
use crate::domain::email::EmailAddress;
use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::id::OrganizationId;
use crate::domain::metadata::Metadata;

struct Case {
    name: &'static str,
    settings: fn(ConnectionId) -> AuthenticationSettings,
    member: Option<fn(&mut Member)>,
    retired: bool,
    claimed: bool,
    inactive: bool,
    expected: Result<Decision, Refusal>,
}

fn open(_: ConnectionId) -> AuthenticationSettings {
    AuthenticationSettings::default()
}

fn jit_closed(_: ConnectionId) -> AuthenticationSettings {
    AuthenticationSettings {
        sso_jit_provisioning: Door::NotAllowed,
        ..Default::default()
    }
}

fn jit_for_this(connection: ConnectionId) -> AuthenticationSettings {
    AuthenticationSettings {
        sso_jit_provisioning: Door::Restricted,
        sso_jit_provisioning_allowed_connections: vec![connection],
        ..Default::default()
    }
}

fn jit_for_another(_: ConnectionId) -> AuthenticationSettings {
    jit_for_this(ConnectionId::fresh(ConnectionKind::Saml))
}

fn domains_of_others(_: ConnectionId) -> AuthenticationSettings {
    AuthenticationSettings {
        email_allowed_domains: vec!["other.test".into()],
        ..Default::default()
    }
}

fn passwords_only(_: ConnectionId) -> AuthenticationSettings {
    AuthenticationSettings {
        auth_methods: Methods::Restricted,
        allowed_auth_methods: vec![AuthMethod::Password],
        ..Default::default()
    }
}

fn sso_only(_: ConnectionId) -> AuthenticationSettings {
    AuthenticationSettings {
        auth_methods: Methods::Restricted,
        allowed_auth_methods: vec![AuthMethod::Sso],
        ..Default::default()
    }
}

const fn case(
    name: &'static str,
    settings: fn(ConnectionId) -> AuthenticationSettings,
    member: Option<fn(&mut Member)>,
    expected: Result<Decision, Refusal>,
) -> Case {
    Case {
        name,
        settings,
        member,
        retired: false,
        claimed: false,
        inactive: false,
        expected,
    }
}

fn table() -> Vec<Case> {
    let active: Option<fn(&mut Member)> = Some(|_| {});
    let pending: Option<fn(&mut Member)> = Some(|m| m.status = MemberStatus::Pending);
    let invited: Option<fn(&mut Member)> = Some(|m| m.status = MemberStatus::Invited);
    let glass: Option<fn(&mut Member)> = Some(|m| m.is_breakglass = true);
    let deleted: Option<fn(&mut Member)> = Some(|m| m.status = MemberStatus::Deleted);
    let removed: Option<fn(&mut Member)> = Some(|m| {
        m.status = MemberStatus::Deleted;
        m.removed_by_directory = true;
    });
    let removed_glass: Option<fn(&mut Member)> = Some(|m| {
        m.status = MemberStatus::Deleted;
        m.removed_by_directory = true;
        m.is_breakglass = true;
    });
    vec![
        case("open, unknown", open, None, Ok(Create)),
        case("open, active", open, active, Ok(Admit)),
        case("open, pending", open, pending, Ok(Admit)),
        case("open, invited", open, invited, Ok(Admit)),
        case("open, deleted", open, deleted, Err(Refusal::MemberDeleted)),
        case(
            "open, removed",
            open,
            removed,
            Err(Refusal::RemovedByDirectory),
        ),
        case(
            "open, removed break glass",
            open,
            removed_glass,
            Err(Refusal::RemovedByDirectory),
        ),
        case(
            "jit closed, unknown",
            jit_closed,
            None,
            Err(Refusal::JitNotAllowed),
        ),
        case("jit closed, active", jit_closed, active, Ok(Admit)),
        case("jit for this connection", jit_for_this, None, Ok(Create)),
        case(
            "jit for another, unknown",
            jit_for_another,
            None,
            Err(Refusal::ConnectionNotAllowedForJit),
        ),
        case(
            "jit for another, active",
            jit_for_another,
            active,
            Ok(Admit),
        ),
        case(
            "allowed domains are not asked for sso",
            domains_of_others,
            None,
            Ok(Create),
        ),
        case(
            "passwords only, unknown",
            passwords_only,
            None,
            Err(Refusal::MethodNotAllowed),
        ),
        case(
            "passwords only, active",
            passwords_only,
            active,
            Err(Refusal::MethodNotAllowed),
        ),
        case(
            "passwords only, break glass",
            passwords_only,
            glass,
            Ok(Admit),
        ),
        case("sso only, active", sso_only, active, Ok(Admit)),
        case("sso only, unknown", sso_only, None, Ok(Create)),
        Case {
            retired: true,
            ..case("retired, unknown", open, None, Err(Refusal::EmailRetired))
        },
        Case {
            claimed: true,
            ..case("claimed, unknown", open, None, Err(Refusal::DomainClaimed))
        },
        Case {
            claimed: true,
            ..case("claimed, active", open, active, Ok(Admit))
        },
        Case {
            inactive: true,
            ..case("inactive, active", open, active, Ok(Admit))
        },
        Case {
            inactive: true,
            ..case(
                "inactive, unknown, no method",
                passwords_only,
                None,
                Err(Refusal::RemovedByDirectory),
            )
        },
        Case {
            claimed: true,
            inactive: true,
            ..case("claimed first", open, None, Err(Refusal::DomainClaimed))
        },
        Case {
            retired: true,
            claimed: true,
            inactive: true,
            ..case(
                "retired first",
                jit_closed,
                None,
                Err(Refusal::EmailRetired),
            )
        },
    ]
}

#[test]
fn each_combination_of_rules_has_its_decision() {
    let connection_id = ConnectionId::fresh(ConnectionKind::Oidc);
    let email = EmailAddress::parse("ana@acme.test").unwrap();
    let identity = AssertedIdentity {
        connection_id,
        subject: "ana".into(),
        email_address: email.clone(),
        name: String::new(),
        groups: vec![],
        attributes: Metadata::new(),
        mapped: Metadata::new(),
        session_not_on_or_after: None,
        idp_session: None,
        saml_subject: None,
    };
    for case in table() {
        let mut member = Member::new(OrganizationId::fresh(), email.clone(), DateTime::UNIX_EPOCH);
        let known = case.member.map(|change| {
            change(&mut member);
            &member
        });
        let known = Known {
            member: known,
            email_retired_by_other: case.retired,
            domain_claimed_elsewhere: case.claimed,
            inactive_in_directory: case.inactive,
        };
        let settings = (case.settings)(connection_id);
        assert_eq!(
            admit_by_sso(&settings, &identity, known),
            case.expected,
            "{}",
            case.name
        );
    }
}

#[test]
fn a_second_factor_is_asked_by_policy_or_enrolment_and_never_waived() {
    let email = EmailAddress::parse("ana@acme.test").unwrap();
    let mut member = Member::new(OrganizationId::fresh(), email, DateTime::UNIX_EPOCH);
    let optional = AuthenticationSettings::default();
    let required = AuthenticationSettings {
        mfa_policy: MfaPolicy::RequiredForAll,
        ..Default::default()
    };
    assert!(!needs_second_factor(&optional, &member));
    assert!(needs_second_factor(&required, &member));
    member.is_breakglass = true;
    assert!(needs_second_factor(&required, &member));
    member.mfa_enrolled = true;
    assert!(needs_second_factor(&optional, &member));
}

#[test]
fn who_may_join_by_address_is_decided_by_the_organization() {
    let restricted = |domains: &[&str]| AuthenticationSettings {
        email_jit_provisioning: Door::Restricted,
        email_allowed_domains: domains.iter().map(|it| (*it).to_owned()).collect(),
        ..Default::default()
    };
    let (closed, acme) = (
        AuthenticationSettings::default(),
        restricted(&["acme.test"]),
    );
    let email = EmailAddress::parse("Ana@ACME.test").unwrap();
    let mut removed = Member::new(OrganizationId::fresh(), email.clone(), DateTime::UNIX_EPOCH);
    removed.status = MemberStatus::Deleted;
    let mut by_directory = removed.clone();
    by_directory.removed_by_directory = true;
    let nobody = Known::default();
    let table = [
        (&closed, nobody, Err(Refusal::EmailJitNotAllowed)),
        (&acme, nobody, Ok(())),
        (
            &restricted(&["globex.test"]),
            nobody,
            Err(Refusal::EmailNotAllowedForJit),
        ),
        (
            &acme,
            Known {
                member: Some(&removed),
                ..nobody
            },
            Err(Refusal::MemberDeleted),
        ),
        (
            &acme,
            Known {
                member: Some(&by_directory),
                ..nobody
            },
            Err(Refusal::RemovedByDirectory),
        ),
        (
            &acme,
            Known {
                email_retired_by_other: true,
                ..nobody
            },
            Err(Refusal::EmailRetired),
        ),
        (
            &acme,
            Known {
                domain_claimed_elsewhere: true,
                ..nobody
            },
            Err(Refusal::DomainClaimed),
        ),
        (
            &acme,
            Known {
                inactive_in_directory: true,
                ..nobody
            },
            Err(Refusal::RemovedByDirectory),
        ),
    ];
    for (settings, known, expected) in table {
        assert_eq!(
            may_join_by_email(settings, &email, known),
            expected,
            "{known:?}"
        );
    }
}
