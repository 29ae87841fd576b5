// What is being read appears by itself: the waiting document's page goes on to what came of it, and a list that has
// such rows reads itself anew. `?auto` says that nobody asked just then: a desk that was left is logged out by it.
"use strict";
(() => {
  const EVERY_MS = 1500;
  const waiting = document.querySelector("[data-arranging]");
  const auto = (path) => path + (path.includes("?") ? "&" : "?") + "auto";
  const get = (path) => fetch(auto(path), { headers: { "HX-Request": "true" } });
  const left = (answer) => {
    if (answer.status === 401) window.location.assign("/login");
    return answer.status === 401;
  };

  const askForIt = async () => {
    const answer = await get(waiting.dataset.arranging);
    if (!left(answer) && answer.status === 200) window.location.replace(await answer.text());
  };

  const readListAnew = async () => {
    const main = document.querySelector("main");
    const held = document.activeElement;
    if (document.hidden || (held !== main && main.contains(held))) return; // not under somebody's hands
    const answer = await get(window.location.pathname + window.location.search);
    if (left(answer) || !answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    main.replaceChildren(...page.querySelector("main").childNodes);
  };

  const turn = () => {
    const work = waiting ? askForIt() : document.querySelector("[data-being-read]") ? readListAnew() : null;
    if (work) work.catch(() => {}); // the server may be away for a moment: the next turn asks again
  };
  setInterval(turn, EVERY_MS);
})();
