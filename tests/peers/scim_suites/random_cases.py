"""Random Users, filters and PATCH requests from a seeded generator: values from small alphabets, so
that filters meet resources and operations meet each other."""

import json

WORDS = ["ana", "Ana", "ANA", "ben", "b", "a%", "a_b", "é", "É", "x y", 'say "hi"', "back\\slash", "]", "日本"]
TYPES = ["work", "home", "WORK", "other"]
DATES = ["2011-05-13T04:42:34Z", "2026-11-22T10:00:00+02:00", "2100-01-01T00:00:00.5Z"]
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
PLAIN = ["displayName", "nickName", "title", "userType", "preferredLanguage", "locale", "timezone"]
NAME_PARTS = ["formatted", "familyName", "givenName", "middleName", "honorificPrefix"]
EXTENSION = ["employeeNumber", "costCenter", "organization", "division", "department"]
MANY = ["emails", "phoneNumbers", "ims", "entitlements", "roles"]
TEXT_OPERATORS = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]


def some(random, names):
    """A few of them, in any order."""
    return random.sample(names, random.randint(0, min(3, len(names))))


def value_for(random, attribute):
    """Addresses are whole ones that nobody else has: they lead to people."""
    if attribute != "emails":
        return random.choice(WORDS)
    name = f"{random.choice(['ana', 'Ana', 'ben', 'a_b'])}{random.randrange(10**9)}"
    return f"{name}@{random.choice(['example.com', 'Example.org'])}"


def elements(random, attribute):
    """Elements of a multi-valued attribute, no two with the same type and value."""
    chosen = {}
    for _ in range(random.randint(1, 3)):
        element = {"value": value_for(random, attribute)}
        if random.random() < 0.8:
            element["type"] = random.choice(TYPES)
        if random.random() < 0.3:
            element["display"] = random.choice(WORDS)
        chosen[element.get("type", "").lower(), element["value"].lower()] = element
    found = list(chosen.values())
    if random.random() < 0.4:
        random.choice(found)["primary"] = True
    return found


def user(random, number):
    """The body of a new User."""
    body = {"schemas": [CORE], "userName": f"{random.choice(WORDS)}{number}"}
    if random.random() < 0.5:
        body["externalId"] = random.choice(WORDS)
    if random.random() < 0.7:
        body["active"] = random.random() < 0.7
    for attribute in some(random, PLAIN):
        body[attribute] = random.choice(WORDS)
    if parts := some(random, NAME_PARTS):
        body["name"] = {part: random.choice(WORDS) for part in parts}
    for attribute in some(random, MANY):
        body[attribute] = elements(random, attribute)
    if parts := some(random, EXTENSION):
        body["schemas"].append(ENTERPRISE)
        body[ENTERPRISE] = {part: random.choice(WORDS) for part in parts}
    return body


def in_any_case(random, word):
    return random.choice([word, word, word.lower(), word.upper()])


def text_comparison(random, attribute, words=WORDS):
    name = in_any_case(random, attribute)
    if random.random() < 0.15:
        return f"{name} {in_any_case(random, 'pr')}"
    operator = in_any_case(random, random.choice(TEXT_OPERATORS))
    return f"{name} {operator} {json.dumps(random.choice(words), ensure_ascii=random.random() < 0.5)}"


def in_brackets(random, attribute):
    """A filter on the sub-attributes of one element."""
    addresses = ["ana", "B", "1@EXAMPLE.com", "example", "@"]
    leaves = [
        lambda: text_comparison(random, "type", TYPES),
        lambda: text_comparison(random, "value", addresses if attribute == "emails" else WORDS),
        lambda: f"primary {random.choice(['eq', 'ne'])} {random.choice(['true', 'false'])}",
        lambda: "display pr",
    ]
    parts = [random.choice(leaves)() for _ in range(random.randint(1, 3))]
    if random.random() < 0.2:
        parts[0] = f"not ({parts[0]})"
    return random.choice([" and ", " or "]).join(parts)


