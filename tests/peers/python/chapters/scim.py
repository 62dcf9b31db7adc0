"""The directory: a SCIM connection, what an IdP pushes through it, the rotation of its token."""

import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from .telling import client, equal, expect, refusals, run, step, unknown

connections = client.scim.connection


def idp(url, token, resource=None):
    """What an IdP does: the status and the resource."""
    body = json.dumps(resource).encode() if resource else None
    headers = {"authorization": f"Bearer {token}", "content-type": "application/scim+json"}
    try:
        with urlopen(Request(url, data=body, headers=headers)) as response:
            return response.status, json.load(response)
    except HTTPError as error:
        return error.code, None


def create(organization_id):
    connection = connections.create(
        organization_id=organization_id, display_name="Story SCIM", identity_provider="okta"
    ).connection
    equal(connection.status, "active")
    expect(len(connection.bearer_token) == 48 and connection.bearer_token.isalnum(), "the token is shown once")
    return connection


def provision(at, created):
    email = f"ben-{run}@acme.test"

    def pushed():
        status, user = idp(f"{created.base_url}/Users", created.bearer_token, {"userName": email})
        equal(status, 201)
        group = {"displayName": "Editors", "members": [{"value": user["id"]}]}
        equal(idp(f"{created.base_url}/Groups", created.bearer_token, group)[0], 201)

    def listed():
        answer = connections.get_groups(**at, limit=10)
        equal([group.group_name for group in answer.scim_groups], ["Editors"])
        expect(not answer.next_cursor, "there is one page")
        return answer.scim_groups[0].group_id

    step("push somebody and a group", pushed)
    group_id = step("list the groups", listed)

    def given():
        connection = connections.update(
            **at,
            display_name="Story SCIM renamed",
            scim_group_implicit_role_assignments=[
                {"role_id": "stytch_admin", "group_id": group_id, "group_name": ""}
            ],
        ).connection
        equal((connection.display_name, connection.identity_provider), ("Story SCIM renamed", "okta"))
        equal(connection.scim_group_implicit_role_assignments[0].group_name, "Editors")

    def explained():
        member = client.organizations.members.get(
            organization_id=at["organization_id"], email_address=email
        ).member
        equal(member.scim_registration.scim_attributes.user_name, email)
        sources = {role.role_id: role.sources for role in member.roles}
        equal([source.type for source in sources["stytch_admin"]], ["scim_connection_group"])

    step("give the group a role", given)
    step("the pushed member has the role, and it says why", explained)
    return email


def rotate(at, created):
    def works(token):
        return idp(f"{created.base_url}/Users", token)[0] == 200

    def started():
        token = connections.rotate_start(**at).connection.next_bearer_token
        expect(works(created.bearer_token) and works(token), "both tokens work")
        return token

    refusals(("the end of a rotation that was not started", 400, "scim_connection_not_rotating_token",
              lambda: connections.rotate_complete(**at)))
    following = step("start a rotation", started)

    def shown():
        connection = connections.get(organization_id=at["organization_id"]).connection
        equal(connection.bearer_token_last_four, created.bearer_token[-4:])
        equal(connection.next_bearer_token_last_four, following[-4:])

    def completed():
        connection = connections.rotate_complete(**at).connection
        equal(connection.bearer_token_last_four, following[-4:])
        expect(not works(created.bearer_token) and works(following), "only the next token works")

    def cancelled():
        token = connections.rotate_start(**at).connection.next_bearer_token
        equal(connections.rotate_cancel(**at).connection.next_bearer_token_last_four, "")
        expect(not works(token) and works(following), "the token that was cancelled does not work")

    step("get the SCIM connection", shown)
    step("complete the rotation", completed)
    step("cancel another rotation", cancelled)


def refuse(at):
    def rule(**assignment):
        return lambda: connections.update(**at, scim_group_implicit_role_assignments=[assignment])

    refusals(
        ("a second active SCIM connection", 400, "active_scim_connection_exists",
         lambda: connections.create(organization_id=at["organization_id"])),
        ("a directory that nobody knows", 400, "invalid_scim_idp",
         lambda: connections.update(**at, identity_provider="myspace")),
        ("a role for an unknown group", 400, "scim_group_role_assignment_group_does_not_exist",
         rule(role_id="stytch_admin", group_id=unknown("scim-group"))),
        ("a role for no group", 400, "scim_group_role_assignment_does_not_contain_group_id",
         rule(role_id="stytch_admin")),
        ("a group's role that nobody declared", 400, "invalid_rbac_role_id", rule(role_id="nobody", group_id="x")),
    )


def live(organization_id):
    created = step("create a SCIM connection", lambda: create(organization_id))
    at = {"organization_id": organization_id, "connection_id": created.connection_id}
    email = provision(at, created)
    rotate(at, created)
    refuse(at)

    def deleted():
        equal(connections.delete(**at).connection_id, created.connection_id)
        member = client.organizations.members.get(organization_id=organization_id, email_address=email).member
        equal((member.status, member.scim_registration), ("active", None))
        return member.member_id

    member_id = step("delete the SCIM connection", deleted)
    refusals(("a directory that is gone", 404, "no_active_scim_connection",
              lambda: connections.get(organization_id=organization_id)))

    def back():
        members = client.organizations.members
        members.delete(organization_id=organization_id, member_id=member_id)
        answer = members.reactivate(organization_id=organization_id, member_id=member_id)
        equal(answer.member.status, "active")

    step("delete a member and bring them back", back)
    return member_id
