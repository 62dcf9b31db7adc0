-- session: -c default_transaction_read_only=on -c statement_timeout=5s -c timezone=UTC
-- The statements of `GET /Users/{id}` in the product's own words, as docs/performance.md explains.
-- Names that are not set here stand for what the product sent. Each number is one of the Users that
-- scim_create.sql wrote before.
\set number 1000000000000000000 + 1000 * random(1, :seeded) + random(0, :clients - 1)
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
    AND ("scim_users"."id" = :number))
    LIMIT :limit;
SELECT "scim_group_members"."user_id", "scim_groups"."id", "scim_groups"."display_name"
    FROM ("scim_group_members" INNER JOIN "scim_groups" ON ("scim_groups"."id" =
        "scim_group_members"."group_id"))
    WHERE ((("scim_group_members"."organization_id" = :organization)
    AND ("scim_groups"."organization_id" = :organization))
    AND ("scim_group_members"."user_id" = ANY(:users)))
    ORDER BY "scim_group_members"."group_id" ASC;
COMMIT;
