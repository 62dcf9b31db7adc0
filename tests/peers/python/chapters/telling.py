"""What every chapter of the story shares: the client, how a step is told, how a refusal is recognized."""

import os
import sys
import uuid
from pathlib import Path

from stytch import B2BClient
from stytch.core.response_base import StytchError

env = os.environ
project_id = env["VESTIBULE_PROJECT_ID"]
certificate = Path(
    env.get("STORY_CERTIFICATE") or Path(__file__).parent.parent.parent / "idp-certificate.pem"
).read_text()
run = uuid.uuid4().hex[:8]
_steps = 0


def connect(secret):
    return B2BClient(project_id=project_id, secret=secret, environment=env["VESTIBULE_BASE_URL"])


client = connect(env["VESTIBULE_SECRET"])


def unknown(kind):
    return f"{kind}-test-{uuid.uuid4()}"


def where(**filters):
    operands = [{"filter_name": name, "filter_value": value} for name, value in filters.items()]
    return {"operator": "AND", "operands": operands}


def told():
    return _steps


def step(name, action):
    global _steps
    try:
        result = action()
    except StytchError as error:
        details = error.details
        fail(name, f"{details.status_code} {details.error_type}: {details.error_message} {details.original_json}")
    except Exception as error:  # whatever it is ends the story with its reason
        fail(name, f"{type(error).__name__} {error}")
    _steps += 1
    print(f"ok - {name}", flush=True)
    return result


def fail(name, reason):
    print(f"not ok - {name}: {' '.join(reason.split())}", flush=True)
    sys.exit(1)


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def equal(found, wanted):
    expect(found == wanted, f"expected {wanted!r}, found {found!r}")


def refused(status, error_type, call):
    try:
        call()
    except StytchError as error:
        details = error.details
        equal((details.status_code, details.error_type), (status, error_type))
        expect(details.error_message and details.error_url and details.request_id, "the error is complete")
        return
    raise AssertionError(f"succeeded, expected {status} {error_type}")


def refusals(*rows):
    """One step a refusal: what is wrong, status, error type, call."""
    for name, status, error_type, call in rows:
        step(f"{name} is refused", lambda: refused(status, error_type, call))
