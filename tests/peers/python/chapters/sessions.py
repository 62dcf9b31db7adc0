"""Sessions: of a member, and what follows a sign-in."""

import json

from stytch.b2b.models.sessions import AuthorizationCheck
from stytch.shared.rbac_local import RBACPermissionError

from .telling import client, env, equal, expect, refusals, refused, step, unknown


def live(organization_id, member_id):
    sessions = client.sessions

    def listed():
        equal(sessions.get(organization_id=organization_id, member_id=member_id).member_sessions, [])

    def ended_twice():
        for _ in range(2):
            sessions.revoke(member_id=member_id)

    step("list the sessions of a member", listed)
    step("end what there is not, twice", ended_twice)
    refusals(
        ("an unknown session", 404, "session_not_found",
         lambda: sessions.authenticate(session_token="not-a-session")),
        ("no session at all", 400, "no_session_arguments", lambda: sessions.authenticate()),
        ("two sessions at once", 400, "too_many_session_arguments",
         lambda: sessions.authenticate(session_token="a", session_jwt="b")),
        ("something that is no JWT", 400, "unable_to_parse_session_jwt",
         lambda: sessions.authenticate(session_jwt="a.b.c")),
        ("the end of nothing", 400, "no_session_revoke_arguments", lambda: sessions.revoke()),
        ("two ends at once", 400, "too_many_session_revoke_arguments",
         lambda: sessions.revoke(session_token="a", member_id=member_id)),
        ("the sessions of nobody", 404, "member_not_found",
         lambda: sessions.get(organization_id=organization_id, member_id=unknown("member"))),
    )


def check(text, organization):
    resource_id, action = text.split(":")
    return AuthorizationCheck(organization_id=organization, resource_id=resource_id, action=action)


def allowed_by(policy, roles):
    actions_of = {resource.resource_id: resource.actions for resource in policy.resources}
    for role in policy.roles:
        if role.role_id not in roles:
            continue
        for permission in role.permissions:
            concrete = [action for action in permission.actions if action != "*"]
            for action in concrete or actions_of.get(permission.resource_id, []):
                return f"{permission.resource_id}:{action}"
    raise AssertionError(f"the policy lets {roles} do nothing; set STORY_ALLOWED")


def open_with(sso_token, policy, elsewhere_id):
    """What follows a sign-in; the member is not in the other organization."""

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
    allowed = check(env.get("STORY_ALLOWED") or allowed_by(policy, login.member_session.roles), home)
    forbidden = check(env.get("STORY_REFUSED") or "stytch.nothing:shred", home)
    elsewhere = allowed.model_copy(update={"organization_id": elsewhere_id})

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
    def ended():
        at = {"organization_id": home, "member_id": login.member_id}
        listed = [session.member_session_id for session in client.sessions.get(**at).member_sessions]
        expect(login.member_session.member_session_id in listed, "the session is listed")
        client.sessions.revoke(session_jwt=login.session_jwt)
        client.sessions.revoke(member_id=login.member_id)
        equal(client.sessions.get(**at).member_sessions, [])

    step("list the session and end it", ended)
    refusals(("a session that is over", 404, "session_not_found",
              lambda: client.sessions.authenticate(session_token=login.session_token)))
    member = {
        "member_id": login.member_id,
        "email_address": login.member.email_address,
        "roles": [role.model_dump(mode="json") for role in login.member.roles],
        "session_roles": login.member_session.roles,
    }
    print(f"member: {json.dumps(member)}")
