// What pages do besides htmx. Every page works without it; what only works with it has the class `needs-script`.
(() => {
  const root = document.documentElement;
  root.classList.add("has-script");

  /** Instants in the reader's own time; the UTC text stays as the title. */
  function tellTimes(inside) {
    for (const time of inside.querySelectorAll("time[datetime]:not([title])")) {
      const instant = new Date(time.dateTime);
      if (Number.isNaN(instant.getTime())) continue;
      time.title = time.textContent.trim();
      time.textContent = instant.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
    }
  }

  /** `<button data-copy="id of what holds the text">`. */
  async function copy(button) {
    const source = document.getElementById(button.dataset.copy);
    if (!source) return;
    const text = "value" in source ? source.value : source.textContent;
    const told = button.dataset.told ?? button.textContent;
    button.dataset.told = told;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      button.textContent = "Press Ctrl+C";
    }
    setTimeout(() => (button.textContent = told), 2000);
  }

  /** `<input type="file" data-into="id of a text area">`: what is in the file goes into the form. */
  async function read(input) {
    const target = document.getElementById(input.dataset.into);
    const [file] = input.files;
    if (target && file) target.value = await file.text();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[data-copy]");
    if (button) copy(button);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("input[data-into]")) read(event.target);
  });
  document.addEventListener("htmx:after:swap", () => tellTimes(document));
  document.addEventListener("DOMContentLoaded", () => {
    tellTimes(document);
    document.querySelector("form[data-post-now]")?.submit();
    document.querySelector("[data-focus]")?.focus();
  });
})();
