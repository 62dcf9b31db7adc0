// What the official Node SDK, as it is, says by itself of JWTs, while one process goes on: a line of standard input is
// `session JWT`, `machine JWT`, or `later SECONDS`, which lets time pass for this process. Each is answered by one line:
// `ok`, or `no` and the reason.

import { createInterface } from "node:readline";
import stytch from "stytch";

const env = process.env;
const client = new stytch.B2BClient({
  project_id: env.VESTIBULE_PROJECT_ID,
  secret: env.VESTIBULE_SECRET,
  env: env.VESTIBULE_BASE_URL,
});

let ahead = 0;
const { now } = Date;
globalThis.Date = class extends Date {
  constructor(...given) {
    super(...(given.length ? given : [now() + ahead]));
  }
  static now() {
    return now() + ahead;
  }
};

const said = {
  session: (session_jwt) => client.sessions.authenticateJwtLocal({ session_jwt }),
  machine: (access_token) => client.m2m.authenticateToken({ access_token }),
  later: async (seconds) => {
    ahead += 1000 * seconds;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [what, given] = line.split(" ");
  console.log(await said[what](given).then(() => "ok", (error) => `no ${error.code} ${error.cause ?? error}`.replaceAll("\n", " ")));
}
