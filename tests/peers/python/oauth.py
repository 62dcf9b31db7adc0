"""The official Python SDK, as it is, takes people in who come from an OAuth provider.

STORY_OAUTH_TOKEN and STORY_DISCOVERY_TOKEN are tokens of redirects; the other variables are those of story.py.
"""

from chapters.telling import client, env, equal, refused, step, told

token = env["STORY_OAUTH_TOKEN"]


def sign_in():
    answer = client.oauth.authenticate(oauth_token=token, session_duration_minutes=30)
    equal(answer.member_authenticated, True)
    equal(answer.provider_type, "Google")
    equal(answer.member.oauth_registrations[0].provider_subject, answer.provider_subject)
    local = client.sessions.authenticate_jwt_local(session_jwt=answer.session_jwt)
    equal(local.member_id, answer.member_id)


def again():
    refused(404, "oauth_token_not_found", lambda: client.oauth.authenticate(oauth_token=token))


def choose():
    found = client.oauth.discovery.authenticate(discovery_oauth_token=env["STORY_DISCOVERY_TOKEN"])
    equal(found.provider_type, "Google")
    equal(len(found.discovered_organizations), 1)
    entered = client.discovery.intermediate_sessions.exchange(
        intermediate_session_token=found.intermediate_session_token,
        organization_id=found.discovered_organizations[0].organization.organization_id,
    )
    equal(entered.member_authenticated, True)


step("sign in with the token of the redirect", sign_in)
step("the token is good once", again)
step("choose an organization", choose)
print(f"steps: {told()}")
