"""What a signed-in member may do, asked of the server and checked locally by the official Python SDK.

Settings and output are those of the Node script beside it.
"""

import os
import sys

from stytch import B2BClient
from stytch.b2b.models.sessions import AuthorizationCheck
from stytch.core.response_base import StytchError
from stytch.shared.rbac_local import RBACPermissionError
from stytch.shared.rbac_local import TenancyError

env = os.environ
client = B2BClient(
    project_id=env["VESTIBULE_PROJECT_ID"],
    secret=env["VESTIBULE_SECRET"],
    environment=env["VESTIBULE_BASE_URL"],
)
steps = 0


def step(name, action):
    global steps
    try:
        result = action()
    except Exception as error:  # whatever it is ends the script with its reason
        print(f"not ok - {name}: {type(error).__name__} {' '.join(str(error).split())}", flush=True)
        sys.exit(1)
    steps += 1
    print(f"ok - {name}", flush=True)
    return result


login = step(
    "sign in",
    lambda: client.sso.authenticate(
        sso_token=env["STORY_SSO_TOKEN"], session_duration_minutes=30
    ),
)
home = login.organization.organization_id


def check(text, organization_id):
    resource_id, action = text.split(":")
    return AuthorizationCheck(
        organization_id=organization_id, resource_id=resource_id, action=action
    )


def by_server(wanted):
    return client.sessions.authenticate(
        session_token=login.session_token, authorization_check=wanted
    )


def locally(wanted):
    answer = client.sessions.authenticate_jwt_local(
        session_jwt=login.session_jwt, authorization_check=wanted
    )
    assert answer is not None, "the JWT was not accepted"


def either_way(wanted):
    client.sessions.authenticate_jwt(session_jwt=login.session_jwt, authorization_check=wanted)


def authorized(wanted):
    verdict = by_server(wanted).verdict
    assert verdict.authorized and verdict.granting_roles, verdict


def refused_by_server(wanted, error_type):
    try:
        by_server(wanted)
    except StytchError as error:
        found = (error.details.status_code, error.details.error_type)
        assert found == (403, error_type), found
        return
    raise AssertionError("the check succeeded")


def refused_locally(wanted, kind):
    try:
        locally(wanted)
    except kind:
        return
    raise AssertionError("the check succeeded")


for asked in env["STORY_GRANTS"].split(","):
    wanted = check(asked, home)
    step(f"{asked} is authorized by the server", lambda: authorized(wanted))
    step(f"{asked} is authorized locally", lambda: locally(wanted))
    step(f"{asked} is authorized locally or by the server", lambda: either_way(wanted))

for asked in env["STORY_REFUSED"].split(","):
    wanted = check(asked, home)
    step(
        f"{asked} is refused by the server",
        lambda: refused_by_server(wanted, "session_authorization_error"),
    )
    step(f"{asked} is refused locally", lambda: refused_locally(wanted, RBACPermissionError))

elsewhere = check(env["STORY_GRANTS"].split(",")[0], env["STORY_ELSEWHERE"])
step(
    "another organization is refused by the server",
    lambda: refused_by_server(elsewhere, "session_authorization_tenancy_error"),
)
step("another organization is refused locally", lambda: refused_locally(elsewhere, TenancyError))
print(f"steps: {steps}")
