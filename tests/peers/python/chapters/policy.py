"""Roles: the project's policy, and what an organization adds to it."""

from .telling import client, equal, expect, project_id, refusals, run, step

rbac = client.rbac


def role(role_id, actions=None):
    permissions = [] if actions is None else [{"resource_id": "stytch.member", "actions": actions}]
    return {"role_id": role_id, "description": "A role of one organization", "permissions": permissions}


def read():
    def policy_read():
        policy = rbac.policy().policy
        roles = [role.role_id for role in policy.roles]
        expect("stytch_member" in roles and "stytch_admin" in roles, roles)
        return policy

    def keys_read():
        keys = client.sessions.get_jwks(project_id=project_id).keys
        expect(len(keys) >= 1, "there is a key")
        for key in keys:
            equal((key.kty, key.alg, key.use), ("RSA", "RS256", "sig"))

    policy = step("read the project policy", policy_read)
    step("read the keys", keys_read)
    return policy


def live(organization_id):
    def put(*roles):
        answer = rbac.organizations.set_org_policy(
            organization_id=organization_id, org_policy={"roles": list(roles)}
        )
        return answer.org_policy.roles

    def read_own():
        answer = rbac.organizations.get_org_policy(organization_id=organization_id)
        equal(answer.org_policy.roles, [])

    def added():
        roles = put(role("recruiter", ["create", "search"]))
        equal([(own.role_id, own.permissions[0].actions) for own in roles], [("recruiter", ["create", "search"])])
        organization = client.organizations.get(organization_id=organization_id).organization
        equal([own.role_id for own in organization.custom_roles], ["recruiter"])

    def given():
        member = client.organizations.members.create(
            organization_id=organization_id, email_address=f"carl-{run}@acme.test", roles=["recruiter"]
        ).member
        equal([held.role_id for held in member.roles], ["recruiter", "stytch_member"])

    step("read the organization's policy", read_own)
    step("add a role of the organization's own", added)
    step("give somebody that role", given)
    clerk = role("clerk", ["create"])
    refusals(
        ("a role twice", 400, "rbac_role_duplicate", lambda: put(clerk, clerk)),
        ("a role without permissions", 400, "rbac_role_missing_permissions", lambda: put(role("clerk"))),
        ("a permission without actions", 400, "rbac_permission_missing_actions", lambda: put(role("clerk", []))),
        ("everything and something", 400, "cannot_specify_wildcard_with_other_actions",
         lambda: put(role("clerk", ["*", "create"]))),
        ("a reserved role", 400, "invalid_rbac_stytch_role_edit", lambda: put(role("stytch_admin", ["create"]))),
    )
