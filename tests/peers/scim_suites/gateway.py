"""A server of its own for each run, on the database that VESTIBULE_TEST_DATABASE names, and SCIM
connections in it."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid

HERE = pathlib.Path(__file__).resolve().parent


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def fresh_postgres_database():
    """The URL of an empty database beside the one that scripts/with-postgres names."""
    server = os.environ["VESTIBULE_TEST_POSTGRES_URL"]
    psql = shutil.which("psql") or "/usr/lib/postgresql/15/bin/psql"
    name = f"suites_{uuid.uuid4().hex}"
    command = [psql, "--no-psqlrc", "--quiet", server, f"--command=CREATE DATABASE {name}"]
    subprocess.run(command, check=True)
    return f"{server.rsplit('/', 1)[0]}/{name}"


class Connection:
    """A SCIM connection, as its identity provider knows it."""

    def __init__(self, base, token):
        self.base = base
        self.token = token

    def call(self, method, path, body=None):
        """The status and the JSON of the answer; None if it has no body."""
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/scim+json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        try:
            answer = urllib.request.urlopen(request, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        text = answer.read()
        return answer.status, json.loads(text) if text else None


class Gateway:
    """A running server; it ends with the `with` block."""

    def __init__(self, binary):
        self.folder = tempfile.TemporaryDirectory()
        self.credentials = f"project-test-{uuid.uuid4()}", f"secret-test-{uuid.uuid4()}"
        self.url = f"http://127.0.0.1:{free_port()}"
        ops = f"127.0.0.1:{free_port()}"
        environment = {
            "PATH": os.environ["PATH"],
            "VESTIBULE_LISTEN": self.url.removeprefix("http://"),
            "VESTIBULE_OPS_LISTEN": ops,
            "VESTIBULE_DATA_DIR": f"{self.folder.name}/data",
            "VESTIBULE_PROJECT_ID": self.credentials[0],
            "VESTIBULE_SECRET": self.credentials[1],
            "VESTIBULE_RATE_LIMITS": "off",
            "VESTIBULE_LOG": "error",
        }
        if os.environ.get("VESTIBULE_TEST_DATABASE") == "postgres":
            environment["VESTIBULE_DATABASE_URL"] = fresh_postgres_database()
        command = [os.path.abspath(binary), "serve"]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        self.wait_for(f"http://{ops}/readyz")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()

    def wait_for(self, url):
        until = time.monotonic() + 60
        while True:
            try:
                return urllib.request.urlopen(url, timeout=5).read()
            except OSError:
                if self.process.poll() is not None or time.monotonic() > until:
                    sys.exit("the server did not become ready")
                time.sleep(0.1)

    def post(self, path, body):
        passwords = urllib.request.HTTPPasswordMgrWithPriorAuth()
        passwords.add_password(None, self.url, *self.credentials, is_authenticated=True)
        opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(passwords))
        data = json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"content-type": "application/json"})
        return json.load(opener.open(request, timeout=30))

    def connection(self, identity_provider="generic"):
        """A connection of an organization of its own."""
        organization = self.post("/v1/b2b/organizations", {"organization_name": "Acme"})
        organization = organization["organization"]["organization_id"]
        body = {"display_name": "Directory", "identity_provider": identity_provider}
        created = self.post(f"/v1/b2b/scim/{organization}/connection", body)["connection"]
        base = f"{self.url}/v1/b2b/scim/{created['connection_id']}"
        return Connection(base, created["bearer_token"])


def result_line(passed, failed, ignored=0):
    """The words are those that scripts/test counts by."""
    result = "FAILED" if failed else "ok"
    print(f"test result: {result}. {passed} passed; {failed} failed; {ignored} ignored", flush=True)
