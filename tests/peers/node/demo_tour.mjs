// The tour of the demo's pages in headless Chromium, as a newcomer takes it: sign in with SAML, look at what happened,
// push the directory, see the open page change, let Ana leave, try each fault, sign in with OIDC, send a mail.
// DEMO is the URL of the first page. With AXE, axe looks at each page, in light and dark, wide and narrow; with PICTURES, a
// folder, each page is kept there as pictures. Prints JSON: how many `seconds` it took, `signed_out_after_ms` (from before the click), and
// `complaints` (of the console, of the policy, of axe, and of pages that are wider than the screen).

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const demo = process.env.DEMO;
const pictures = process.env.PICTURES ?? (process.env.AXE && process.env.VESTIBULE_SCREENSHOTS);
const axe = process.env.AXE && readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-proxy-server"],
});
const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
context.setDefaultTimeout(30_000);
const complaints = [];

function watch(page) {
  page.on("console", (message) => {
    // A page that is left while it asks whether there is anything new.
    if (message.text().includes("Failed to fetch")) return;
    if (message.type() === "error") complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error}`));
  return page;
}

async function judge(page, where) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document));
  for (const { id, nodes } of violations) complaints.push(`${where}: ${id}: ${nodes.map((node) => node.html).join(" ")}`);
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (tooWide > 0) complaints.push(`${where}: ${tooWide} pixels too wide`);
}

async function look(page, name) {
  if (!pictures && !axe) return;
  if (pictures) mkdirSync(pictures, { recursive: true });
  await page.mouse.move(0, 0);
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 390]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await page.waitForTimeout(50);
      const where = `${name}-${colorScheme}-${width}`;
      if (pictures) await page.screenshot({ path: `${pictures}/${where}.png`, fullPage: true });
      if (axe) await judge(page, where);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** Signs in at the identity provider whose page is open. */
async function be(page, name) {
  await page.getByRole("button", { name }).click();
  await page.waitForURL(`${demo}/app`);
}

const expected = (page, text) => page.getByText(text).first().waitFor();

async function tour() {
  const page = watch(await context.newPage());
  await page.goto(demo);
  await look(page, "start");
  await page.getByRole("button", { name: "Acme: sign in with SAML" }).click();
  await look(page, "idp");
  await be(page, "Ana, Engineering");
  await page.getByRole("heading", { name: "Welcome, Ana Almeida" }).waitFor();
  await page.getByRole("img", { name: /group Engineering .* → role editor/ }).waitFor();
  await expected(page, "every signature must verify");
  await look(page, "application");

  const directory = watch(await context.newPage());
  await directory.goto(`${demo}/directory/acme`);
  await directory.getByRole("button", { name: "Push 25 people, 4 groups" }).click();
  await expected(directory, "25 people and 4 groups pushed, 25 people active.");
  await page.locator("#standing .badge", { hasText: "admin" }).waitFor();
  await look(directory, "directory");
  await look(page, "application-admin");

  const left = page.waitForURL(`${demo}/app?ended=1`);
  const since = Date.now();
  await directory.getByRole("button", { name: "Ana leaves", exact: true }).click();
  await left;
  const signedOutAfter = Date.now() - since;
  await expected(page, "You were signed out.");
  // A page behind another is drawn once a second, which is not what is measured.
  await directory.close();
  await look(page, "signed-out");

  await page.goto(`${demo}/faults`);
  for (const fault of ["Expired", "Wrong audience", "Altered signature", "Unsigned", "Replayed", "Second assertion"]) {
    await page.getByRole("button", { name: `Try it: ${fault}` }).click();
    await page.getByRole("button", { name: `Try again: ${fault}` }).waitFor();
  }
  await look(page, "faults");

  // The same by the person's own browser: the page of the product itself. Its status is a refusal, which Chromium notes.
  const refused = await context.newPage();
  await refused.goto(`${demo}/app`);
  await refused.getByRole("button", { name: "SAML: sign in at Acme" }).click();
  await refused.getByLabel("The identity provider's answer is").selectOption("unsigned");
  await refused.getByRole("button", { name: "Bo, Engineering" }).click();
  await expected(refused, "could not be signed in");
  await refused.close();

  await page.goto(`${demo}/app`);
  await page.getByRole("button", { name: "OIDC: sign in at Globex" }).click();
  await be(page, "Max, Engineering");
  await page.getByRole("heading", { name: "Welcome, Max Moreau" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in to the sample application" }).waitFor();

  // Somebody whose name is a page of its own.
  const name = `<script>alert(1)</script>"'><img src=x onerror=alert(2)> \u202Egnp ${"x".repeat(300)}`;
  await page.getByRole("button", { name: "SAML: sign in at Acme" }).click();
  await page.getByText("Sign in as somebody else").click();
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(`${demo}/app`);
  await page.getByRole("heading", { level: 1, name: "<script>alert(1)</script>" }).waitFor();
  await look(page, "hostile");
  await page.getByRole("button", { name: "Sign out" }).click();

  await page.goto(`${demo}/inbox`);
  await page.getByLabel("E-mail address").fill("bo@acme.test");
  await page.getByRole("button", { name: "Send" }).click();
  await expected(page, "To bo@acme.test");
  await look(page, "inbox");
  await page.goto(`${demo}/log`);
  await page.locator(".events summary").first().click();
  await look(page, "log");
  return signedOutAfter;
}

try {
  const began = Date.now();
  const signedOutAfter = await tour();
  console.log(
    JSON.stringify({ seconds: (Date.now() - began) / 1000, signed_out_after_ms: signedOutAfter, complaints }),
  );
} finally {
  await browser.close();
}
