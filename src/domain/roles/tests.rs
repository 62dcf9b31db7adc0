use super::*;
use crate::domain::id::ConnectionKind;

mod laws;

fn ids(assignments: &[RoleAssignment]) -> Vec<(&str, Vec<&str>)> {
    assignments
        .iter()
        .map(|a| {
            (
                a.role_id.as_str(),
                a.sources.iter().map(RoleSource::type_name).collect(),
            )
        })
        .collect()
}

#[test]
fn every_role_lists_every_reason_and_sso_roles_need_their_factor() {
    let email = EmailAddress::parse("ana@Acme.test").unwrap();
    let saml = ConnectionId::fresh(ConnectionKind::Saml);
    let scim = ConnectionId::fresh(ConnectionKind::Scim);
    let group = ScimGroupId::fresh();
    let sso_gives = ImplicitRoles {
        connection: vec!["employee".into()],
        groups: vec![
            ("editor".into(), "eng".into()),
            ("auditor".into(), "audit".into()),
        ],
    };
    let scim_gives = ImplicitRoles {
        connection: vec![],
        groups: vec![
            ("editor".into(), group),
            ("owner".into(), ScimGroupId::fresh()),
        ],
    };
    let by_email = [EmailImplicitRoleAssignment {
        domain: "acme.test".into(),
        role_id: "staff".into(),
    }];
    let evidence = Evidence {
        live: true,
        email: &email,
        explicit: &["editor".to_owned()],
        by_email: &by_email,
        sso: &[SsoStanding {
            connection_id: saml,
            gives: &sso_gives,
            groups: &["eng".to_owned()],
        }],
        scim: &[ScimStanding {
            connection_id: scim,
            gives: &scim_gives,
            groups: &[group],
        }],
        kept_as_admin: None,
    };
    let assignments = assigned(&evidence);
    assert_eq!(
        ids(&assignments),
        vec![
            (
                "editor",
                vec![
                    "direct_assignment",
                    "sso_connection_group",
                    "scim_connection_group"
                ]
            ),
            ("employee", vec!["sso_connection"]),
            ("staff", vec!["email_assignment"]),
            ("stytch_member", vec!["direct_assignment"]),
        ]
    );
    assert_eq!(
        in_session(&assignments, &[]),
        ["editor", "staff", "stytch_member"]
    );
    assert_eq!(
        in_session(&assignments, &[saml]),
        ["editor", "employee", "staff", "stytch_member"]
    );
    assert!(
        assigned(&Evidence {
            live: false,
            ..evidence
        })
        .is_empty()
    );
}

#[test]
fn the_last_administrator_has_the_role_for_that_reason_too() {
    let email = EmailAddress::parse("ana@acme.test").unwrap();
    let scim = ConnectionId::fresh(ConnectionKind::Scim);
    let assignments = assigned(&Evidence {
        live: true,
        email: &email,
        explicit: &[],
        by_email: &[],
        sso: &[],
        scim: &[],
        kept_as_admin: Some(scim),
    });
    let kept = ("stytch_admin", vec!["last_admin"]);
    assert_eq!(
        ids(&assignments),
        [kept, ("stytch_member", vec!["direct_assignment"])]
    );
    assert_eq!(
        in_session(&assignments, &[]),
        ["stytch_admin", "stytch_member"]
    );
}
