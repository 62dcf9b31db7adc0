// What every chapter of the story shares: the client, how a step is told, how a refusal is recognized.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import stytch from "stytch";

export const env = process.env;
export const projectId = env.VESTIBULE_PROJECT_ID;
export const connect = (secret) => new stytch.B2BClient({ project_id: projectId, secret, env: env.VESTIBULE_BASE_URL });
export const client = connect(env.VESTIBULE_SECRET);
export const certificate = readFileSync(
  env.STORY_CERTIFICATE ?? new URL("../../idp-certificate.pem", import.meta.url),
  "utf8",
);
export const run = randomUUID().slice(0, 8);
export const unknown = (kind) => `${kind}-test-${randomUUID()}`;
export const where = (...operands) => ({ operator: "AND", operands });
export const operand = (filter_name, filter_value) => ({ filter_name, filter_value });

let steps = 0;
export const told = () => steps;

export async function step(name, action) {
  try {
    const result = await action();
    steps += 1;
    console.log(`ok - ${name}`);
    return result;
  } catch (error) {
    const reason = error.error_type
      ? `${error.status_code} ${error.error_type}: ${error.error_message}`
      : String(error.message ?? error);
    console.log(`not ok - ${name}: ${reason.replaceAll("\n", " ")}`);
    process.exit(1);
  }
}

export async function refused(status, type, call) {
  const error = await call().then(
    () => assert.fail(`succeeded, expected ${status} ${type}`),
    (caught) => caught,
  );
  if (error instanceof assert.AssertionError) throw error;
  assert.deepEqual([error.status_code, error.error_type], [status, type]);
  assert.ok(error.error_message && error.error_url && error.request_id, "the error has a message, a URL and a request id");
}

/** One step a refusal: what is wrong, status, error type, call. */
export async function refusals(...rows) {
  for (const [name, status, type, call] of rows) await step(`${name} is refused`, () => refused(status, type, call));
}
