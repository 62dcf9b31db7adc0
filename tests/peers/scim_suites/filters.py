"""Random filters, evaluated by scim2-models on the resources that the server shows, against what the
server selects by the same filters. Every answer goes through the typed, strict scim2-client.

Usage: filters.py BINARY [SEED]; the last line counts filters as `cargo test` counts tests.
"""

import random
import sys

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import InvalidFilterException
from scim2_models import SCIMException
from scim2_models import ScimFilter
from scim2_models.path.expressions import CompareOperator
from scim2_models.path.resolution import coerce_value
from scim2_models.path.visitor import _compare
from scim2_models.path.visitor import _Evaluator

import random_cases
from gateway import Gateway
from gateway import result_line

SEED = 20261122
USERS = 60
FILTERS = 300
WRONG_FILTERS = 60


class ByTheLetter(_Evaluator):
    """Their evaluator but for `ne` on several values, which RFC 7644 §3.4.2.2 has match "if any of
    the values of the specified attribute match the specified criteria"; they ask it of all."""

    def visit_comparison(self, node):
        resolved = self._resolve(node.attr_path, for_comparison=True)
        actual = resolved and self._read(resolved)
        if node.op != CompareOperator.ne or not isinstance(actual, list):
            return super().visit_comparison(node)
        expected = coerce_value(resolved, node.value, node.op)
        given = [item for item in actual if item is not None]
        return not given or any(_compare(item, expected, node.op, resolved) for item in given)

    def _matches_item(self, item, val_filter, resolved):
        return ByTheLetter(type(item), item, urn_prefix=resolved.urn).visit(val_filter)


class Oracle:
    """What scim2-models selects, and what the server does."""

    def __init__(self, client, generator):
        self.client = client
        self.model = client.get_resource_model("User")
        for number in range(USERS):
            body = self.model.model_validate(random_cases.user(generator, number))
            client.create(body)
        self.users = self.all_matching(None)
        assert len(self.users) == USERS, f"{len(self.users)} of {USERS} Users are listed"

    def all_matching(self, text):
        search = {"count": 2 * USERS} | ({"filter": text} if text else {})
        # The client would refuse a wrong filter itself.
        answer = self.client.query(
            self.model, query_parameters=search, check_request_payload=False
        )
        found = answer.resources or []
        assert answer.total_results == len(found), f"total {answer.total_results} of {len(found)}"
        return found

    def theirs(self, text):
        """The ids that scim2-models selects; None if it does not understand."""
        try:
            tree = ScimFilter[self.model](text)
        except InvalidFilterException:
            return None
        chosen = (user for user in self.users if ByTheLetter(self.model, user).visit(tree.ast))
        return {user.id for user in chosen}

    def ours(self, text):
        """The ids that the server selects; None if it does not understand."""
        try:
            return {user.id for user in self.all_matching(text)}
        except SCIMException as refusal:
            assert refusal.scim_type == "invalidFilter", f"refused as {refusal.scim_type}"
            return None

    def complaint(self, text):
        """How the two differ; None if they agree."""
        try:
            theirs, ours = self.theirs(text), self.ours(text)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        if theirs == ours:
            return None
        if theirs is None or ours is None:
            return f"scim2-models {told(theirs)}, the server {told(ours)}"
        names = {user.id: user.model_dump_json(exclude_none=True) for user in self.users}
        lacking = [names[key] for key in sorted(theirs - ours)][:2]
        extra = [names[key] for key in sorted(ours - theirs)][:2]
        return f"the server lacks {lacking} and has too many {extra}"


def told(ids):
    return "refuses" if ids is None else f"selects {len(ids)}"


def main(binary, seed=SEED):
    print(f"seed {seed}", flush=True)
    generator = random.Random(int(seed))
    texts = [random_cases.filter_text(generator) for _ in range(FILTERS)]
    texts += [random_cases.wrong_filter_text(generator) for _ in range(WRONG_FILTERS)]
    with Gateway(binary) as gateway:
        connection = gateway.connection()
        headers = {"authorization": f"Bearer {connection.token}"}
        with Client(base_url=connection.base, headers=headers) as http:
            client = SyncSCIMClient(http)
            client.discover()
            oracle = Oracle(client, generator)
            complaints = [(text, oracle.complaint(text)) for text in texts]
    failed = [(text, complaint) for text, complaint in complaints if complaint]
    for text, complaint in failed:
        print(f"{text}\n    {complaint}")
    result_line(len(texts) - len(failed), len(failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
