// Everything works without this file. It only spares keystrokes and double clicks.
"use strict";

// The summary of errors is read out first, also where the browser ignores autofocus.
const summary = document.querySelector("[data-error-summary]");
if (summary) setTimeout(() => { if (document.activeElement === document.body) summary.focus(); }, 200);

// A second click on a slow line sends nothing new; after "back" the button works again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  const question = form.dataset.confirm;
  if (question && !window.confirm(question)) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  form.querySelectorAll("button[type=submit]").forEach((b) => b.setAttribute("aria-disabled", "true"));
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("button[aria-disabled]").forEach((b) => b.removeAttribute("aria-disabled"));
  });
});

// 05032026 or 5.3.2026 becomes 05/03/2026 when the field is left.
document.addEventListener("focusout", (event) => {
  const field = event.target;
  if (!field.matches || !field.matches("input.day")) return;
  const text = field.value.trim();
  const parts = /^(\d{1,2})[ ./-](\d{1,2})[ ./-](\d{4})$/.exec(text) || /^(\d{2})(\d{2})(\d{4})$/.exec(text);
  if (parts) field.value = parts[1].padStart(2, "0") + "/" + parts[2].padStart(2, "0") + "/" + parts[3];
});

// Unsent text in a form is not thrown away by a slip.
document.querySelectorAll("form[data-keep]").forEach((form) => {
  let touched = false;
  form.addEventListener("input", () => { touched = true; });
  form.addEventListener("submit", () => { touched = false; });
  window.addEventListener("beforeunload", (event) => { if (touched) event.preventDefault(); });
});

// "/" goes to the search field, outside of fields.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const search = document.querySelector("input[type=search]");
  if (search) { event.preventDefault(); search.focus(); }
});

document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

// On a wide screen filters stand open; on a phone the list comes first.
if (window.matchMedia("(min-width: 768px)").matches) {
  document.querySelectorAll("details[data-open-wide]").forEach((d) => { d.open = true; });
}
