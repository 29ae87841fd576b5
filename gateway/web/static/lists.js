// Keys of the board and the work list, and their buttons without leaving the page. Without it all are plain forms.
"use strict";
(() => {
  const $ = (selector, within = document) => within.querySelector(selector);
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const { act: keysAct, isTyping } = window.referloopKeys;

  // A deed that leads back here is done in place: the list takes over what differs, the row's neighbour gets the focus.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-stays]") || !window.referloop) return;
    event.preventDefault();
    if (form.dataset.isSent) return;
    form.dataset.isSent = "yes";
    send(form, event.submitter).catch(() => fault(form, "The server does not answer: try again.")).finally(() => { delete form.dataset.isSent; });
  });
  const send = async (form, submitter) => {
    const fields = new URLSearchParams(new FormData(form, submitter));
    const answer = await fetch(submitter && submitter.hasAttribute("formaction") ? submitter.formAction : form.action, { method: "POST", body: fields, headers: { "HX-Request": "true" } });
    if (answer.status === 401) return void window.location.assign(answer.headers.get("HX-Redirect") || "/login");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok) {
      const told = $(".trouble, .told, main", page);
      return fault(form, told ? told.textContent.trim() : "That was not done.");
    }
    const row = form.closest("[data-row]");
    form.reset();
    for (const open of form.closest("[data-row]")?.querySelectorAll("details[open]") || []) open.open = false;
    if (row && form.contains(document.activeElement)) row.focus({ preventScroll: true });
    window.referloop.said(submitter && submitter.dataset.said ? submitter.dataset.said : "Done.");
    if ($("#again")) window.referloop.readAnew();
    else window.referloop.taken(page);
  };
  const fault = (form, text) => {
    let place = $(".trouble", form);
    if (!place) {
      place = document.createElement("p");
      place.className = "trouble";
      place.setAttribute("role", "alert");
      form.append(place);
    }
    place.textContent = text;
  };

  // Keys.
  const go = (step) => {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.contains(document.activeElement));
    const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + step))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  const press = (element) => {
    if (element.matches("summary")) {
      const details = element.parentElement;
      details.open = !details.open;
      const field = details.open && $("select, input:not([type=hidden]), textarea", details);
      (field || element).focus();
    } else if (element.matches("input, select, textarea")) {
      element.focus();
      if (element.select) element.select();
    } else {
      element.click();
    }
  };
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === "Escape") {
      const open = target.closest("details[open]");
      if (open) {
        open.open = false;
        (open.closest("[data-row]") || $("summary", open)).focus();
      } else if (isTyping(target)) target.blur();
      return;
    }
    if (isTyping(target) || $("dialog[open]")) return;
    if (event.key === "Enter" && target.closest("a, button, summary")) return;
    if (event.key.length === 1 && event.key !== "?" && !keysAct()) return;
    if (event.key === "j" || event.key === "k") {
      event.preventDefault();
      return go(event.key === "j" ? 1 : -1);
    }
    const row = target.closest("[data-row]");
    const key = CSS.escape(event.key);
    const element = (row && $(`[data-rowkey="${key}"]`, row)) || $(`[data-key="${key}"]`);
    if (!element) return;
    event.preventDefault();
    if (!event.repeat) press(element);
  });
  for (const opener of document.querySelectorAll(".keys-opener")) opener.hidden = false;
  document.body.dataset.keys = "on";
})();
