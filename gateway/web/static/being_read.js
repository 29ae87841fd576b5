// What is being read appears by itself: the waiting document's page goes on to what came of it. `?auto` says that nobody asked just then: a desk that was left is logged out by it.
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

  const turn = () => {
    askForIt().catch(() => {}); // the server may be away for a moment: the next turn asks again
  };
  if (waiting) setInterval(turn, EVERY_MS);
})();
