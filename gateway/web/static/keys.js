// What pages with single keys share: whether keys act, what counts as typing, dialogs that a button opens, fields that
// send their form. It runs before the page's own script.
"use strict";
(() => {
  const KEYS_OFF = "referloop-keys-off";
  const act = () => localStorage.getItem(KEYS_OFF) === null;
  // A key that is typed into a field, or with a modifier, is nobody's.
  const isTyping = (target) =>
    target !== null &&
    (target.matches("textarea, select") ||
      (target.matches("input") && !["radio", "checkbox", "button", "submit"].includes(target.type)));

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    const dialog = opener && document.getElementById(opener.dataset.opens);
    if (dialog && !dialog.open) dialog.showModal();
  });
  const keysOn = document.getElementById("keys-on");
  if (keysOn) {
    keysOn.checked = act();
    keysOn.addEventListener("change", () => {
      if (keysOn.checked) localStorage.removeItem(KEYS_OFF);
      else localStorage.setItem(KEYS_OFF, "1");
    });
  }
  window.referloopKeys = Object.freeze({ act, isTyping });
})();
