// The admin portal's wizards from the link to what is turned on, told twice at once: by keyboard alone, and by mouse with
// scripts off. PORTAL is JSON: `typed` and `clicked` (links to two organizations without anything in them), `metadata` (of
// a SAML identity provider that signs whoever comes in) and `issuer` (of an OpenID provider that does).
// Prints JSON: `seconds`, and `complaints` about what has the focus and does not show it.

import { chromium } from "playwright-core";
import { Keyboard, Mouse } from "./hands.mjs";

const { typed, clicked, metadata, issuer } = JSON.parse(process.env.PORTAL);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-proxy-server"],
});

const heading = (page, name) => page.getByRole("heading", { name });
const button = (page, name) => page.getByRole("button", { name, exact: true });
const field = (page, name) => page.getByRole("textbox", { name });
const place = (page, name) => page.getByRole("navigation", { name: "Portal" }).getByRole("link", { name, exact: true });
const told = (page, text) => page.getByText(text).first().waitFor();

/** Tests the sign-in of the connection that is shown, and turns it on. */
async function tested(page, hand, isScripted) {
  await hand.press(button(page, "Test sign-in"));
  // The identity provider posts its answer by a script, or by the button that it shows without one.
  if (!isScripted) {
    await page.waitForLoadState();
    const go = page.locator('noscript button, noscript input[type="submit"], form[action*="/callback"] input[type="submit"]');
    if (!page.url().includes("/portal/")) await hand.press(go.first());
  }
  await hand.shown(heading(page, "The test passed"));
  await hand.press(button(page, "Turn on"));
  await button(page, "Turn off").waitFor();
}

async function saml(page, hand, isScripted) {
  await hand.press(page.getByRole("link", { name: "Connect sign-in" }));
  await hand.press(page.getByRole("button", { name: "Another one, by SAML" }));
  await heading(page, "Bring its values here").waitFor();
  await hand.fill(field(page, "Metadata URL"), metadata.replace(/:\d+\/.*/, ":1/none"));
  await hand.press(button(page, "Read metadata"));
  await hand.shown(heading(page, "This was not taken"));
  await hand.fill(field(page, "Metadata URL"), metadata);
  await hand.press(button(page, "Read metadata"));
  await told(page, "Certificates we believe");
  await tested(page, hand, isScripted);
}

async function oidc(page, hand, isScripted) {
  await hand.press(place(page, "Sign-in"));
  await hand.press(page.getByRole("button", { name: "Another one, by OpenID Connect" }));
  for (const given of ["ftp://elsewhere.test", issuer]) {
    await hand.fill(field(page, "Issuer"), given);
    await hand.fill(field(page, "Client ID"), "vestibule");
    await hand.fill(page.getByLabel("Client secret"), "a-secret-of-some-length");
    await hand.press(button(page, "Save"));
    if (given !== issuer) await hand.shown(heading(page, "This was not taken"));
  }
  await tested(page, hand, isScripted);
}

/** Sends what a directory sends first. */
async function push(base, token) {
  const send = async (kind, body) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/scim+json" };
    const answer = await fetch(`${base}/${kind}`, { method: "POST", headers, body: JSON.stringify(body) });
    if (answer.status !== 201) throw new Error(`${kind}: ${await answer.text()}`);
    return (await answer.json()).id;
  };
  const ana = await send("Users", {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
    userName: "ana@acme.test", displayName: "Ana", emails: [{ value: "ana@acme.test", primary: true }],
  });
  await send("Groups", {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "Engineers", members: [{ value: ana }],
  });
}

async function directory(page, hand, isScripted) {
  await hand.press(place(page, "Directory"));
  await hand.press(page.getByRole("button", { name: "Okta" }));
  await heading(page, "Copy the token now").waitFor();
  const [base, token] = await Promise.all(["#base-url", "#token"].map((id) => page.locator(id).textContent()));
  if (isScripted) await hand.press(page.getByRole("button", { name: "Copy Bearer token" }));
  await push(base, token);
  await hand.press(place(page, "Directory"));
  await told(page, "Your directory speaks to us");
  await hand.press(button(page, "Make a new token"));
  await hand.press(button(page, "End the old token"));
  await button(page, "Make a new token").waitFor();
}

