"""The official Python SDK, as it is: somebody whom nobody knows makes an organization of their own and joins another one.

STORY_MAILBOX is the file of the SMTP server; the other variables are those of story.py.
"""

from chapters.mailbox import code_for
from chapters.telling import client, equal, expect, project_id, refused, run, step, told

discovery = client.discovery
codes = client.otps.email.discovery
address = f"fred@{run}.test"


def counted():
    answer = client.project.metrics()
    equal(answer.project_id, project_id)
    return {metric.metric_type: metric.count for metric in answer.metrics}["ORGANIZATION_COUNT"]


def proven():
    codes.send(email_address=address)
    answer = codes.authenticate(email_address=address, code=code_for(address))
    equal(answer.discovered_organizations, [])
    return answer.intermediate_session_token


def listed():
    return discovery.organizations.list(intermediate_session_token=token)


def none():
    answer = listed()
    equal((answer.email_address, answer.discovered_organizations), (address, []))


def found():
    answer = discovery.organizations.create(
        intermediate_session_token=token,
        organization_name="Founded",
        organization_slug=f"founded-{run}",
        trusted_metadata={"plan": "free"},
        session_duration_minutes=30,
        session_custom_claims={"journey": "onboarding"},
    )
    equal((answer.member_authenticated, answer.intermediate_session_token), (True, ""))
    equal(answer.organization.trusted_metadata, {"plan": "free"})
    equal((answer.member.email_address, answer.member.email_address_verified), (address, True))
    expect("stytch_admin" in answer.member_session.roles, "who founds an organization runs it")
    equal(answer.member_session.custom_claims, {"journey": "onboarding"})
    local = client.sessions.authenticate_jwt_local(session_jwt=answer.session_jwt)
    equal(local.organization_slug, f"founded-{run}")
    return answer


def another():
    organization_id = client.organizations.create(organization_name="Elsewhere").organization.organization_id
    client.organizations.members.create(
        organization_id=organization_id, email_address=address, create_member_as_pending=True
    )
    answer = discovery.organizations.list(session_token=founded.session_token)
    kinds = {one.organization.organization_id: one.membership.type for one in answer.discovered_organizations}
    here = founded.organization.organization_id
    equal(kinds, {here: "active_member", organization_id: "pending_member"})
    return organization_id


def exchanged():
    answer = client.sessions.exchange(
        session_token=founded.session_token, organization_id=elsewhere, session_duration_minutes=30
    )
    equal(answer.member_authenticated, True)
    equal(answer.organization.organization_id, elsewhere)
    equal(answer.member.email_address, address)
    expect(answer.session_token != founded.session_token, "it is another session")


before = step("count what the project has", counted)
token = step("prove an address that no organization knows", proven)
step("find no organization to enter", none)
founded = step("found one", found)
step("what was proven is used up", lambda: refused(404, "intermediate_session_not_found", listed))
elsewhere = step("find another one that expects them", another)
step("exchange the session for one over there", exchanged)
step("the project has two organizations more", lambda: equal(counted(), before + 2))
print(f"steps: {told()}")
