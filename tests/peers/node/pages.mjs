// Looks at pages of ours as people do: in light and dark, on a screen and on a phone. PAGES is JSON: `pages` (name, url,
// status), `cookies` (name=value) and `screenshots`, a folder or "". Prints JSON: what is wrong, page by page; nothing if
// all is well. Wrong is: what axe finds, an error in the console, what the policy refused, a page that is wider than its
// window, another status, a page that needs a script to show its heading.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const { pages, cookies, screenshots, origin } = JSON.parse(process.env.PAGES);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-proxy-server"],
});

/** The cookies as the browser holds them. */
function jar() {
  return cookies.map((cookie) => {
    const [name, ...value] = cookie.split("=");
    return { name, value: value.join("="), url: origin };
  });
}

async function look(page, { name, url, status }, seen) {
  const wrong = [];
  seen.length = 0;
  const response = await page.goto(url, { waitUntil: "load" });
  if (response.status() !== (status ?? 200)) wrong.push(`status ${response.status()}`);
  const found = await page.evaluate(`${axe}; axe.run(document, { runOnly: ${JSON.stringify(rules)} })`);
  for (const { id, nodes } of found.violations) wrong.push(`axe ${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
  const width = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
  if (width > 0) wrong.push(`${width} px wider than its window`);
  // A status that is expected is told to the console as well.
  wrong.push(...seen.filter((text) => !(status && text.includes(`status of ${status}`))));
  return wrong.map((text) => `${name}: ${text}`);
}

async function visit(colorScheme, width) {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, reducedMotion: "reduce" });
  await context.addCookies(jar());
  const page = await context.newPage();
  const seen = [];
  page.on("console", (message) => message.type() === "error" && seen.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => seen.push(`script: ${error.message}`));
  page.on("dialog", (dialog) => (seen.push(`a script of somebody else: ${dialog.message()}`), dialog.dismiss()));
  const wrong = [];
  for (const one of pages) {
    wrong.push(...(await look(page, one, seen)));
    if (screenshots) await page.screenshot({ path: `${screenshots}/${one.name}-${colorScheme}-${width}.png`, fullPage: true });
  }
  await context.close();
  return wrong.map((text) => `${colorScheme} ${width}: ${text}`);
}

async function withoutScripts() {
  const context = await browser.newContext({ javaScriptEnabled: false });
  await context.addCookies(jar());
  const page = await context.newPage();
  const wrong = [];
  for (const { name, url } of pages) {
    await page.goto(url);
    if ((await page.locator("h1").count()) !== 1) wrong.push(`without scripts: ${name}: not one heading`);
  }
  await context.close();
  return wrong;
}

try {
  const wrong = await withoutScripts();
  for (const scheme of ["light", "dark"]) for (const width of [1280, 390]) wrong.push(...(await visit(scheme, width)));
  console.log(JSON.stringify(wrong));
} finally {
  await browser.close();
}
