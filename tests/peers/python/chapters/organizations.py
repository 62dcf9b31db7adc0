"""Organizations: create, get, update, search, count, and at the end of the story delete."""

from .telling import client, connect, equal, expect, refusals, run, step, unknown, where

slug = f"python-story-{run}"
external = f"python.{run}"
organizations = client.organizations


def create():
    def created():
        answer = organizations.create(
            organization_name="Python Story",
            organization_slug=slug,
            organization_external_id=external,
            email_allowed_domains=["acme.test"],
            email_invites="ALL_ALLOWED",
        )
        equal(answer.status_code, 200)
        equal(answer.organization.organization_slug, slug)
        equal(answer.organization.email_allowed_domains, ["acme.test"])
        return answer.organization.organization_id

    organization_id = step("create an organization", created)

    def found(named):
        equal(organizations.get(organization_id=named).organization.organization_id, organization_id)

    for named in (organization_id, slug, external):
        step("get the organization by what it is called", lambda: found(named))
    return organization_id


def live(organization_id):
    def updated():
        organization = organizations.update(
            organization_id=organization_id,
            organization_name="Python Story Renamed",
            trusted_metadata={"plan": "team", "seats": 5},
            mfa_policy="OPTIONAL",
        ).organization
        equal(organization.organization_name, "Python Story Renamed")
        equal(organization.organization_slug, slug)
        equal(organization.email_allowed_domains, ["acme.test"])
        equal(organization.trusted_metadata, {"plan": "team", "seats": 5})

    def merged():
        metadata = {"plan": "pro", "seats": None}
        organization = organizations.update(organization_id=organization_id, trusted_metadata=metadata).organization
        equal(organization.trusted_metadata, {"plan": "pro"})

    def searched():
        answer = organizations.search(query=where(organization_slugs=[slug], organization_name_fuzzy="renam"))
        equal([found.organization_id for found in answer.organizations], [organization_id])
        equal(answer.results_metadata.total, 1)

    step("update the organization", updated)
    step("metadata is merged, and a null takes a key away", merged)
    step("search organizations", searched)
    refusals(
        ("a slug in use", 400, "organization_slug_already_used",
         lambda: organizations.create(organization_name="Again", organization_slug=slug)),
        ("an external id in use", 400, "organization_external_id_already_used",
         lambda: organizations.create(organization_name="Again", organization_external_id=external)),
        ("a restriction to nothing", 400, "allowed_auth_methods_required_for_restricted",
         lambda: organizations.create(organization_name="Closed", auth_methods="RESTRICTED")),
        ("a filter that nobody knows", 400, "organization_search_filter_name_not_recognized",
         lambda: organizations.search(query=where(shoe_size=[44]))),
        ("an unknown organization", 404, "organization_not_found",
         lambda: organizations.get(organization_id=unknown("organization"))),
        ("a wrong secret", 401, "unauthorized_credentials",
         lambda: connect("secret-test-wrong").organizations.get(organization_id=organization_id)),
    )


def end(organization_id):
    def counted():
        expect(organizations.metrics(organization_id=organization_id).member_count >= 0, "there is a count")

    step("count the members", counted)
    step("drop the external id", lambda: organizations.delete_external_id(organization_id=organization_id))
    step("delete the organization", lambda: organizations.delete(organization_id=organization_id))
    refusals(
        ("a deleted organization", 404, "organization_not_found",
         lambda: organizations.get(organization_id=organization_id)),
    )
