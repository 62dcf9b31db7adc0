"""The official Python SDK, as it is, takes people in for whom somebody else vouches.

STORY_ORGANIZATION and STORY_MEMBER say who it is; STORY_IMPERSONATION_TOKEN is an operator's, STORY_TRUSTED_TOKEN one of
the profile `partner`, STORY_OLD_TOKEN one of the system before.
"""

from chapters.telling import client, env, equal, step, told

asked = {"organization_id": env["STORY_ORGANIZATION"], "session_duration_minutes": 30}


def enter(factor, call):
    answer = call()
    equal(answer.member_id, env["STORY_MEMBER"])
    equal(answer.member_session.authentication_factors[0].type, factor)
    found = client.sessions.authenticate(session_token=answer.session_token)
    equal(found.member.member_id, env["STORY_MEMBER"])


rows = [
    (
        "as an operator",
        "impersonated",
        lambda: client.impersonation.authenticate(impersonation_token=env["STORY_IMPERSONATION_TOKEN"]),
    ),
    (
        "with a trusted token",
        "trusted_auth_token",
        lambda: client.sessions.attest(**asked, profile_id="partner", token=env["STORY_TRUSTED_TOKEN"]),
    ),
    (
        "with a session of the system before",
        "trusted_auth_token",
        lambda: client.sessions.migrate(**asked, session_token=env["STORY_OLD_TOKEN"]),
    ),
]
for name, factor, call in rows:
    step(f"enter {name}", lambda: enter(factor, call))
print(f"steps: {told()}")
