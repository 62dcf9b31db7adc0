// The hosted pages in headless Chromium: looked at by axe-core in light and dark, wide and narrow; and a whole sign-in with
// a second factor that is set up on the way, by keyboard, with scripts off. HOSTED is JSON: `base` (the server), `app`
// (host:port that stands for app.test), `email` and `password` of somebody who owes a second factor at the organization
// acme, `pages` (name and path of pages to look at) and `after` (paths whose first button leads to a page to look at).
// VESTIBULE_SCREENSHOTS names a folder for pictures. Prints JSON: `problems`, and where the sign-in by keyboard ended (`url`).

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const { base, app, email, password, pages, after } = JSON.parse(process.env.HOSTED);
// What uses a link up can be looked at once, so there is one of them for each look.
const lasting = after.filter(([name]) => name !== "organizations");
const once = after.filter(([name]) => name === "organizations");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-proxy-server", `--host-resolver-rules=MAP app.test ${app}`],
});
const problems = [];

/** What axe finds on a page, what it says on the console, and whether it is too wide. */
async function look(page, name) {
  const where = `${name} at ${page.url()}`;
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  for (const { id, nodes } of violations) problems.push(`${where}: ${id}: ${nodes.map((it) => it.html).join(" | ")}`);
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (excess > 0) problems.push(`${where}: ${excess} px too wide`);
  if (process.env.VESTIBULE_SCREENSHOTS) {
    await page.screenshot({ path: `${process.env.VESTIBULE_SCREENSHOTS}/${name}.png`, fullPage: true });
  }
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 390]) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
    const page = await context.newPage();
    const said = [];
    page.on("console", (message) => message.type() === "error" && said.push(message.text()));
    page.on("pageerror", (error) => said.push(String(error)));
    const named = (name) => `${name}-${colorScheme}-${width}`;
    for (const [name, path] of pages) {
      await page.goto(base + path);
      await look(page, named(name));
    }
    for (const [name, path, fields] of [...lasting, once.shift()]) {
      await page.goto(base + path);
      for (const [id, value] of Object.entries(fields ?? {})) await page.fill(`#${id}`, value);
      await page.locator("form button").first().click();
      await page.waitForLoadState();
      await look(page, named(name));
    }
    // A refusal has a status that browsers write to the console.
    for (const text of said) if (!text.startsWith("Failed to load resource")) problems.push(`${named("console")}: ${text}`);
    await context.close();
  }
}

/** The code that an authenticator application shows now (RFC 6238). */
function totp(secret) {
  let bits = "";
  for (const letter of secret.replaceAll(" ", "")) {
    bits += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0");
  }
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac("sha1", key).update(counter).digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

const context = await browser.newContext({ javaScriptEnabled: false });
const page = await context.newPage();

/** Goes on by keyboard until this has the focus. */
async function reach(selector) {
  const wanted = page.locator(selector).first();
  for (let step = 0; step < 40; step += 1) {
    if (await page.locator(`${selector}:focus`).count()) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`no way by keyboard to ${selector} at ${page.url()}: ${await wanted.count()}`);
}

await page.goto(`${base}/o/acme?state=typed`);
await reach("#email");
await page.keyboard.type(email);
await reach("#password");
await page.keyboard.type(password);
await page.keyboard.press("Enter");
await page.waitForURL("**/login/second-factor");
await reach('form[action="/login/second-factor/application"] button');
await page.keyboard.press("Enter");
await page.waitForURL("**/login/second-factor/application");
await reach("summary");
await page.keyboard.press("Enter");
const secret = await page.locator("#secret").textContent();
await reach("#code");
await page.keyboard.type(totp(secret));
await page.keyboard.press("Enter");
await page.waitForURL((url) => url.hostname === "app.test");
console.log(JSON.stringify({ problems, url: page.url() }));
await browser.close();
