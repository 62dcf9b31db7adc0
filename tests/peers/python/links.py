"""The official Python SDK, as it is, sends links in mails; told again with the tokens of those mails, it redeems them.

VESTIBULE_BASE_URL, VESTIBULE_PROJECT_ID and VESTIBULE_SECRET name the server. STORY_ORGANIZATION lets acme.test join,
STORY_MEMBER is one of its members; STORY_LOGIN_TOKEN, STORY_INVITE_TOKEN, STORY_DISCOVERY_TOKEN and
STORY_UPDATE_TOKEN are the tokens. One line per step, `steps: N` at the end; the first failure ends it with status 1.
"""

from chapters.telling import client, env, equal, expect, refusals, step, told

organization_id = env["STORY_ORGANIZATION"]
member_id = env["STORY_MEMBER"]
links = client.magic_links


def to_somebody_new():
    answer = links.email.login_or_signup(organization_id=organization_id, email_address="login@acme.test")
    equal((answer.member_created, answer.member.status), (True, "pending"))


def invitation():
    answer = links.email.invite(
        organization_id=organization_id,
        email_address="invited@acme.test",
        invited_by_member_id=member_id,
        name="Ida",
        roles=["editor"],
        invite_expiration_minutes=60,
    )
    equal(answer.member.status, "invited")


def another_address():
    answer = client.organizations.members.start_email_update(
        organization_id=organization_id, member_id=member_id, email_address="updated@acme.test"
    )
    equal(answer.member.email_address, "member@acme.test")


def send():
    step("send a link to somebody new", to_somebody_new)
    step("invite somebody", invitation)
    step("send a link of discovery", lambda: links.email.discovery.send(email_address="discovery@acme.test"))
    step("let a member prove another address", another_address)
    refusals(
        ("inviting who is in", 400, "duplicate_member_email", lambda: links.email.invite(
            organization_id=organization_id, email_address="member@acme.test")),
        ("a link that lasts too long", 400, "invalid_expiration", lambda: links.email.discovery.send(
            email_address="a@acme.test", discovery_expiration_minutes=10081)),
    )


def redeemed(token):
    return links.authenticate(magic_links_token=token, session_duration_minutes=30)


def by_somebody_new():
    answer = redeemed(env["STORY_LOGIN_TOKEN"])
    equal((answer.member_authenticated, answer.member.status), (True, "active"))
    factor = answer.member_session.authentication_factors[0]
    equal(factor.email_factor.email_address, "login@acme.test")
    session = client.sessions.authenticate(session_jwt=answer.session_jwt)
    equal(session.member.member_id, answer.member_id)


def by_the_invited():
    answer = redeemed(env["STORY_INVITE_TOKEN"])
    expect("editor" in answer.member_session.roles, "the roles of the invitation")


def of_discovery():
    answer = links.discovery.authenticate(discovery_magic_links_token=env["STORY_DISCOVERY_TOKEN"])
    equal(answer.email_address, "discovery@acme.test")
    expect(answer.intermediate_session_token, "an intermediate session")


def of_the_address():
    answer = redeemed(env["STORY_UPDATE_TOKEN"])
    equal((answer.member_id, answer.member.email_address), (member_id, "updated@acme.test"))


def redeem():
    step("redeem the link of somebody new", by_somebody_new)
    step("redeem an invitation", by_the_invited)
    step("redeem a link of discovery", of_discovery)
    step("take the proven address", of_the_address)
    refusals(
        ("a link that was used", 401, "unable_to_auth_magic_link", lambda: redeemed(env["STORY_LOGIN_TOKEN"])),
        ("what is no token", 404, "magic_link_not_found", lambda: redeemed("wrong")),
    )


if env.get("STORY_LOGIN_TOKEN"):
    redeem()
else:
    send()
print(f"steps: {told()}")
