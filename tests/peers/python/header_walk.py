"""The calls of the contract that may be made on behalf of a member, with the official Python SDK, as it is: somebody
without rights is refused in each of them, and an administrator is not refused for want of rights.

WALK_ORGANIZATION is an organization; WALK_ADMIN and WALK_PLAIN are session tokens of two of its members, WALK_MEMBER is
a third one, WALK_PASSWORD the id of a fourth one's password. The other parameters name things that are not there, so
that nothing else changes: rights are asked for first.
One line per call, `walked: N` at the end; status 1 if one of them failed.
"""

import inspect
import json
import os
import re
import sys
import uuid
from importlib import import_module
from pathlib import Path

from stytch import B2BClient
from stytch.core.response_base import StytchError
from stytch.shared.method_options import Authorization

env = os.environ
client = B2BClient(
    project_id=env["VESTIBULE_PROJECT_ID"],
    secret=env["VESTIBULE_SECRET"],
    environment=env["VESTIBULE_BASE_URL"],
)
calls = json.loads((Path(__file__).parent.parent.parent.parent / "fixtures/contract/calls.json").read_text())
# No action allows it, so no role does.
BACKEND_ONLY = {"organizations.members.deleteExternalId"}
GIVEN = {
    "organization_id": env["WALK_ORGANIZATION"],
    "organization_ids": [env["WALK_ORGANIZATION"]],
    "member_id": env["WALK_MEMBER"],
    "member_password_id": env["WALK_PASSWORD"],
    "email_address": "ben@walk.test",
    "metadata_url": "https://idp.walk.test/metadata",
    "external_organization_id": f"organization-test-{uuid.uuid4()}",
    "external_connection_id": f"saml-connection-test-{uuid.uuid4()}",
    "certificate_id": "none",
    "private_key_id": "none",
}
# What needs a right only when it is given.
FIELDS = {
    "organizations.update": {"organization_name": "Walked on"},
    "organizations.members.update": {"name": "Walked on"},
    "sessions.revoke": {"member_id": env["WALK_MEMBER"]},
    "organizations.members.unlinkRetiredEmail": {"email_address": "none@walk.test"},
}


def snake(name):
    name = {"updateByURL": "update_by_url", "deleteTOTP": "delete_totp", "deleteMFAPhoneNumber": "delete_mfa_phone_number"}.get(name, name)
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def method(call):
    place = client
    for part in call.split("."):
        place = getattr(place, snake(part))
    return place


def parameters(call):
    function = method(call)
    given = dict(FIELDS.get(call, {}))
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.default is inspect.Parameter.empty:
            kind = "scim" if call.startswith("scim") else "saml"
            given[name] = GIVEN.get(name, f"{kind}-connection-test-{uuid.uuid4()}")
    return given


def options(call, token):
    function = method(call)
    module = import_module(function.__module__)
    name = re.search(r"\w+RequestOptions", inspect.signature(function).parameters["method_options"].annotation)
    return getattr(module, name.group())(authorization=Authorization(session_token=token))


def outcome(call, token):
    try:
        method(call)(**parameters(call), method_options=options(call, token))
        return 200, "ok"
    except StytchError as error:
        return error.details.status_code, error.details.error_type


walked = failed = 0
for fact in calls:
    call = fact["call"]
    if not fact["on_behalf_of_a_member"]:
        continue
    without = outcome(call, env["WALK_PLAIN"])
    # It would leave nothing to walk on.
    as_admin = (200, "skipped") if call == "organizations.delete" else outcome(call, env["WALK_ADMIN"])
    refused = (403, "session_authorization_error")
    rightly = as_admin == refused if call in BACKEND_ONLY else as_admin[0] not in (401, 403) and as_admin[0] < 500
    if without == refused and rightly:
        walked += 1
        print(f"ok - {call}: {without[1]}, then {as_admin[1]}")
    else:
        failed += 1
        print(f"not ok - {call}: {without}, then {as_admin}")
print(f"walked: {walked}")
sys.exit(1 if failed else 0)
