// Entries are found as one types; without it the form's own button does the same.
"use strict";
(() => {
  const form = document.querySelector(".seek");
  const rows = document.querySelector("#rows");
  if (!form || !rows) return;
  let waiting = 0;
  let asked = 0;
  const seek = async () => {
    const mine = ++asked;
    const way = `/directory?${new URLSearchParams(new FormData(form))}`;
    const answer = await fetch(way, { headers: { "HX-Request": "true" } });
    if (answer.status === 401) return void location.assign("/login?next=/directory");
    if (!answer.ok || mine !== asked) return;
    rows.innerHTML = await answer.text();
    history.replaceState(null, "", way);
  };
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(() => seek().catch(() => {}), 200); });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const only = rows.querySelectorAll("tbody a");
    if (document.activeElement.id === "q" && only.length === 1) only[0].click();
    else seek().catch(() => form.submit());
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.matches("input, select, textarea")) {
      event.preventDefault();
      form.elements.q.select();
    }
  });
  document.body.dataset.directory = "on";
})();
