"""The official Python SDK, as it is, told to do what an application does.

Settings and output are those of the Node story beside it.
"""

import json
import os
import sys
import uuid
from pathlib import Path

from stytch import B2BClient
from stytch.b2b.models.sessions import AuthorizationCheck
from stytch.core.response_base import StytchError
from stytch.shared.rbac_local import RBACPermissionError

env = os.environ
project_id = env["VESTIBULE_PROJECT_ID"]


def connect(secret):
    return B2BClient(project_id=project_id, secret=secret, environment=env["VESTIBULE_BASE_URL"])


client = connect(env["VESTIBULE_SECRET"])
certificate = Path(
    env.get("STORY_CERTIFICATE") or Path(__file__).parent.parent / "idp-certificate.pem"
).read_text()
steps = 0


def step(name, action):
    global steps
    try:
        result = action()
    except StytchError as error:
        details = error.details
        fail(name, f"{details.status_code} {details.error_type}: {details.error_message} {details.original_json}")
    except Exception as error:  # whatever it is ends the story with its reason
        fail(name, f"{type(error).__name__} {error}")
    steps += 1
    print(f"ok - {name}", flush=True)
    return result


def fail(name, reason):
    print(f"not ok - {name}: {' '.join(reason.split())}", flush=True)
    sys.exit(1)


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def equal(found, wanted):
    expect(found == wanted, f"expected {wanted!r}, found {found!r}")


def refused(status, error_type, call):
    try:
        call()
    except StytchError as error:
        details = error.details
        equal((details.status_code, details.error_type), (status, error_type))
        expect(details.error_message and details.error_url and details.request_id, "the error is complete")
        return
    raise AssertionError(f"succeeded, expected {status} {error_type}")


run = uuid.uuid4().hex[:8]
slug = f"python-story-{run}"
email = f"ana-{run}@acme.test"


def whoami():
    equal(client.debug.whoami().project_id, project_id)


step("whoami", whoami)


# Organizations


def create_organization():
    answer = client.organizations.create(
        organization_name="Python Story",
        organization_slug=slug,
        email_allowed_domains=["acme.test"],
        email_invites="ALL_ALLOWED",
    )
    equal(answer.status_code, 200)
    equal(answer.organization.organization_slug, slug)
    equal(answer.organization.email_allowed_domains, ["acme.test"])
    return answer.organization.organization_id


organization_id = step("create an organization", create_organization)


def get_organization_by_id():
    answer = client.organizations.get(organization_id=organization_id)
    equal(answer.organization.organization_name, "Python Story")


def get_organization_by_slug():
    answer = client.organizations.get(organization_id=slug)
    equal(answer.organization.organization_id, organization_id)


def update_organization():
    organization = client.organizations.update(
        organization_id=organization_id,
        organization_name="Python Story Renamed",
        trusted_metadata={"plan": "team"},
    ).organization
    equal(organization.organization_name, "Python Story Renamed")
    equal(organization.organization_slug, slug)
    equal(organization.email_allowed_domains, ["acme.test"])
    equal(organization.trusted_metadata["plan"], "team")


def search_organizations():
    answer = client.organizations.search(
        query={"operator": "AND", "operands": [{"filter_name": "organization_slugs", "filter_value": [slug]}]}
    )
    equal([found.organization_id for found in answer.organizations], [organization_id])
    equal(answer.results_metadata.total, 1)


step("get the organization by id", get_organization_by_id)
step("get the organization by slug", get_organization_by_slug)
step("update the organization", update_organization)
step("search organizations", search_organizations)


# Members


def create_member():
    answer = client.organizations.members.create(
        organization_id=organization_id, email_address=email, name="Ana Anders", roles=["stytch_admin"]
    )
    equal(answer.member.status, "active")
    sources = {role.role_id: [source.type for source in role.sources] for role in answer.member.roles}
    equal(sources, {"stytch_admin": ["direct_assignment"], "stytch_member": ["direct_assignment"]})
    return answer.member_id


member_id = step("create a member", create_member)


def get_member_by_id():
    answer = client.organizations.members.get(organization_id=organization_id, member_id=member_id)
    equal(answer.member.email_address, email)


def get_member_by_email():
    answer = client.organizations.members.get(organization_id=organization_id, email_address=email)
    equal(answer.member.member_id, member_id)


def search_members():
    answer = client.organizations.members.search(
        organization_ids=[organization_id],
        query={"operator": "AND", "operands": [{"filter_name": "member_emails", "filter_value": [email]}]},
    )
    equal([found.member_id for found in answer.members], [member_id])
    equal(list(answer.organizations), [organization_id])


