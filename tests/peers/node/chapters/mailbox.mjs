// The mails that the SMTP server took, which STORY_MAILBOX names.

import { existsSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { env } from "./telling.mjs";

function mails() {
  const lines = existsSync(env.STORY_MAILBOX) ? readFileSync(env.STORY_MAILBOX, "utf8").split("\n") : [""];
  // What follows the last line break is not whole yet.
  return lines.slice(0, -1).map((line) => JSON.parse(line));
}

/** What the newest mail to an address has of this form. */
async function find(address, pattern) {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = mails().findLast((mail) => mail.to.includes(address) && pattern.test(mail.text));
    if (found) return found.text.match(pattern)[0];
    await pause(50);
  }
  throw new Error(`no mail for ${address}`);
}

export const codeFor = (address) => find(address, /^\d{6}$/m);

/** The token that the link of this kind brings to the application. */
export async function tokenFor(address, kind) {
  const link = await find(address, new RegExp(`http\\S+stytch_token_type=${kind}&\\S+`));
  return new URL(link).searchParams.get("token");
}
