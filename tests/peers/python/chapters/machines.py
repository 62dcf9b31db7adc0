"""Machines of the project: their life, their secrets, their tokens, and what the SDK says of a token by itself."""

from stytch.consumer.models.m2m import M2MSearchQuery, M2MSearchQueryOperator
from stytch.consumer.models.m2m_clients import UpdateRequestStatus

from chapters.telling import client, equal, expect, refused, refusals, run, step

clients = client.m2m.clients
secrets = client.m2m.clients.secrets


def live():
    machine = step("create a machine", create)
    client_id, client_secret = machine.client_id, machine.client_secret
    step("get, change and find it", lambda: find(client_id))
    step("a token says what its machine may do", lambda: token(client_id, client_secret))
    step("an inactive machine gets no token", lambda: inactive(client_id, client_secret))
    step("two secrets work while they are rotated", lambda: rotate(client_id, client_secret))
    refusals(
        ("a machine that there is not", 404, "m2m_client_not_found", lambda: clients.get("nobody")),
        ("an id that is taken", 400, "duplicate_m2m_client_id", lambda: clients.create(scopes=[], client_id=client_id)),
        ("a wrong secret", 401, "invalid_client", lambda: client.m2m.token(client_id, "wrong")),
    )
    step("delete it", lambda: equal(clients.delete(client_id).client_id, client_id))


def create():
    machine = clients.create(scopes=["read:reports", "write:reports"], client_name=f"Reports {run}").m2m_client
    equal(machine.status, "active")
    equal(machine.client_secret_last_four, machine.client_secret[-4:])
    return machine


def find(client_id):
    equal(clients.get(client_id).m2m_client.scopes, ["read:reports", "write:reports"])
    equal(clients.update(client_id, client_description="Nightly").m2m_client.client_description, "Nightly")
    operands = [{"filter_name": "client_name", "filter_value": [f"Reports {run}"]}]
    query = M2MSearchQuery(operator=M2MSearchQueryOperator.AND, operands=operands)
    found = clients.search(query=query, limit=10)
    equal([it.client_id for it in found.m2m_clients], [client_id])


def token(client_id, client_secret):
    answer = client.m2m.token(client_id, client_secret, scopes=["read:reports"])
    equal((answer.token_type, answer.expires_in), ("bearer", 3600))
    told = client.m2m.authenticate_token(answer.access_token, required_scopes=["read:reports"])
    expect(told, "the token is accepted")
    equal((told.client_id, told.scopes), (client_id, ["read:reports"]))
    refusal = client.m2m.authenticate_token(answer.access_token, required_scopes=["write:reports"])
    equal(refusal, None)
    refused(400, "invalid_scope", lambda: client.m2m.token(client_id, client_secret, scopes=["all"]))


def inactive(client_id, client_secret):
    clients.update(client_id, status=UpdateRequestStatus.INACTIVE)
    refused(401, "invalid_client", lambda: client.m2m.token(client_id, client_secret))
    clients.update(client_id, status=UpdateRequestStatus.ACTIVE)


def rotate(client_id, first):
    second = secrets.rotate_start(client_id).m2m_client.next_client_secret
    for secret in (first, second):
        client.m2m.token(client_id, secret)
    secrets.rotate_cancel(client_id)
    refused(401, "invalid_client", lambda: client.m2m.token(client_id, second))
    second = secrets.rotate_start(client_id).m2m_client.next_client_secret
    secrets.rotate(client_id)
    client.m2m.token(client_id, second)
    refused(401, "invalid_client", lambda: client.m2m.token(client_id, first))
