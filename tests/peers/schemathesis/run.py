"""Schemathesis against a server of its own: every call of the API's description, with what fits
the description and with what does not. Ends with one line that counts calls as `cargo test` does.

Usage: run.py BINARY; it runs in the environment that requirements.txt describes.
"""

import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
]
SEED = "20261122"
EXAMPLES = "20"
# A run takes about a minute; more than this is a fault of its own.
LIMIT_SECONDS = 600


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Api:
    """The server and the project's credentials."""

    def __init__(self, binary, folder):
        self.project_id = f"project-test-{uuid.uuid4()}"
        self.secret = f"secret-test-{uuid.uuid4()}"
        self.url = f"http://127.0.0.1:{free_port()}"
        ops = f"127.0.0.1:{free_port()}"
        environment = {
            "PATH": os.environ["PATH"],
            "VESTIBULE_LISTEN": self.url.removeprefix("http://"),
            "VESTIBULE_OPS_LISTEN": ops,
            "VESTIBULE_DATA_DIR": f"{folder}/data",
            "VESTIBULE_PROJECT_ID": self.project_id,
            "VESTIBULE_SECRET": self.secret,
            "VESTIBULE_RATE_LIMITS": "off",
            "VESTIBULE_LOG": "error",
        }
        self.process = subprocess.Popen([binary, "serve"], env=environment, stdout=subprocess.DEVNULL)
        self.wait_for(f"http://{ops}/readyz")

    def wait_for(self, url):
        until = time.monotonic() + 30
        while True:
            try:
                return urllib.request.urlopen(url, timeout=5).read()
            except OSError:
                if self.process.poll() is not None or time.monotonic() > until:
                    sys.exit("the server did not become ready")
                time.sleep(0.1)

    def post(self, path, body):
        passwords = urllib.request.HTTPPasswordMgrWithPriorAuth()
        passwords.add_password(None, self.url, self.project_id, self.secret, is_authenticated=True)
        opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(passwords))
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"content-type": "application/json"}
        )
        return json.load(opener.open(request, timeout=30))

    def known(self):
        """What the calls can be about, by the names of their path parameters."""
        organization = self.post("/v1/b2b/organizations", {"organization_name": "Acme"})["organization"]
        named = organization["organization_id"]
        member = {"email_address": "ada@acme.example", "name": "Ada"}
        member = self.post(f"/v1/b2b/organizations/{named}/members", member)["member_id"]
        connection = {"display_name": "Acme", "identity_provider": "okta"}
        places = [f"sso/saml/{named}", f"sso/oidc/{named}", f"scim/{named}/connection"]
        saml, oidc, scim = (
            self.post(f"/v1/b2b/{place}", connection)["connection"]["connection_id"] for place in places
        )
        return {
            "organization_id": named,
            "member_id": member,
            "connection_id": {"saml": saml, "oidc": oidc, "scim": scim},
            "project_id": self.project_id,
        }


def counted(report):
    """Calls that passed and calls that did not; the report has one suite a phase."""
    passed, failed = set(), set()
    for case in xml.etree.ElementTree.parse(report).iter("testcase"):
        broken = case.find("failure") is not None or case.find("error") is not None
        if case.find("skipped") is None:
            (failed if broken else passed).add(case.get("name"))
    return len(passed - failed), len(failed)


def main(binary):
    with tempfile.TemporaryDirectory() as folder:
        api = Api(binary, folder)
        try:
            description = f"{folder}/openapi.json"
            pathlib.Path(description).write_bytes(api.wait_for(f"{api.url}/openapi.json"))
            report = f"{folder}/report.xml"
            command = [
                f"{pathlib.Path(sys.executable).parent}/schemathesis", "run", description,
                "--url", api.url, "--auth", f"{api.project_id}:{api.secret}",
                "--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing",
                "--seed", SEED, "--max-examples", EXAMPLES, "--continue-on-failure", "--no-shrink",
                "--suppress-health-check", "all", "--warnings", "off", "--no-color",
                "--report", "junit", "--report-junit-path", report,
            ]
            environment = os.environ | {
                "SCHEMATHESIS_HOOKS": str(HERE / "hooks.py"),
                "VESTIBULE_KNOWN": json.dumps(api.known()),
            }
            run = subprocess.run(command, env=environment, cwd=folder, timeout=LIMIT_SECONDS)
            passed, failed = counted(report)
            if run.returncode != 0 and failed == 0:
                failed = 1
            # The words are those that scripts/test counts by.
            result = "FAILED" if failed else "ok"
            print(f"test result: {result}. {passed} passed; {failed} failed; 0 ignored", flush=True)
            sys.exit(1 if failed else 0)
        finally:
            api.process.terminate()
            api.process.wait()


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]))
