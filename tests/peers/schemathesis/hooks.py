"""What Schemathesis cannot guess: the things that are there, so that a call gets past `not found`."""

import json
import os

import schemathesis

KNOWN = json.loads(os.environ["VESTIBULE_KNOWN"])


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """A guessed member session ends every call that takes one; the tests give real ones."""
    for item in raw_schema["paths"].values():
        for operation in item.values():
            parameters = operation.get("parameters", [])
            operation["parameters"] = [it for it in parameters if "$ref" not in it]


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Calls that delete keep the guessed names: what is gone can no longer be fuzzed."""
    operation = context.operation
    if operation is None or operation.method.upper() == "DELETE" or not path_parameters:
        return path_parameters
    found = {}
    for name, value in path_parameters.items():
        known = KNOWN.get(name, value)
        if isinstance(known, dict):
            kind = next((kind for kind in known if f"/{kind}/" in operation.path), None)
            known = known.get(kind, value)
        found[name] = known
    return found
