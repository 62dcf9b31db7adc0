"""scim2-cli and scim-sanity as they are, in strict mode, each against a fresh server and a fresh
connection. Each suite ends with one line that counts its results as `cargo test` does.

Usage: suites.py BINARY; it runs in the environment that requirements.txt describes.
"""

import collections
import json
import os
import pathlib
import re
import subprocess
import sys

from gateway import Gateway
from gateway import result_line

BIN = pathlib.Path(sys.executable).parent
LIMIT_SECONDS = 300
# A suite that finds less to test than this has not seen the whole server.
LEAST_SCIM2_RESULTS = 135
SANITY_RESULTS = 28
# The resource types of a draft that the server does not advertise.
SANITY_SKIPS = {"Agent CRUD Lifecycle", "AgenticApplication CRUD Lifecycle", "Agent Rapid Lifecycle"}


def run(command, **environment):
    process = subprocess.run(
        command, env=os.environ | environment, timeout=LIMIT_SECONDS, text=True, stdout=subprocess.PIPE
    )
    return process.returncode, process.stdout


def scim2(connection):
    """How many results of scim2-cli there are, by what they count as."""
    secret = f"Authorization: Bearer {connection.token}"
    status, output = run([f"{BIN}/scim2", "-u", connection.base, "test"], SCIM_CLI_HEADERS=secret)
    print(output, end="")
    names = re.findall(r"^([A-Z]+) \S+$", output, re.MULTILINE)
    counts = collections.Counter(names)
    passed, skipped = counts.pop("SUCCESS", 0), counts.pop("SKIPPED", 0)
    failed = counts.total()
    if passed + skipped + failed < LEAST_SCIM2_RESULTS or (status != 0 and failed + skipped == 0):
        failed += 1
    return passed, failed, skipped


def scim_sanity(connection):
    """How many results of scim-sanity there are, by what they count as."""
    command = [f"{BIN}/scim-sanity", "probe", connection.base, "--token", connection.token]
    command += ["--user-domain", "example.com", "--i-accept-side-effects", "--json-output"]
    status, output = run(command)
    results = json.loads(output)["results"]
    counts = collections.Counter()
    for result in results:
        outcome = result["status"].lower()
        if outcome == "skip" and result["name"] in SANITY_SKIPS:
            continue
        print(f"{outcome.upper()} {result['name']} {result.get('message', '')}".rstrip())
        counts[outcome] += 1
    passed, skipped = counts.pop("pass", 0), counts.pop("skip", 0)
    failed = counts.total()
    if passed + skipped + failed < SANITY_RESULTS or (status != 0 and failed == 0):
        failed += 1
    return passed, failed, skipped


def main(binary):
    good = True
    for suite in scim2, scim_sanity:
        print(f"\n{suite.__name__}", flush=True)
        with Gateway(binary) as gateway:
            passed, failed, skipped = suite(gateway.connection())
        result_line(passed, failed, skipped)
        good = good and failed == 0 and skipped == 0
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main(sys.argv[1])