def leaf(random):
    attribute = random.choice(MANY)
    leaves = [
        lambda: text_comparison(random, random.choice(PLAIN + ["userName", "externalId"])),
        lambda: text_comparison(random, f"name.{random.choice(NAME_PARTS)}"),
        lambda: text_comparison(random, f"{CORE}:{random.choice(PLAIN)}"),
        lambda: text_comparison(random, f"{ENTERPRISE}:{random.choice(EXTENSION)}"),
        lambda: f"active {random.choice(['eq', 'ne'])} {random.choice(['true', 'false'])}",
        lambda: f"{random.choice(PLAIN)} {random.choice(['eq', 'ne'])} null",
        lambda: f"{random.choice(MANY + ['name', 'active', ENTERPRISE + ':manager'])} pr",
        lambda: f"{attribute}[{in_brackets(random, attribute)}]",
        lambda: f'{attribute}[type eq "work"].value {random.choice(["eq", "co"])} "ana"',
        lambda: text_comparison(random, f"{attribute}.type", TYPES),
        lambda: text_comparison(random, f"{attribute}.value"),
        lambda: f'{attribute} {random.choice(["eq", "co", "sw"])} "a"',
        lambda: f"meta.created {random.choice(['gt', 'le', 'lt'])} {json.dumps(random.choice(DATES))}",
        lambda: f'meta.resourceType eq {json.dumps(random.choice(["User", "Group"]))}',
        lambda: "id pr",
    ]
    return random.choice(leaves)()


def filter_text(random, depth=3):
    """A filter that a server must understand."""
    kind = random.random()
    if depth == 0 or kind < 0.45:
        return leaf(random)
    if kind < 0.6:
        return f"not ({filter_text(random, depth - 1)})"
    parts = [filter_text(random, depth - 1) for _ in range(random.randint(2, 3))]
    text = f" {in_any_case(random, random.choice(['and', 'or']))} ".join(parts)
    return f"({text})" if random.random() < 0.6 else text


def wrong_filter_text(random):
    """A filter that no server may understand."""
    return random.choice(
        [
            "userName",
            "userName eq",
            "userName is \"ana\"",
            "userName eq ana",
            "(userName pr",
            "userName pr)",
            "userName pr and",
            "and userName pr",
            "not userName pr",
            "emails[type eq \"work\"",
            "emails[]",
            "active gt true",
            "active co \"tr\"",
            "userName eq \"a\\x\"",
            "x509Certificates.value gt \"aGk=\"",
            "name.givenName.more eq \"a\"",
            f"{filter_text(random, 1)} xor {filter_text(random, 1)}",
            f"{filter_text(random, 1)} {filter_text(random, 1)}",
        ]
    )


def fresh_elements(random, attribute):
    """Elements that no resource has yet, so that what is the same value is not the question."""
    found = elements(random, attribute)
    for element in found:
        element["value"] = f"{random.randrange(10**9)}{element['value']}"
    return found


def selection(random, attribute):
    """A path to some elements of an attribute."""
    return f'{attribute}[type eq "{random.choice(["work", "home", "nobody"])}"]'


def operation(random):
    """An operation that a server must carry out, unless nothing is at its target."""
    op = in_any_case(random, random.choice(["add", "replace", "replace", "remove"]))
    many = random.choice(MANY)
    word = random.choice(WORDS)
    targets = [
        lambda: (in_any_case(random, random.choice(PLAIN)), word),
        lambda: (f"name.{random.choice(NAME_PARTS)}", word),
        lambda: ("name", {part: random.choice(WORDS) for part in random.sample(NAME_PARTS, 2)}),
        lambda: (f"{ENTERPRISE}:{random.choice(EXTENSION)}", word),
        lambda: (f"{CORE}:{random.choice(PLAIN)}", word),
        lambda: (many, fresh_elements(random, many)),
        lambda: (f"{selection(random, many)}.value", value_for(random, many)),
        lambda: (f"{selection(random, many)}.display", word),
        lambda: ("active", random.random() < 0.5),
        lambda: (None, {random.choice(PLAIN): word, "name": {random.choice(NAME_PARTS): word}}),
        lambda: (None, {random.choice(PLAIN): word, many: fresh_elements(random, many)}),
    ]
    path, value = random.choice(targets)()
    if op.lower() == "remove":
        return {"op": op, "path": path or random.choice(PLAIN)}
    return {"op": op, "value": value} | ({"path": path} if path else {})


def wrong_operation(random):
    """An operation that no server may carry out."""
    word = random.choice(WORDS)
    path = random.choice(["id", "meta.created", "groups", "nothing", "name.nothing", "a b", "name.givenName.x"])
    wrong_type = random.choice([7, [7], {"value": True}])
    return random.choice(
        [
            {"op": random.choice(["add", "replace"]), "path": path, "value": word},
            {"op": "remove", "path": path},
            {"op": "remove"},
            {"op": "replace", "path": random.choice(["active", "displayName"]), "value": wrong_type},
            {"op": "add", "path": "emails", "value": random.choice([[7], 7, [{"value": {"a": 1}}]])},
            {"op": "replace", "path": "emails[nothing eq 1]", "value": {"value": word}},
            {"op": "replace", "path": "emails[type is 1].value", "value": word},
            {"op": "remove", "path": "userName"},
            {"op": "move", "path": "title", "value": word},
            {"op": "add", "path": "title"},
        ]
    )
