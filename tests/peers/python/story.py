"""The official Python SDK, as it is, told to do what an application does.

VESTIBULE_BASE_URL, VESTIBULE_PROJECT_ID and VESTIBULE_SECRET name the server. With STORY_SSO_TOKEN, a sign-in's
one-time token, the steps of a session follow; STORY_ALLOWED and STORY_REFUSED (`resource:action`) say what the
member may and may not do, and are found in the policy when they are missing. STORY_CERTIFICATE is a file.
One line per step, `steps: N` at the end; the first failure ends it with status 1. The SDK's types refuse an answer
that lacks a field.
"""

from chapters import machines, members, organizations, passwords, policy, scim, sessions, sso
from chapters.telling import client, env, equal, project_id, step, told

step("whoami", lambda: equal(client.debug.whoami().project_id, project_id))
organization_id = organizations.create()
organizations.live(organization_id)
members.live(organization_id)
project_policy = policy.read()
policy.live(organization_id)
sso.live(organization_id)
passwords.live(organization_id)
member_id = scim.live(organization_id)
sessions.live(organization_id, member_id)
machines.live()
if env.get("STORY_SSO_TOKEN"):
    sessions.open_with(env["STORY_SSO_TOKEN"], project_policy, organization_id)
organizations.end(organization_id)
print(f"steps: {told()}")
