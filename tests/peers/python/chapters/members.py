"""Members: create, get, search, update, delete, bring back."""

from .telling import client, equal, expect, refusals, run, step, unknown, where

email = f"ana-{run}@acme.test"
newer = f"anna-{run}@acme.test"
external_id = f"ana-{run}"
members = client.organizations.members


def live(organization_id):
    member_id = step("create a member", lambda: create(organization_id))
    at = {"organization_id": organization_id, "member_id": member_id}
    find(organization_id, member_id)
    refuse(at)
    change(at)


def create(organization_id):
    answer = members.create(
        organization_id=organization_id,
        email_address=email,
        name="Ana Anders",
        external_id=external_id,
        roles=["stytch_admin"],
    )
    equal(answer.member.status, "active")
    sources = {role.role_id: [source.type for source in role.sources] for role in answer.member.roles}
    equal(sources, {"stytch_admin": ["direct_assignment"], "stytch_member": ["direct_assignment"]})
    return answer.member_id


def find(organization_id, member_id):
    def found(locator):
        equal(members.get(organization_id=organization_id, **locator).member.member_id, member_id)

    for locator in ({"member_id": member_id}, {"member_id": external_id}, {"email_address": email}):
        step("get the member by what it is called", lambda: found(locator))

    def searched():
        query = where(member_emails=[email], statuses=["active"])
        answer = members.search(organization_ids=[organization_id], query=query)
        equal([found.member_id for found in answer.members], [member_id])
        equal(list(answer.organizations), [organization_id])

    def dangerously_got():
        # The SDK sends this boolean as `True`.
        answer = members.dangerously_get(member_id=member_id, include_deleted=True)
        equal(answer.organization.organization_id, organization_id)

    step("search members", searched)
    step("dangerously get the member", dangerously_got)


def change(at):
    def updated():
        member = members.update(**at, email_address=newer, untrusted_metadata={"theme": "dark"}).member
        equal((member.email_address, member.name), (newer, "Ana Anders"))
        equal([retired.email_address for retired in member.retired_email_addresses], [email])

    def unlinked():
        equal(members.unlink_retired_email(**at, email_address=email).member.retired_email_addresses, [])

    def dropped():
        expect(not members.delete_external_id(**at).member.external_id, "the external id is gone")

    step("update the member", updated)
    step("unlink the retired address", unlinked)
    step("drop the external id", dropped)
    step("delete the member", lambda: members.delete(**at))
    refusals(
        ("a deleted member", 404, "member_not_found", lambda: members.get(**at)),
        ("bringing back who never proved an address", 400, "email_unverified_for_reactivation",
         lambda: members.reactivate(**at)),
    )


def refuse(at):
    organization_id = at["organization_id"]

    def create(**draft):
        return lambda: members.create(organization_id=organization_id, **draft)

    free = f"ben-{run}@acme.test"
    refusals(
        ("an address in use", 400, "duplicate_member_email", create(email_address=email)),
        ("something that is no address", 400, "invalid_email", create(email_address="ana")),
        ("a role that nobody declared", 400, "invalid_rbac_role_id", create(email_address=free, roles=["nobody"])),
        ("an unknown member", 404, "member_not_found",
         lambda: members.get(organization_id=organization_id, member_id=unknown("member"))),
        ("a search for nothing", 400, "invalid_member_get_fields",
         lambda: members.get(organization_id=organization_id)),
        ("a filter that no member search knows", 400, "member_search_filter_name_not_recognized",
         lambda: members.search(organization_ids=[organization_id], query=where(shoe_size=[44]))),
        ("bringing back who is there", 400, "no_deleted_member_found_for_reactivation",
         lambda: members.reactivate(**at)),
    )
