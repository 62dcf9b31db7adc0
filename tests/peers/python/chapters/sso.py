"""Single sign-on connections: SAML, OIDC, external."""

from .telling import certificate, client, equal, expect, refusals, run, step, unknown

sso = client.sso


def saml(organization_id):
    def created():
        connection = sso.saml.create_connection(
            organization_id=organization_id, display_name="Story SAML", identity_provider="okta"
        ).connection
        equal(connection.status, "pending")
        expect(connection.acs_url.endswith(f"/v1/b2b/sso/callback/{connection.connection_id}"), connection.acs_url)
        return connection.connection_id

    connection_id = step("create a SAML connection", created)

    def completed():
        connection = sso.saml.update_connection(
            organization_id=organization_id,
            connection_id=connection_id,
            idp_entity_id=f"https://idp.example.test/{organization_id}",
            idp_sso_url="https://idp.example.test/sso",
            x509_certificate=certificate,
            attribute_mapping={"email": "email", "first_name": "givenName", "last_name": "sn", "groups": "groups"},
            saml_group_implicit_role_assignments=[{"role_id": "stytch_admin", "group": "admins"}],
        ).connection
        equal(connection.status, "active")
        equal(len(connection.verification_certificates), 1)
        equal(connection.attribute_mapping["email"], "email")

    step("complete the SAML connection", completed)
    return connection_id


def oidc(organization_id):
    def created():
        connection = sso.oidc.create_connection(
            organization_id=organization_id, display_name="Story OIDC"
        ).connection
        equal(connection.status, "pending")
        return connection.connection_id

    connection_id = step("create an OIDC connection", created)
    at = {"organization_id": organization_id, "connection_id": connection_id}

    def unreachable():
        answer = sso.oidc.update_connection(
            **at, issuer="https://127.0.0.1:1", client_id="story", client_secret="story-secret"
        )
        expect(answer.warning, "there is a warning")
        equal((answer.connection.issuer, answer.connection.status), ("https://127.0.0.1:1", "pending"))

    def completed():
        connection = sso.oidc.update_connection(
            **at,
            authorization_url="https://idp.example.test/authorize",
            token_url="https://idp.example.test/token",
            userinfo_url="https://idp.example.test/userinfo",
            jwks_url="https://idp.example.test/jwks",
        ).connection
        equal(connection.status, "active")

    step("an unreachable issuer is a warning", unreachable)
    step("complete the OIDC connection", completed)
    return connection_id


def external(organization_id):
    def created():
        return client.organizations.create(organization_name=f"Python Partner {run}").organization.organization_id

    partner = step("create a partner", created)
    shared = saml(partner)

    def trusted():
        connection = sso.external.create_connection(
            organization_id=organization_id,
            external_organization_id=partner,
            external_connection_id=shared,
            connection_implicit_role_assignments=[{"role_id": "stytch_admin"}],
        ).connection
        equal(connection.status, "active")
        equal([given.role_id for given in connection.external_connection_implicit_role_assignments], ["stytch_admin"])
        return connection.connection_id

    connection_id = step("trust the partner's connection", trusted)

    def renamed():
        connection = sso.external.update_connection(
            organization_id=organization_id, connection_id=connection_id, display_name="Partner"
        ).connection
        equal(connection.display_name, "Partner")

    step("rename the partner's connection", renamed)
    return connection_id


def refuse(organization_id, connection_id):
    def update(**draft):
        at = {"organization_id": organization_id, "connection_id": connection_id}
        return lambda: sso.saml.update_connection(**{**at, **draft})

    refusals(
        ("something that is no certificate", 400, "invalid_x509_certificate", update(x509_certificate="none")),
        ("a mapping without an address", 400, "saml_connection_email_mapping_required",
         update(attribute_mapping={"full_name": "name"})),
        ("an identity provider that nobody knows", 400, "invalid_sso_idp",
         lambda: sso.saml.create_connection(organization_id=organization_id, identity_provider="myspace")),
        ("an unknown connection", 404, "saml_connection_not_found",
         update(connection_id=unknown("saml-connection"))),
        ("trust in oneself", 400, "external_organization_id_same_as_organization_id",
         lambda: sso.external.create_connection(
             organization_id=organization_id,
             external_organization_id=organization_id,
             external_connection_id=connection_id,
         )),
        ("an unknown SSO token", 404, "sso_token_not_found", lambda: sso.authenticate(sso_token="not-a-token")),
    )


def live(organization_id):
    first, second, third = saml(organization_id), oidc(organization_id), external(organization_id)

    def listed():
        answer = sso.get_connections(organization_id=organization_id)
        equal([found.connection_id for found in answer.saml_connections], [first])
        equal([found.connection_id for found in answer.oidc_connections], [second])
        equal([found.connection_id for found in answer.external_connections], [third])

    def deleted():
        answer = sso.delete_connection(organization_id=organization_id, connection_id=third)
        equal(answer.connection_id, third)

    step("list the connections", listed)
    refuse(organization_id, first)
    step("delete the partner's connection", deleted)
