// The official Node SDK, and the second factors of a member who signs in by single sign-on.
// STORY_SSO_TOKENS are three one-time tokens of sign-ins, STORY_ORGANIZATION and STORY_MEMBER say whose.
// What the QR code tells is read by jsQR; codes are made by node:crypto as RFC 6238 says.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import jsQR from "jsqr";
import { PNG } from "pngjs";
import { client, env, refusals, step, told } from "./chapters/telling.mjs";

const tokens = env.STORY_SSO_TOKENS.split(",");
const whose = { organization_id: env.STORY_ORGANIZATION, member_id: env.STORY_MEMBER };

function bytes(base32) {
  const bits = [...base32].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"));
  return Buffer.from(bits.join("").match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
}

function code(secret, steps) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const tag = createHmac("sha1", bytes(secret)).update(counter).digest();
  const number = tag.readUInt32BE(tag.at(-1) & 0xf) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

async function owed() {
  const answer = await client.sso.authenticate({ sso_token: tokens.shift() });
  assert.equal(answer.member_authenticated, false);
  assert.equal(answer.session_token, "");
  assert.equal(answer.primary_required, null);
  return answer;
}

const first = await step("a sign-in owes a second factor", async () => {
  const answer = await owed();
  assert.deepEqual(answer.mfa_required.member_options, { mfa_phone_number: "", totp_registration_id: "" });
  return answer.intermediate_session_token;
});
const totp = await step("create an authenticator application", () =>
  client.totps.create({ ...whose, intermediate_session_token: first, expiration_minutes: 10 }));
await step("the QR code tells the secret", () => {
  const { data, width, height } = PNG.sync.read(Buffer.from(totp.qr_code, "base64"));
  const address = new URL(jsQR(new Uint8ClampedArray(data), width, height).data);
  assert.equal(address.protocol, "otpauth:");
  assert.equal(address.searchParams.get("secret"), totp.secret);
  assert.equal(address.searchParams.get("issuer"), "Acme");
  assert.match(decodeURIComponent(address.pathname), /Acme:ana@acme\.test$/);
});
await refusals(["a code of another time", 401, "unable_to_authenticate_totp", () =>
  client.totps.authenticate({ ...whose, intermediate_session_token: first, code: code(totp.secret, -20) })]);
await step("its code opens the session", async () => {
  const answer = await client.totps.authenticate({
    ...whose,
    intermediate_session_token: first,
    code: code(totp.secret, 0),
    session_duration_minutes: 30,
    set_default_mfa: true,
  });
  assert.equal(answer.member.totp_registration_id, totp.totp_registration_id);
  assert.equal(answer.member.default_mfa_method, "totp");
  const factors = answer.member_session.authentication_factors.map((factor) => factor.type);
  assert.deepEqual(factors, ["sso", "totp"]);
  const found = await client.sessions.authenticate({ session_token: answer.session_token });
  assert.equal(found.member.member_id, whose.member_id);
  const local = await client.sessions.authenticateJwtLocal({ session_jwt: answer.session_jwt });
  assert.equal(local.member_id, whose.member_id);
});
const second = await step("the next sign-in names the application", async () => {
  const answer = await owed();
  assert.equal(answer.mfa_required.member_options.totp_registration_id, totp.totp_registration_id);
  return answer.intermediate_session_token;
});
await step("a recovery code opens the session", async () => {
  const answer = await client.recoveryCodes.recover({
    ...whose,
    intermediate_session_token: second,
    recovery_code: totp.recovery_codes[0],
  });
  assert.equal(answer.recovery_codes_remaining, totp.recovery_codes.length - 1);
  assert.equal(answer.member_session.authentication_factors.at(-1).type, "recovery_codes");
});
const third = (await owed()).intermediate_session_token;
await refusals(["a recovery code that was used", 401, "unable_to_authenticate_recovery_code", () =>
  client.recoveryCodes.recover({ ...whose, intermediate_session_token: third, recovery_code: totp.recovery_codes[0] })]);
await step("the codes that are left are shown", async () => {
  const { recovery_codes } = await client.recoveryCodes.get(whose);
  assert.deepEqual(recovery_codes, totp.recovery_codes.slice(1));
});
await step("new codes take their place", async () => {
  const { recovery_codes } = await client.recoveryCodes.rotate(whose);
  assert.equal(recovery_codes.length, 10);
  assert.ok(!recovery_codes.includes(totp.recovery_codes[1]));
});
await refusals(
  ["a number for the first factor alone", 400, "insufficient_factors", () =>
    client.otps.sms.send({ ...whose, mfa_phone_number: "+15551234567", intermediate_session_token: third })],
  ["a second application", 400, "active_totp_exists", () => client.totps.create(whose)],
  ["another one from elsewhere", 400, "active_totp_exists", () =>
    client.totps.migrate({ ...whose, secret: totp.secret, recovery_codes: [] })],
);
await step("the application is deleted", async () => {
  const { member } = await client.organizations.members.deleteTOTP(whose);
  assert.equal(member.totp_registration_id, "");
});
await step("and taken over from elsewhere", async () => {
  const { member } = await client.totps.migrate({ ...whose, secret: totp.secret, recovery_codes: ["1"] });
  assert.notEqual(member.totp_registration_id, "");
});
console.log(`steps: ${told()}`);
