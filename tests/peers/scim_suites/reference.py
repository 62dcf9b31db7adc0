"""scim2-server beside ours: the same requests to both, and the answers compared. First the filters
and sorts that it publishes as a test for storages, then random programs of PUT and PATCH.

Where the two differ and the RFCs side with ours, or with both, it is listed here, and
docs/conformance/scim.md gives the reasons.

Usage: reference.py BINARY [SEED]; the last line counts comparisons as `cargo test` counts tests.
"""

import ast
import importlib.util
import json
import pathlib
import random
import subprocess
import sys
import time
import urllib.error
import urllib.parse

import random_cases
from gateway import Connection
from gateway import Gateway
from gateway import free_port
from gateway import result_line

SEED = 20261122
PROGRAMS = 120
STEPS = 4
DIFFERENT_FILTERS = {"title gt null", 'meta.created co "20"', 'emails ne "alice@work.example"'}
NO_TARGET = (400, "noTarget")
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Reference:
    """A running scim2-server; it ends with the `with` block."""

    def __enter__(self):
        port, token = free_port(), "reference"
        binary = pathlib.Path(sys.executable).parent / "scim2-server"
        command = [binary, "--port", str(port), "--bearer-token", token]
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(command, stdout=quiet, stderr=quiet)
        connection = Connection(f"http://127.0.0.1:{port}", token)
        until = time.monotonic() + 60
        while True:
            try:
                connection.call("GET", "/ServiceProviderConfig")
                return connection
            except urllib.error.URLError:
                if self.process.poll() is not None or time.monotonic() > until:
                    sys.exit("scim2-server did not become ready")
                time.sleep(0.1)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def published(name):
    """A list of their test suite for storages, without its imports."""
    folder = pathlib.Path(importlib.util.find_spec("scim2_server").origin).parent
    names = {}
    for node in ast.parse((folder / "testing.py").read_text()).body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(
            node.value, (ast.Constant, ast.List)
        ):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            code = compile(ast.Expression(node.value), "testing.py", "eval")
            names[target.id] = eval(code, {"__builtins__": {}}, names)
    return names[name]


def essence(value):
    """A resource without what each server decides for itself, and without the order of values."""
    if isinstance(value, dict):
        own = {"id", "meta", "groups"}
        parts = {key: essence(part) for key, part in value.items() if key not in own}
        return {key: part for key, part in sorted(parts.items()) if part not in ([], {})}
    if isinstance(value, list):
        return sorted((essence(part) for part in value), key=json.dumps)
    return value


def outcome(answer):
    """What a client can tell about a request: whether it was done, or why not."""
    status, body = answer
    return "done" if status < 300 else (status, (body or {}).get("scimType"))


def is_known(method, body, ours, theirs):
    """Whether a difference is one that is decided."""
    operations = body.get("Operations", [])
    if method != "PATCH":
        return False
    selecting = [each for each in operations if "[" in each.get("path", "")]
    if ours == "done" and theirs == NO_TARGET:
        return any(each["op"].lower() == "add" for each in selecting)
    if (ours, theirs) == ((400, "invalidSyntax"), (400, "invalidValue")):
        return operations[0]["op"] == "move"
    return bool(selecting) and (ours, theirs) == ((400, "invalidFilter"), (400, "invalidPath"))


def sort_key(user, name):
    """By what a User is sorted: of several values the primary one, else the first."""
    holder = user
    if name.startswith("urn:"):
        urn, name = name.rsplit(":", 1)
        holder = user.get(urn, {})
    first, _, part = name.partition(".")
    if first == "meta":
        return user["userName"]
    value = holder.get(first)
    if isinstance(value, list):
        primary = [element for element in value if element.get("primary")]
        value = (primary or value)[0].get(part or "value")
    elif part and isinstance(value, dict):
        value = value.get(part)
    return value


