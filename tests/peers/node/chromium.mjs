// Sign-ins in headless Chromium, as people do them: once, again, with the back button, with a double click, and with
// cookies lost on the way. WALK is JSON: `start` (where a sign-in begins), `app` (host:port that stands for app.test) and
// `login` (what to fill into the identity provider's form, by field name; {} if it asks nothing).
// Prints JSON: for each walk where it ended (`url`) and the code that our page shows there, if it is ours.

import { chromium } from "playwright-core";

const { start, app, login } = JSON.parse(process.env.WALK);
const callback = "/v1/b2b/sso/callback";
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-proxy-server", `--host-resolver-rules=MAP app.test ${app}`],
});

/** The code on a page of ours; null on any other. */
async function code(page) {
  const found = await page.locator('dt:text-is("Code") + dd').allTextContents();
  return found[0] ?? null;
}

/** Waits until the application or a page of ours is reached; tells where else it ended when that is allowed. */
async function settle(page, patience = 20_000, elsewhere = false) {
  const until = Date.now() + patience;
  for (;;) {
    try {
      if (new URL(page.url()).hostname === "app.test" || (await code(page)) !== null) break;
    } catch {
      // The page is just being left.
    }
    if (Date.now() > until && elsewhere) break;
    if (Date.now() > until) throw new Error(`stranded at ${page.url()}: ${await page.content()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { url: page.url(), code: await code(page) };
}

const submit = (page) => page.locator('button, input[type="submit"]').first();
const asks = Object.keys(login).length > 0;

/** Goes to the identity provider and fills in its form, if it shows one; says whether it did. */
async function begin(page) {
  await page.goto(start);
  let shown = false;
  for (const [name, value] of Object.entries(login)) {
    const field = page.locator(`input[name="${name}"]`).first();
    if ((await field.count()) === 0) continue;
    await field.fill(value);
    shown = true;
  }
  return shown;
}

async function signIn(page) {
  if (await begin(page)) await submit(page).click();
  return settle(page);
}

/** Once, then again in the same browser, then back to where the answer came from. */
async function plain() {
  const context = await browser.newContext();
  const page = await context.newPage();
  const once = await signIn(page);
  const again = await signIn(page);
  await page.goBack({ waitUntil: "commit" }).catch(() => null);
  const back = await settle(page, 3_000, true);
  await context.close();
  return { once, again, back };
}

/** The answer is sent twice at once, as by a double click: by the browser, and by a copy of its request. */
async function double() {
  const context = await browser.newContext();
  const page = await context.newPage();
  const copied = new Promise((resolve) => {
    page.on("request", async (request) => {
      if (!new URL(request.url()).pathname.startsWith(callback)) return;
      const headers = await request.allHeaders();
      for (const name of Object.keys(headers)) if (name.startsWith(":")) delete headers[name];
      const data = request.postDataBuffer() ?? undefined;
      resolve(await context.request.fetch(request.url(), { method: request.method(), headers, data, maxRedirects: 0 }));
    });
  });
  const here = await signIn(page);
  const there = await copied;
  const shown = /<dt>Code<\/dt><dd>([^<]*)</.exec(await there.text());
  const location = there.headers().location ?? "";
  await context.close();
  return { double: here, copy: { status: there.status(), url: location, code: shown?.[1] ?? null } };
}

/** Where an identity provider that asks nothing redirects to with its answer; nothing if it shows a page. */
async function answerOf(context) {
  let url = start;
  while (!new URL(url).pathname.startsWith(callback)) {
    const response = await context.request.fetch(url, { maxRedirects: 0 });
    const { location } = response.headers();
    if (!location) return undefined;
    url = new URL(location, url).href;
  }
  return url;
}

/** Our cookie is lost while the person is at the identity provider. */
async function lost() {
  const context = await browser.newContext();
  const page = await context.newPage();
  const forget = () => context.clearCookies({ path: callback });
  if (asks) {
    await begin(page);
    await forget();
    await submit(page).click();
  } else {
    const answer = await answerOf(context);
    // A form that posts itself answers at once, so there the cookie has to be lost on the way.
    await page.route(`**${callback}/**`, async (route) => {
      const headers = await route.request().allHeaders();
      delete headers.cookie;
      await forget();
      await route.continue({ headers });
    });
    await forget();
    await page.goto(answer ?? start);
  }
  const ended = await settle(page);
  await context.close();
  return { lost: ended };
}

try {
  console.log(JSON.stringify({ ...(await plain()), ...(await double()), ...(await lost()) }));
} finally {
  await browser.close();
}
