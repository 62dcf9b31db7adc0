-- session: -c default_transaction_isolation=serializable -c statement_timeout=5s -c timezone=UTC
-- The statements of `POST /Users` in the product's own words, as docs/performance.md explains.
-- Names that are not set here stand for what the product sent. The numbers stand for identifiers,
-- unique and ascending over time as the product's are; `name` stands for userName, externalId and
-- the address, which come in no order.
\set n :n + 1
\set number 1000000000000000000 + 1000 * :n + :client_id
\set second_number :number + 500
\set name random(1000000000000000000, 9000000000000000000)
BEGIN;
SELECT "organizations"."project_id", "organizations"."id", "scim_tokens"."connection_id",
    set_config(:setting, "organizations"."id", :is_local)
    FROM ("scim_tokens" INNER JOIN "organizations" ON ("organizations"."id" =
        "scim_tokens"."organization_id"))
    WHERE ((("organizations"."project_id" = :project)
    AND ("scim_tokens"."hash" = :token_hash))
    AND ("scim_tokens"."expires_at" > :now))
    LIMIT :limit;
SELECT "connections"."organization_id", "connections"."id", "connections"."kind",
    "connections"."display_name", "connections"."identity_provider", "connections"."status",
    "connections"."settings", "connections"."created_at", "connections"."updated_at"
    FROM "connections"
    WHERE (((("connections"."organization_id" = :organization)
    AND ("connections"."id" = :connection))
    AND ("connections"."kind" = :kind))
    AND ("connections"."status" != :deleted))
    LIMIT :limit;
SELECT "scim_users"."organization_id", "scim_users"."id", "scim_users"."connection_id",
    "scim_users"."user_name", "scim_users"."external_id", "scim_users"."email",
    "scim_users"."display_name", "scim_users"."active", "scim_users"."member_id",
    "scim_users"."resource", "scim_users"."version", "scim_users"."created_at",
    "scim_users"."updated_at"
    FROM "scim_users"
    WHERE ((("scim_users"."organization_id" = :organization)
    AND ("scim_users"."connection_id" = :connection))
    AND ("scim_users"."user_name" = :name))
    LIMIT :limit;
SELECT "organizations"."id", "organizations"."project_id", "organizations"."slug",
    "organizations"."name", "organizations"."name_folded", "organizations"."external_id",
    "organizations"."logo_url", "organizations"."trusted_metadata", "organizations"."settings",
    "organizations"."created_at", "organizations"."updated_at", "organizations"."custom_roles",
    set_config(:setting, "organizations"."id", :is_local)
    FROM "organizations"
    WHERE (("organizations"."id" = :organization)
    AND ("organizations"."project_id" = :project))
    LIMIT :limit;
SELECT "members"."organization_id", "members"."id", "members"."email", "members"."email_address",
    "members"."email_address_verified", "members"."status", "members"."name",
    "members"."external_id", "members"."trusted_metadata", "members"."untrusted_metadata",
    "members"."is_breakglass", "members"."mfa_enrolled", "members"."mfa_phone_number",
    "members"."explicit_roles", "members"."removed_by_directory", "members"."created_at",
    "members"."updated_at"
    FROM "members"
    WHERE (("members"."organization_id" = :organization)
    AND ("members"."email" = :name))
    ORDER BY "members"."id" DESC;
SELECT "retired_emails"."member_id"
    FROM "retired_emails"
    WHERE (("retired_emails"."organization_id" = :organization)
    AND ("retired_emails"."email" = :name))
    LIMIT :limit;
INSERT INTO "members" ("organization_id", "id", "email", "email_address",
    "email_address_verified", "status", "name", "external_id", "trusted_metadata",
    "untrusted_metadata", "is_breakglass", "mfa_enrolled", "mfa_phone_number", "explicit_roles",
    "removed_by_directory", "created_at", "updated_at")
    VALUES (:organization, :number, :name, :name, :verified, :status, :member_name, DEFAULT,
        :trusted_metadata, :untrusted_metadata, :is_breakglass, :mfa_enrolled, :mfa_phone_number,
        :explicit_roles, :removed_by_directory, :now, :now);
INSERT INTO "journal" ("organization_id", "id", "occurred_at", "kind", "object_id", "actor",
    "actor_id", "request_id", "before_change", "after_change")
    VALUES (:organization, :number, :now, :member_event, :member_object, :actor,
        :connection_object, :request, :member_before, :member_after);
INSERT INTO "scim_users" ("organization_id", "id", "connection_id", "user_name", "external_id",
    "email", "display_name", "active", "member_id", "resource", "version", "created_at",
    "updated_at")
    VALUES (:organization, :number, :connection, :name, :name, :name, :display_name,
        :active, :number, :resource, :version, :now, :now);
INSERT INTO "journal" ("organization_id", "id", "occurred_at", "kind", "object_id", "actor",
    "actor_id", "request_id", "before_change", "after_change")
    VALUES (:organization, :second_number, :now, :user_event, :user_object, :actor,
        :connection_object, :request, :user_before, :user_after);
COMMIT;
