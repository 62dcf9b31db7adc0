"""The official Python SDK, as it is: passwords that are forgotten or taken out of use, in a project whose organizations
share them.

STORY_MAILBOX is the file of the SMTP server; the other variables are those of story.py.
"""

import time

from chapters.mailbox import token_for
from chapters.telling import client, equal, expect, refusals, run, step, told
from stytch.b2b.models.passwords import MigrateRequestHashType
from stytch.consumer.models.passwords import SHA1Config

passwords = client.passwords
address, newcomer = f"pia.{run}@acme.test", f"nina.{run}@acme.test"
first = "correct horse battery staple"
second = "seven mild otters knit socks"
third = "nine calm badgers play whist"
organization = client.organizations.create(organization_name="Resets").organization
whose = {"organization_id": organization.organization_id, "email_address": address}


def login(password):
    return passwords.authenticate(**whose, password=password, session_duration_minutes=30)


def migrated():
    passwords.migrate(
        **whose,
        hash_type=MigrateRequestHashType.SHA_1,
        hash="3dc1d3785e7054e2f65e227aa47386e81752be1c",
        sha_1_config=SHA1Config(prepend_salt="before", append_salt="after"),
    )


def forgotten():
    answer = passwords.email.reset_start(**whose, reset_password_expiration_minutes=30, locale="en")
    equal(answer.member.email_address, address)
    expect(answer.member_email_id.startswith("email-test-"), "the address has an id")
    return answer.member_email_id, token_for(address, "multi_tenant_passwords")


def reset(password):
    return passwords.email.reset(password_reset_token=token, password=password, session_duration_minutes=30)


def set_by_link():
    answer = reset(second)
    equal((answer.member_authenticated, answer.member_email_id), (True, email_id))
    equal([factor.type for factor in answer.member_session.authentication_factors], ["magic_link", "password"])


def discover(password):
    return passwords.discovery.authenticate(email_address=address, password=password)


def by_link(whom, password):
    # An address gets one mail a second.
    time.sleep(1.1)
    passwords.discovery.email.reset_start(email_address=whom)
    proven = token_for(whom, "discovery")
    answer = passwords.discovery.email.reset(password_reset_token=proven, password=password)
    return answer.email_address, slugs(answer)


def slugs(answer):
    return [one.organization.organization_slug for one in answer.discovered_organizations]


def everywhere():
    equal(by_link(address, third), (address, [organization.organization_slug]))
    equal(by_link(newcomer, third), (newcomer, []))


def enter():
    answer = discover(third)
    equal(slugs(answer), [organization.organization_slug])
    entered = client.discovery.intermediate_sessions.exchange(
        intermediate_session_token=answer.intermediate_session_token, organization_id=organization.organization_id
    )
    equal(entered.member_authenticated, True)
    equal(entered.member_session.authentication_factors[0].type, "password")


step("take a password over", migrated)
session_token = step("sign in by it", lambda: login(first)).session_token
email_id, token = step("ask for a link", forgotten)
refusals(("a weak password", 400, "weak_password", lambda: reset("password1")))
step("set another one by the link", set_by_link)
refusals(
    ("a link that was used", 401, "unable_to_auth_password_reset_token", lambda: reset(third)),
    ("the old password", 401, "unauthorized_credentials", lambda: login(first)),
    (
        "a session of before",
        404,
        "session_not_found",
        lambda: client.sessions.authenticate(session_token=session_token),
    ),
)
step("take it out of use", lambda: equal(passwords.email.require_reset(**whose).member.email_address, address))
refusals(
    ("what is out of use", 400, "member_reset_password", lambda: login(second)),
    ("what is out of use everywhere", 400, "member_reset_password", lambda: discover(second)),
)
step("set one for every organization, whoever asks", everywhere)
step("enter by it", enter)
refusals(("a wrong password", 401, "unauthorized_credentials", lambda: discover(second)))
print(f"steps: {told()}")
