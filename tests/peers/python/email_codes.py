"""The official Python SDK, as it is, signs people in by codes that come by mail.

STORY_MAILBOX is the file of the SMTP server; the other variables are those of story.py.
"""

from chapters.mailbox import code_for
from chapters.telling import client, equal, refused, run, step, told

domain = f"{run}.test"
email = client.otps.email
organization_id = client.organizations.create(
    organization_name="Codes", email_jit_provisioning="RESTRICTED", email_allowed_domains=[domain]
).organization.organization_id
ana = f"ana@{domain}"
ben = f"ben@{domain}"


def ask():
    answer = email.login_or_signup(organization_id=organization_id, email_address=ana)
    equal(answer.member_created, True)
    equal(answer.member.status, "pending")


def guess():
    wrong = "000001" if code_for(ana) == "000000" else "000000"
    refused(
        401,
        "unable_to_auth_otp_code",
        lambda: email.authenticate(organization_id=organization_id, email_address=ana, code=wrong),
    )


def sign_in():
    answer = email.authenticate(
        organization_id=organization_id, email_address=ana, code=code_for(ana), session_duration_minutes=30
    )
    equal(answer.member_authenticated, True)
    equal(answer.member_session.authentication_factors[0].type, "email_otp")
    local = client.sessions.authenticate_jwt_local(session_jwt=answer.session_jwt)
    equal(local.member_id, answer.member_id)


def discover():
    answer = email.discovery.authenticate(email_address=ben, code=code_for(ben))
    kinds = [found.membership.type for found in answer.discovered_organizations]
    equal(kinds, ["eligible_to_join_by_email_domain"])
    return answer.intermediate_session_token


def join(token):
    answer = client.discovery.intermediate_sessions.exchange(
        intermediate_session_token=token, organization_id=organization_id
    )
    equal(answer.member_authenticated, True)
    equal(answer.member.email_address, ben)


step("ask for a code as somebody new", ask)
step("a wrong code is refused", guess)
step("sign in with the code of the mail", sign_in)
step("ask for a code without an organization", lambda: equal(email.discovery.send(email_address=ben).status_code, 200))
token = step("discover organizations with the code of the mail", discover)
step("join the organization that was found", lambda: join(token))
print(f"steps: {told()}")
