// The board reads itself anew: only what is in <main> is replaced, so that the eye, the keyboard and a screen reader
// stay where they are. `?auto` tells the server that nobody asked just then; a desk that was left is logged out by it.
"use strict";

const EVERY_MS = 30000;

async function readAnew() {
  const main = document.querySelector("main");
  const held = document.activeElement;
  if (document.hidden || (held !== main && main.contains(held))) {
    return; // not under somebody's hands
  }
  const answer = await fetch("/?auto", { headers: { "HX-Request": "true" } });
  if (answer.status === 401) {
    window.location.assign("/login");
  } else if (answer.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    main.replaceChildren(...page.querySelector("main").childNodes);
  }
}

setInterval(() => readAnew().catch(() => {}), EVERY_MS); // the server may be away for a moment: the next turn asks again
