"""Passwords: how strong they are, taken over, checked, changed, taken away."""

from stytch.b2b.models.passwords import MigrateRequestHashType
from stytch.consumer.models.passwords import SHA1Config

from .telling import client, equal, expect, refusals, run, step

passwords = client.passwords
email_address = f"pia.{run}@acme.test"
first = "correct horse battery staple"
second = "seven mild otters knit socks"
third = "nine calm badgers play whist"


def live(organization_id):
    def judged():
        strong = passwords.strength_check(password=second, email_address=email_address)
        equal((strong.valid_password, strong.strength_policy), (True, "zxcvbn"))
        weak = passwords.strength_check(password="password1")
        equal(weak.valid_password, False)
        expect(weak.zxcvbn_feedback.suggestions, "there are suggestions")

    step("check how strong passwords are", judged)

    def migrate(hash_type=MigrateRequestHashType.SHA_1):
        return passwords.migrate(
            organization_id=organization_id,
            email_address=email_address,
            hash_type=hash_type,
            hash="3dc1d3785e7054e2f65e227aa47386e81752be1c",
            sha_1_config=SHA1Config(prepend_salt="before", append_salt="after"),
            name="Pia",
        )

    def migrated():
        answer = migrate()
        equal((answer.member_created, answer.member.email_address_verified), (True, True))
        expect(answer.member.member_password_id.startswith("member-password-test-"), "the password has an id")

    step("take a password over", migrated)

    def login(password, address=email_address):
        return passwords.authenticate(
            organization_id=organization_id, email_address=address, password=password, session_duration_minutes=30
        )

    def signed_in():
        for _ in range(2):
            answer = login(first)
            equal(answer.member_authenticated, True)
            equal(answer.member_session.authentication_factors[0].type, "password")

    step("sign in by it, twice", signed_in)
    session_token = step(
        "change it by the old one",
        lambda: passwords.existing_password.reset(
            organization_id=organization_id,
            email_address=email_address,
            existing_password=first,
            new_password=second,
        ).session_token,
    )

    def by_session(password):
        return passwords.sessions.reset(
            organization_id=organization_id, session_token=session_token, password=password
        )

    step("change it by a session", lambda: equal(by_session(third).session_token, session_token))
    refusals(
        ("an old password", 401, "unauthorized_credentials", lambda: login(first)),
        ("somebody unknown", 401, "unauthorized_credentials", lambda: login(third, f"no.{email_address}")),
        ("a weak password", 400, "weak_password", lambda: by_session("password1")),
        ("a second hash", 400, "password_already_exists", migrate),
        ("a broken hash", 400, "invalid_bcrypt_hash", lambda: migrate(MigrateRequestHashType.BCRYPT)),
    )

    def taken_away():
        member_password_id = login(third).member.member_password_id
        gone = client.organizations.members.delete_password(
            organization_id=organization_id, member_password_id=member_password_id
        )
        equal(gone.member.member_password_id, "")

    step("take it away", taken_away)
