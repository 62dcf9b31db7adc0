// Passwords: how strong they are, taken over, checked, changed, taken away.

import assert from "node:assert/strict";
import { client, refusals, run, step } from "./telling.mjs";

const { passwords, organizations } = client;
const email_address = `pia.${run}@acme.test`;
const first = "correct horse battery staple";
const second = "seven mild otters knit socks";
const third = "nine calm badgers play whist";

export async function live(organization_id) {
  await step("check how strong passwords are", async () => {
    const strong = await passwords.strengthCheck({ password: second, email_address });
    assert.equal(strong.valid_password, true);
    assert.equal(strong.strength_policy, "zxcvbn");
    const weak = await passwords.strengthCheck({ password: "password1" });
    assert.equal(weak.valid_password, false);
    assert.ok(weak.zxcvbn_feedback.suggestions.length > 0);
  });
  const migration = {
    organization_id,
    email_address,
    hash_type: "sha_1",
    hash: "3dc1d3785e7054e2f65e227aa47386e81752be1c",
    sha_1_config: { prepend_salt: "before", append_salt: "after" },
    name: "Pia",
  };
  await step("take a password over", async () => {
    const { member_created, member } = await passwords.migrate(migration);
    assert.equal(member_created, true);
    assert.equal(member.email_address_verified, true);
    assert.match(member.member_password_id, /^member-password-test-/);
  });
  const login = { organization_id, email_address, session_duration_minutes: 30 };
  await step("sign in by it, twice", async () => {
    for (const _ of [1, 2]) {
      const answer = await passwords.authenticate({ ...login, password: first });
      assert.equal(answer.member_authenticated, true);
      assert.equal(answer.member_session.authentication_factors[0].type, "password");
    }
  });
  const { session_token } = await step("change it by the old one", () =>
    passwords.existingPassword.reset({ ...login, existing_password: first, new_password: second }));
  await step("change it by a session", async () => {
    const answer = await passwords.sessions.reset({ organization_id, session_token, password: third });
    assert.equal(answer.session_token, session_token);
  });
  await refusals(
    ["an old password", 401, "unauthorized_credentials", () => passwords.authenticate({ ...login, password: first })],
    ["somebody unknown", 401, "unauthorized_credentials", () =>
      passwords.authenticate({ ...login, email_address: `no.${email_address}`, password: third })],
    ["a weak password", 400, "weak_password", () =>
      passwords.sessions.reset({ organization_id, session_token, password: "password1" })],
    ["a second hash", 400, "password_already_exists", () => passwords.migrate(migration)],
    ["a broken hash", 400, "invalid_bcrypt_hash", () => passwords.migrate({ ...migration, hash_type: "bcrypt" })],
  );
  await step("take it away", async () => {
    const { member } = await passwords.authenticate({ ...login, password: third });
    const { member_password_id } = member;
    const gone = await organizations.members.deletePassword({ organization_id, member_password_id });
    assert.equal(gone.member.member_password_id, "");
  });
}
