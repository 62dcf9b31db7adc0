"""What the official Python SDK, as it is, says by itself of JWTs, while one process goes on.

A line of standard input is `session JWT`, `machine JWT`, or `later SECONDS`, which lets time pass for this process: for
the memory of keys, that is; whether a JWT is over is asked of the other clock. Each is answered by one line: `ok`, or
`no` and the reason.
"""

import os
import sys
import time

from stytch import B2BClient

env = os.environ
client = B2BClient(
    project_id=env["VESTIBULE_PROJECT_ID"],
    secret=env["VESTIBULE_SECRET"],
    environment=env["VESTIBULE_BASE_URL"],
)
ahead = 0
monotonic = time.monotonic
time.monotonic = lambda: monotonic() + ahead


def later(seconds):
    global ahead
    ahead += int(seconds)
    return True


said = {
    "session": lambda jwt: client.sessions.authenticate_jwt_local(session_jwt=jwt) is not None,
    "machine": lambda jwt: client.m2m.authenticate_token(jwt) is not None,
    "later": later,
}
for line in sys.stdin:
    what, given = line.split()
    try:
        print("ok" if said[what](given) else "no", flush=True)
    except Exception as error:  # whatever it is
        print(f"no {type(error).__name__} {' '.join(str(error).split())}", flush=True)