async function domains(page, hand, domain) {
  await hand.press(place(page, "Domains"));
  await hand.fill(field(page, "Domain"), "gmail.com");
  await hand.press(button(page, "Add it"));
  await hand.shown(heading(page, "This domain was not taken"));
  await hand.fill(field(page, "Domain"), domain);
  await hand.press(button(page, "Add it"));
  await heading(page, domain).waitFor();
  for (let step = 0; step < 20 && !(await page.getByText("Verified").count()); step += 1) {
    await Promise.all([page.waitForEvent("load"), hand.press(button(page, "Check now"))]);
  }
  await told(page, "Verified");
}

async function roles(page, hand) {
  await hand.press(place(page, "Roles"));
  const card = page.getByRole("article").filter({ has: page.getByRole("combobox", { name: "Group" }) });
  await hand.pick(card.getByLabel("Group"), "Engineers");
  await hand.pick(card.getByLabel("Role"), "editor");
  await hand.press(card.getByRole("button", { name: "See who gains it" }));
  await heading(page, "Gain it: 1").waitFor();
  await hand.press(button(page, "Save the rule"));
  await told(page, "Saved.");
}

async function settings(page, hand) {
  await hand.press(place(page, "Settings"));
  for (const factor of ["An authenticator app", "A code sent to a phone"]) await hand.tick(page.getByLabel(factor));
  await hand.tick(page.getByLabel("For everybody"));
  await hand.press(button(page, "See what this changes"));
  await hand.shown(heading(page, "This was not taken"));
  await hand.tick(page.getByLabel("For everybody"));
  await hand.press(button(page, "See what this changes"));
  await heading(page, "Have to set up a second factor").waitFor();
  await hand.press(button(page, "Save"));
  await told(page, "Saved.");
}

/** Members, why one of them has a role, and the log. */
async function looking(page, hand) {
  await hand.press(place(page, "Members"));
  await hand.fill(page.getByLabel("Part of an e-mail address"), "ana");
  await hand.press(button(page, "Search"));
  await hand.press(page.getByRole("link", { name: "Ana", exact: true }));
  await heading(page, "Where the roles come from").waitFor();
  await hand.press(page.locator("summary", { hasText: "Show as table" }));
  await page.getByRole("cell", { name: "Engineers" }).first().waitFor();
  await hand.press(page.locator("summary", { hasText: "What made it so" }).first());
  await hand.press(place(page, "Log"));
  await hand.pick(page.getByLabel("Show", { exact: true }), "What changed");
  await hand.press(button(page, "Show"));
  await page.waitForURL("**show=changed**");
  await told(page, "connection");
}

/** Everything, one after the other; how many seconds it took. */
async function tell(page, link, [hand, isScripted]) {
  const begun = Date.now();
  await page.goto(link);
  await hand.press(button(page, "Open the portal"));
  await saml(page, hand, isScripted);
  await oidc(page, hand, isScripted);
  await directory(page, hand, isScripted);
  await domains(page, hand, isScripted ? "typed.test" : "clicked.test");
  await roles(page, hand);
  await settings(page, hand);
  await looking(page, hand);
  await hand.press(page.getByRole("link", { name: "Admin portal" }));
  await told(page, "4 of 4");
  return (Date.now() - begun) / 1000;
}

async function open(link, isScripted, complaints) {
  const context = await browser.newContext({ javaScriptEnabled: isScripted, viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const hand = isScripted ? new Keyboard(page, complaints) : new Mouse(page);
  try {
    return await tell(page, link, [hand, isScripted]);
  } catch (error) {
    throw new Error(`${hand.constructor.name} at ${page.url()}: ${await page.locator("body").innerText()}`, { cause: error });
  }
}

try {
  const complaints = new Set();
  const seconds = await Promise.all([open(typed, true, complaints), open(clicked, false, complaints)]);
  console.log(JSON.stringify({ seconds, complaints: [...complaints] }));
} finally {
  await browser.close();
}