def dangerously_get():
    # The SDK sends this boolean as `True`.
    answer = client.organizations.members.dangerously_get(member_id=member_id, include_deleted=True)
    equal(answer.organization.organization_id, organization_id)


step("get the member by id", get_member_by_id)
step("get the member by email address", get_member_by_email)
step("search members", search_members)
step("dangerously get the member", dangerously_get)


# Connections


def create_saml():
    connection = client.sso.saml.create_connection(
        organization_id=organization_id, display_name="Story SAML", identity_provider="okta"
    ).connection
    equal(connection.status, "pending")
    expect(connection.acs_url.endswith(f"/v1/b2b/sso/callback/{connection.connection_id}"), connection.acs_url)
    return connection.connection_id


saml_id = step("create a SAML connection", create_saml)


def complete_saml():
    connection = client.sso.saml.update_connection(
        organization_id=organization_id,
        connection_id=saml_id,
        idp_entity_id=f"https://idp.example.test/{run}",
        idp_sso_url="https://idp.example.test/sso",
        x509_certificate=certificate,
        attribute_mapping={"email": "email", "first_name": "givenName", "last_name": "sn", "groups": "groups"},
        saml_group_implicit_role_assignments=[{"role_id": "stytch_admin", "group": "admins"}],
    ).connection
    equal(connection.status, "active")
    equal(len(connection.verification_certificates), 1)
    equal(connection.attribute_mapping["email"], "email")


step("complete the SAML connection", complete_saml)


def create_oidc():
    connection = client.sso.oidc.create_connection(
        organization_id=organization_id, display_name="Story OIDC"
    ).connection
    equal(connection.status, "pending")
    return connection.connection_id


oidc_id = step("create an OIDC connection", create_oidc)


def unreachable_issuer():
    answer = client.sso.oidc.update_connection(
        organization_id=organization_id,
        connection_id=oidc_id,
        issuer="https://127.0.0.1:1",
        client_id="story",
        client_secret="story-secret",
    )
    expect(answer.warning, "there is a warning")
    equal(answer.connection.issuer, "https://127.0.0.1:1")
    equal(answer.connection.status, "pending")


def complete_oidc():
    connection = client.sso.oidc.update_connection(
        organization_id=organization_id,
        connection_id=oidc_id,
        authorization_url="https://idp.example.test/authorize",
        token_url="https://idp.example.test/token",
        userinfo_url="https://idp.example.test/userinfo",
        jwks_url="https://idp.example.test/jwks",
    ).connection
    equal(connection.status, "active")


def list_connections():
    answer = client.sso.get_connections(organization_id=organization_id)
    equal([found.connection_id for found in answer.saml_connections], [saml_id])
    equal([found.connection_id for found in answer.oidc_connections], [oidc_id])
    equal(answer.external_connections, [])


def create_scim():
    connection = client.scim.connection.create(
        organization_id=organization_id, display_name="Story SCIM", identity_provider="okta"
    ).connection
    equal(connection.status, "active")
    expect(len(connection.bearer_token) >= 32, "the token is shown once")
    return connection


step("an unreachable issuer is a warning", unreachable_issuer)
step("complete the OIDC connection", complete_oidc)
step("list the connections", list_connections)
scim = step("create a SCIM connection", create_scim)


def get_scim():
    connection = client.scim.connection.get(organization_id=organization_id).connection
    equal(connection.connection_id, scim.connection_id)
    equal(connection.bearer_token_last_four, scim.bearer_token[-4:])


def update_scim():
    connection = client.scim.connection.update(
        organization_id=organization_id, connection_id=scim.connection_id, display_name="Story SCIM renamed"
    ).connection
    equal((connection.display_name, connection.identity_provider), ("Story SCIM renamed", "okta"))


step("get the SCIM connection", get_scim)
step("update the SCIM connection", update_scim)


# Policy and keys


def read_policy():
    policy = client.rbac.policy().policy
    roles = [role.role_id for role in policy.roles]
    expect("stytch_member" in roles and "stytch_admin" in roles, roles)
    return policy


def read_organization_policy():
    answer = client.rbac.organizations.get_org_policy(organization_id=organization_id)
    equal(answer.org_policy.roles, [])


def read_keys():
    keys = client.sessions.get_jwks(project_id=project_id).keys
    expect(len(keys) >= 1, "there is a key")
    for key in keys:
        equal((key.kty, key.alg, key.use), ("RSA", "RS256", "sig"))


policy = step("read the project policy", read_policy)
step("read the organization's policy", read_organization_policy)
step("read the keys", read_keys)


# Refusals

