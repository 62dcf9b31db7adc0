"""The official Python SDK, and the second factors of a member who signs in by single sign-on.

STORY_SSO_TOKENS are three one-time tokens of sign-ins, STORY_ORGANIZATION and STORY_MEMBER say whose. Codes are made
by the standard library as RFC 6238 says. The SDK's types refuse an answer that lacks a field.
"""

import base64
import hashlib
import hmac
import time

from chapters.telling import client, env, equal, expect, refusals, step, told

tokens = env["STORY_SSO_TOKENS"].split(",")
whose = {"organization_id": env["STORY_ORGANIZATION"], "member_id": env["STORY_MEMBER"]}


def code(secret, steps):
    counter = int(time.time() // 30) + steps
    tag = hmac.digest(base64.b32decode(secret), counter.to_bytes(8, "big"), hashlib.sha1)
    place = tag[-1] & 0xF
    number = int.from_bytes(tag[place : place + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def owed():
    answer = client.sso.authenticate(sso_token=tokens.pop(0))
    equal((answer.member_authenticated, answer.session_token), (False, ""))
    return answer


def created(token):
    answer = client.totps.create(**whose, intermediate_session_token=token, expiration_minutes=10)
    expect(base64.b64decode(answer.qr_code).startswith(b"\x89PNG"), "the QR code is an image")
    return answer


def opened(token, totp):
    answer = client.totps.authenticate(
        **whose, intermediate_session_token=token, code=code(totp.secret, 0), set_default_mfa=True
    )
    equal(answer.member.totp_registration_id, totp.totp_registration_id)
    factors = [factor.type for factor in answer.member_session.authentication_factors]
    equal(len(factors), 2)
    equal(client.sessions.authenticate(session_token=answer.session_token).member.member_id, whose["member_id"])


def recovered(token, totp):
    answer = client.recovery_codes.recover(
        **whose, intermediate_session_token=token, recovery_code=totp.recovery_codes[0]
    )
    equal(answer.recovery_codes_remaining, len(totp.recovery_codes) - 1)


first = step("a sign-in owes a second factor", owed)
totp = step("create an authenticator application", lambda: created(first.intermediate_session_token))
step("its code opens the session", lambda: opened(first.intermediate_session_token, totp))
second = step("the next sign-in owes it again", owed)
equal(second.mfa_required.member_options.totp_registration_id, totp.totp_registration_id)
step("a recovery code opens the session", lambda: recovered(second.intermediate_session_token, totp))
third = step("and again", owed)
refusals(
    (
        "a recovery code that was used",
        401,
        "unable_to_authenticate_recovery_code",
        lambda: client.recovery_codes.recover(
            **whose,
            intermediate_session_token=third.intermediate_session_token,
            recovery_code=totp.recovery_codes[0],
        ),
    ),
    ("a second application", 400, "active_totp_exists", lambda: client.totps.create(**whose)),
)
step(
    "the codes that are left are shown",
    lambda: equal(client.recovery_codes.get(**whose).recovery_codes, totp.recovery_codes[1:]),
)
step("new codes take their place", lambda: equal(len(client.recovery_codes.rotate(**whose).recovery_codes), 10))
step(
    "the application is deleted",
    lambda: equal(client.organizations.members.delete_totp(**whose).member.totp_registration_id, ""),
)
print(f"steps: {told()}")
