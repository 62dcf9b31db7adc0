// Two ways to use a page in headless Chromium: by keyboard alone, where everything that gets the focus has to show it, and
// by mouse with scripts off. Both offer the same: press, fill, pick (in a list), tick (a box or one of several choices).

/** In the page: whether this has the focus, and what is wrong about how the focus is shown. */
function atFocus(wanted) {
  const at = document.activeElement;
  const is = at === wanted;
  if (!at || at === document.body) return { is, wrong: "" };
  const style = getComputedStyle(at);
  const hasRing = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  const box = at.getBoundingClientRect();
  const isInside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const wrong = !hasRing ? "no ring" : !isInside ? "out of sight" : "";
  return { is, wrong: wrong && `${wrong}: ${at.outerHTML.slice(0, 120)}` };
}

/** By keyboard. `complaints` takes what has the focus and does not show it. */
export class Keyboard {
  constructor(page, complaints) {
    this.page = page;
    this.complaints = complaints;
  }

  /** Whether this has the focus; and whatever has it shows that. */
  async has(wanted) {
    const { is, wrong } = await wanted.evaluate(atFocus);
    if (wrong) this.complaints.add(`${new URL(this.page.url()).pathname}: ${wrong}`);
    return is;
  }

  /** Goes on with Tab until this has the focus; the page's end leads to its beginning. */
  async reach(wanted) {
    for (let step = 0; step < 120; step += 1) {
      if (await this.has(wanted)) return;
      await this.page.keyboard.press("Tab");
    }
    throw new Error(`no way by keyboard to ${wanted}`);
  }

  async press(wanted) {
    await this.reach(wanted);
    await this.page.keyboard.press("Enter");
  }

  async fill(wanted, text) {
    await this.reach(wanted);
    await this.page.keyboard.press("Control+A");
    await this.page.keyboard.insertText(text);
  }

  async pick(wanted, text) {
    await this.reach(wanted);
    for (let step = 0; step < 40; step += 1) {
      if ((await wanted.evaluate((list) => list.selectedOptions[0].text)).includes(text)) return;
      await this.page.keyboard.press("ArrowDown");
    }
    throw new Error(`no ${text} to pick`);
  }

  async tick(wanted) {
    if (await wanted.evaluate((box) => box.type === "checkbox")) {
      await this.reach(wanted);
      await this.page.keyboard.press("Space");
      return;
    }
    // One stop for all choices of a question; arrows go on among them.
    const name = await wanted.getAttribute("name");
    await this.reach(this.page.locator(`input[name="${name}"]:checked`));
    for (let step = 0; step < 10 && !(await wanted.isChecked()); step += 1) await this.page.keyboard.press("ArrowDown");
  }

  /** What was refused, or has come of a test, has the focus, so that it is read first. */
  async shown(wanted) {
    await wanted.waitFor();
    await this.page.waitForFunction(() => document.activeElement?.matches("[data-focus]"));
    await this.has(wanted);
  }
}

/** By mouse. */
export class Mouse {
  constructor(page) {
    this.page = page;
  }

  press(wanted) {
    return wanted.click();
  }

  fill(wanted, text) {
    return wanted.fill(text);
  }

  async pick(wanted, text) {
    await wanted.selectOption({ label: (await wanted.locator("option", { hasText: text }).first().textContent()).trim() });
  }

  tick(wanted) {
    return wanted.click();
  }

  shown(wanted) {
    return wanted.waitFor();
  }
}
