// Every call of tiers 1 and 2 (fixtures/contract/calls.json) with the official Node SDK, as it is, against a furnished server:
// each reaches the method and path that the contract names, answers in JSON, and does what `walk.mjs` expects of it.
// Calls that may be made on behalf of a member are made with the session of somebody without rights first, who is
// refused, and then with that of an administrator.
// WALK_ORGANIZATION is an organization; WALK_ADMIN and WALK_PLAIN are session tokens of two of its members.
// One line per call, `walked: N` at the end; status 1 if one of them failed.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import stytch from "stytch";
import { record } from "./recorder.mjs";
import { furnish, walk } from "./walk.mjs";

const env = process.env;
const calls = JSON.parse(readFileSync(new URL("../../../fixtures/contract/calls.json", import.meta.url), "utf8"));
const facts = new Map(calls.map((call) => [call.call, call]));
const recorder = await record(env.VESTIBULE_BASE_URL);
const connect = (origin) =>
  new stytch.B2BClient({ project_id: env.VESTIBULE_PROJECT_ID, secret: env.VESTIBULE_SECRET, env: origin });
const client = connect(recorder.origin);
const state = await furnish(connect(env.VESTIBULE_BASE_URL), env);

async function make(name, parameters, session_token) {
  const names = name.split(".");
  const method = names.pop();
  const place = names.reduce((at, part) => at[part], client);
  const options = session_token ? [{ authorization: { session_token } }] : [];
  recorder.last = undefined;
  const outcome = await place[method](parameters, ...options).then(
    (answer) => ({ answer, told: "ok" }),
    (error) => ({ told: error.error_type ? `${error.status_code} ${error.error_type}` : String(error) }),
  );
  return { ...outcome, ...arrival(name) };
}

function arrival(name) {
  const { method, path, form } = facts.get(name);
  const { last } = recorder;
  assert.ok(last, "nothing arrived");
  assert.equal(last.method, method);
  const pattern = path.split("/").map((part) => (part.startsWith("{") ? "[^/]+" : part)).join("/");
  assert.match(last.path, new RegExp(`^${pattern}(\\?.*)?$`));
  assert.equal(last.hasBody, method !== "GET", "a body");
  if (last.hasBody) assert.match(last.asked, form ? /^application\/x-www-form-urlencoded/ : /^application\/json/);
  assert.match(last.type, /^application\/json/);
  return { status: last.status };
}

async function refusedWithoutRights(name, parameters) {
  const { told } = await make(name, parameters, env.WALK_PLAIN);
  assert.equal(told, "403 session_authorization_error", "somebody without rights");
}

async function visit(name, step) {
  const parameters = await step.with(state);
  const expected = step.refused ?? "ok";
  const onBehalf = facts.get(name).on_behalf_of_a_member;
  if (onBehalf) await refusedWithoutRights(name, parameters);
  const session = onBehalf ? env.WALK_ADMIN : undefined;
  if (step.backendOnly) {
    const { told } = await make(name, parameters, session);
    assert.equal(told, "403 session_authorization_error", "no role allows it");
  }
  const { told, status, answer } = await make(name, parameters, step.backendOnly ? undefined : session);
  assert.equal(told, expected);
  assert.ok(status < 500);
  step.then?.(state, answer);
  console.log(`ok - ${name} ${facts.get(name).method} ${facts.get(name).path}: ${told}${onBehalf ? ", on behalf of a member" : ""}`);
}

const missing = [...facts.keys()].filter((name) => !(name in walk));
assert.deepEqual(missing, [], "calls that nobody walks");
let walked = 0;
let failed = 0;
for (const [name, step] of Object.entries(walk)) {
  try {
    await visit(name, step);
    walked += 1;
  } catch (error) {
    failed += 1;
    console.log(`not ok - ${name}: ${String(error.message ?? error).replaceAll("\n", " ")}`);
  }
}
console.log(`walked: ${walked}`);
process.exit(failed === 0 ? 0 : 1);
