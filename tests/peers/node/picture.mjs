// The picture of the README: the demo's application after Ana has signed in and the directory was pushed.
// DEMO is the URL of the demo's first page, PICTURE the file that is written, as WebP.

import { writeFileSync } from "node:fs";
import { chromium } from "playwright-core";

const { DEMO: demo, PICTURE: path } = process.env;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-proxy-server", "--disable-lcd-text"],
});
try {
  const context = await browser.newContext({ viewport: { width: 1120, height: 1200 }, timezoneId: "UTC" });
  const page = await context.newPage();
  await page.goto(demo);
  await page.getByRole("button", { name: "Acme: sign in with SAML" }).click();
  await page.getByRole("button", { name: "Ana, Engineering" }).click();
  await page.waitForURL(`${demo}/app`);
  const directory = await context.newPage();
  await directory.goto(`${demo}/directory/acme`);
  await directory.getByRole("button", { name: "Push 25 people, 4 groups" }).click();
  await page.bringToFront();
  await page.locator("#standing .badge", { hasText: "admin" }).waitFor();
  await page.mouse.move(0, 0);
  // Down to where the keys of the demo are shown.
  const end = await page.getByRole("heading", { name: "The same in a terminal" }).boundingBox();
  const clip = { x: 0, y: 0, width: 1120, height: Math.round(end.y) - 30 };
  const taken = (await page.screenshot({ clip })).toString("base64");
  const blank = await context.newPage();
  const webp = await blank.evaluate(async (png) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas.toDataURL("image/webp", 0.85).split(",")[1];
  }, taken);
  writeFileSync(path, Buffer.from(webp, "base64"));
} finally {
  await browser.close();
}