step(
    "a slug in use is refused",
    lambda: refused(
        400,
        "organization_slug_already_used",
        lambda: client.organizations.create(organization_name="Again", organization_slug=slug),
    ),
)
step(
    "an unknown organization is refused",
    lambda: refused(
        404,
        "organization_not_found",
        lambda: client.organizations.get(organization_id=f"organization-test-{uuid.uuid4()}"),
    ),
)
step(
    "a wrong secret is refused",
    lambda: refused(
        401,
        "unauthorized_credentials",
        lambda: connect("secret-test-wrong").organizations.get(organization_id=organization_id),
    ),
)
step(
    "an unknown SSO token is refused",
    lambda: refused(404, "sso_token_not_found", lambda: client.sso.authenticate(sso_token="not-a-token")),
)
step(
    "an unknown session is refused",
    lambda: refused(
        404, "session_not_found", lambda: client.sessions.authenticate(session_token="not-a-session")
    ),
)
step(
    "a second active SCIM connection is refused",
    lambda: refused(
        400,
        "active_scim_connection_exists",
        lambda: client.scim.connection.create(organization_id=organization_id),
    ),
)


# A session


def check(text, organization):
    resource_id, action = text.split(":")
    return AuthorizationCheck(organization_id=organization, resource_id=resource_id, action=action)


def allowed_by(roles):
    actions_of = {resource.resource_id: resource.actions for resource in policy.resources}
    for role in policy.roles:
        if role.role_id not in roles:
            continue
        for permission in role.permissions:
            concrete = [action for action in permission.actions if action != "*"]
            for action in concrete or actions_of.get(permission.resource_id, []):
                return f"{permission.resource_id}:{action}"
    raise AssertionError(f"the policy lets {roles} do nothing; set STORY_ALLOWED")


def session(sso_token):
    def exchange():
        answer = client.sso.authenticate(sso_token=sso_token, session_duration_minutes=30)
        equal(answer.member_authenticated, True)
        equal(answer.reset_session, False)
        equal(answer.intermediate_session_token, "")
        expect(answer.session_token and answer.session_jwt, "there are a token and a JWT")
        equal(answer.member_session.member_id, answer.member_id)
        return answer

    login = step("exchange the SSO token for a session", exchange)
    home = login.organization.organization_id
    allowed = check(env.get("STORY_ALLOWED") or allowed_by(login.member_session.roles), home)
    forbidden = check(env.get("STORY_REFUSED") or "stytch.nothing:shred", home)
    elsewhere = allowed.model_copy(update={"organization_id": organization_id})

    def by_token():
        answer = client.sessions.authenticate(session_token=login.session_token)
        equal(answer.member.member_id, login.member_id)
        equal(answer.member_session.expires_at, login.member_session.expires_at)

    def by_jwt():
        answer = client.sessions.authenticate(session_jwt=login.session_jwt)
        equal(answer.member_session.member_session_id, login.member_session.member_session_id)
        expect(answer.session_jwt, "there is a new JWT")

    def authorize(authorization_check):
        return client.sessions.authenticate(
            session_token=login.session_token, authorization_check=authorization_check
        )

    def authorized():
        verdict = authorize(allowed).verdict
        equal(verdict.authorized, True)
        expect(verdict.granting_roles, "a role grants it")

    def local(authorization_check=None):
        answer = client.sessions.authenticate_jwt_local(
            session_jwt=login.session_jwt, authorization_check=authorization_check
        )
        expect(answer is not None, "the JWT is accepted")
        equal((answer.member_id, answer.organization_id), (login.member_id, home))
        equal(answer.organization_slug, login.organization.organization_slug)
        equal(sorted(answer.roles), sorted(login.member_session.roles))

    def local_refused():
        try:
            local(forbidden)
        except RBACPermissionError:
            return
        raise AssertionError("the check succeeded")

    step(
        "the SSO token works once",
        lambda: refused(404, "sso_token_not_found", lambda: client.sso.authenticate(sso_token=sso_token)),
    )
    step("authenticate the session by token", by_token)
    step("authenticate the session by JWT", by_jwt)
    step("an allowed action is authorized", authorized)
    step(
        "a forbidden action is refused",
        lambda: refused(403, "session_authorization_error", lambda: authorize(forbidden)),
    )
    step(
        "another organization is refused",
        lambda: refused(403, "session_authorization_tenancy_error", lambda: authorize(elsewhere)),
    )
    step("check the JWT locally", local)
    step("authorize the JWT locally", lambda: local(allowed))
    step("refuse the JWT locally", local_refused)
    member = {
        "member_id": login.member_id,
        "email_address": login.member.email_address,
        "roles": [role.model_dump(mode="json") for role in login.member.roles],
        "session_roles": login.member_session.roles,
    }
    print(f"member: {json.dumps(member)}")


if env.get("STORY_SSO_TOKEN"):
    session(env["STORY_SSO_TOKEN"])
print(f"steps: {steps}")