class Comparison:
    """Two servers, and the differences that are known and decided."""

    def __init__(self, ours, theirs):
        self.servers = ours, theirs
        self.passed = self.failed = 0

    def both(self, method, path, body=None):
        return tuple(server.call(method, path, body) for server in self.servers)

    def expect(self, same, told):
        self.passed += same
        self.failed += not same
        if not same:
            print(told, flush=True)

    def searches(self):
        """Their filters and sorts select and order the same Users here and there."""
        for body in published("SEARCH_USERS"):
            body = {"schemas": [random_cases.CORE], "active": True} | body
            self.both("POST", "/Users", body)
        queries = [{"filter": text} for text in published("SEARCH_FILTERS")]
        configuration = self.servers[0].call("GET", "/ServiceProviderConfig")[1]
        if configuration["sort"]["supported"]:
            queries += [
                {"sortBy": name, "sortOrder": order}
                for name in published("SEARCH_SORTS")
                for order in ("ascending", "descending")
            ]
        for query in queries:
            answers = self.both("GET", f"/Users?{urllib.parse.urlencode(query)}")
            ours, theirs = (self.listed(answer, query.get("sortBy")) for answer in answers)
            same = (ours == theirs) != (query.get("filter") in DIFFERENT_FILTERS)
            self.expect(same, f"{query}: ours {ours}, theirs {theirs}")

    @staticmethod
    def listed(answer, sort_by):
        """Who is found; when sorted, by what, since Users that are alike may come in any order."""
        status, body = answer
        if status != 200:
            return outcome(answer)
        users = body.get("Resources", [])
        if sort_by:
            return [sort_key(user, sort_by) for user in users]
        return sorted(user["userName"] for user in users)

    def program(self, generator, number):
        """A User that is changed some times; it ends where the two part."""
        body = random_cases.user(generator, number) | {"active": True}
        created = self.both("POST", "/Users", body)
        if not self.agree("POST", body, created):
            return
        paths = [f"/Users/{answer[1]['id']}" for answer in created]
        for _ in range(STEPS):
            method, body = self.request(generator, number)
            calls = zip(self.servers, paths, strict=True)
            answers = [server.call(method, path, body) for server, path in calls]
            if not self.agree(method, body, answers):
                return
            calls = zip(self.servers, paths, strict=True)
            read = [server.call("GET", path) for server, path in calls]
            if not self.agree(f"GET after {method}", body, read):
                return

    @staticmethod
    def request(generator, number):
        if generator.random() < 0.15:
            return "PUT", random_cases.user(generator, number) | {"active": True}
        operations = [random_cases.operation(generator) for _ in range(generator.randint(1, 3))]
        if generator.random() < 0.2:
            # On its own: which of several faults is told is not laid down.
            operations = [random_cases.wrong_operation(generator)]
        return "PATCH", {"schemas": [PATCH_OP], "Operations": operations}

    def agree(self, method, body, answers):
        ours, theirs = (outcome(answer) for answer in answers)
        if ours == theirs == "done" and all(answer[1] for answer in answers):
            ours, theirs = (essence(answer[1]) for answer in answers)
        same = ours == theirs
        if not same and is_known(method, body, ours, theirs):
            return False
        detail = (answers[0][1] or {}).get("detail"), (answers[1][1] or {}).get("detail")
        told = f"{method} {json.dumps(body)}\n    ours {ours}\n    theirs {theirs}\n    {detail}"
        self.expect(same, told)
        return same


def main(binary, seed=SEED):
    print(f"seed {seed}", flush=True)
    generator = random.Random(int(seed))
    with Gateway(binary) as gateway, Reference() as reference:
        searches = Comparison(gateway.connection(), reference)
        searches.searches()
        programs = Comparison(gateway.connection(), reference)
        for number in range(PROGRAMS):
            programs.program(generator, number)
    passed, failed = (searches.passed + programs.passed, searches.failed + programs.failed)
    result_line(passed, failed)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
