// What others change appears by itself. The server tells over one stream what was touched; the page then asks for itself
// anew and takes over what differs, but nothing under somebody's hands: what has focus, what was typed, what is open.
// `?auto` tells the server that nobody asked just then; a desk that was left is logged out all the same.
"use strict";
(() => {
  const main = document.querySelector("main[data-live]");
  if (!main) return;
  const wanted = main.dataset.live.split(" ");
  const SOON_MS = 250, POLL_MS = 30000, SLOW_MS = 300000, TRY_AGAIN_MS = 60000;
  let stream = null, polling = null, waiting = null, busy = false, again = false, seen = main.dataset.seen || "";

  const said = document.createElement("p"); // heard by screen readers, when something on the page really changed
  said.id = "news";
  said.className = "unseen";
  said.setAttribute("aria-live", "polite");
  document.body.append(said);
  const state = (text) => {
    const place = document.getElementById("live-state");
    if (place) place.textContent = text;
  };

  // Nothing that a person has begun is taken from her.
  const isBegun = (field) => {
    if (field.matches("input[type=checkbox], input[type=radio]")) return field.checked !== field.defaultChecked;
    if (field.matches("input, textarea")) return field.type !== "hidden" && field.value !== field.defaultValue;
    if (field.matches("select")) {
      const own = [...field.options].some((one) => one.defaultSelected);
      return [...field.options].some((one, n) => one.selected !== (own ? one.defaultSelected : n === 0));
    }
    return false;
  };
  const isHeld = (node) =>
    node.nodeType === Node.ELEMENT_NODE &&
    (node.matches("details[open], dialog[open]") ||
      node.querySelector("details[open], dialog[open]") !== null ||
      [node, ...node.querySelectorAll("input, textarea, select")].some((one) => isBegun(one)));
  const isTyping = () => window.referloopKeys.isTyping(document.activeElement);

  const morph = (fresh) => {
    const focused = document.activeElement;
    const place = focused && focused.closest ? focused.closest("[data-row]") : null;
    const row = place && place.id;
    const others = row ? [...document.querySelectorAll("[data-row]")].indexOf(place) : -1;
    Idiomorph.morph(main, fresh, {
      restoreFocus: true,
      callbacks: {
        beforeNodeMorphed: (old, anew) => {
          if (old.nodeType !== Node.ELEMENT_NODE) return true;
          if (old.id === "live-state") return false;
          if (old.matches("details, dialog") && isHeld(old)) return false;
          if (old === document.activeElement && isTyping()) return false;
          return !(old.matches("input, textarea, select") && isBegun(old));
        },
        beforeNodeRemoved: (old) => {
          if (old.nodeType !== Node.ELEMENT_NODE) return true;
          const underHands = isHeld(old) || (isTyping() && old.contains(document.activeElement));
          if (underHands && old.matches("[data-row]")) old.classList.add("gone");
          return !underHands;
        },
        beforeAttributeUpdated: (name, node) => !(name === "open" && node.matches("details, dialog")) && name !== "hidden",
      },
    });
    if (row && !document.getElementById(row)) {
      const rows = [...document.querySelectorAll("[data-row]")];
      const next = rows[Math.min(others, rows.length - 1)];
      if (next) next.focus({ preventScroll: true });
    }
  };

  const taken = (page) => {
    const fresh = page.querySelector("main");
    if (!fresh || fresh.dataset.live !== main.dataset.live) return false;
    const before = main.textContent;
    if (window.referloop.settled) window.referloop.settled(page);
    if (main.dataset.parts !== undefined) {
      for (const part of fresh.querySelectorAll("[data-part]")) {
        const old = document.getElementById(part.id);
        if (old && !isHeld(old)) Idiomorph.morph(old, part);
      }
    } else {
      morph(fresh);
    }
    seen = fresh.dataset.seen || seen;
    main.dataset.seen = seen;
    document.title = page.title;
    return before.replace(/As of [^A-Z]*/, "") !== main.textContent.replace(/As of [^A-Z]*/, "");
  };

  const ask = async () => {
    const form = document.getElementById("again"); // a search, which stands in no address
    const to = new URL(form ? form.action : window.location.href);
    to.searchParams.set("auto", "");
    to.hash = "";
    const told = { headers: { "HX-Request": "true" } };
    const answer = await fetch(to, form ? { ...told, method: "POST", body: new URLSearchParams(new FormData(form)) } : told);
    if (answer.status === 401) {
      window.location.assign(answer.headers.get("HX-Redirect") || "/login");
    } else if (answer.status === 404 && window.referloop.gone) {
      window.referloop.gone();
    } else if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (taken(page)) said.textContent = `Brought up to date at ${new Date().toLocaleTimeString()}`;
    }
  };
  const readAnew = async () => {
    if (busy || document.hidden) {
      again = true;
      return;
    }
    busy = true;
    again = false;
    try {
      await ask();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // so fetch says that the server is away
      setTimeout(soon, 5000);
    } finally {
      busy = false;
    }
  };
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => readAnew().then(() => { if (again && !document.hidden) soon(); }), SOON_MS);
  };

  const poll = () => {
    if (polling === null) polling = setInterval(readAnew, POLL_MS);
    state(", read anew every 30 seconds");
  };
  const listen = () => {
    if (!window.EventSource) return poll();
    stream = new EventSource(`/live?auto&after=${encodeURIComponent(seen)}`);
    stream.addEventListener("hello", () => {
      clearInterval(polling);
      polling = null;
      state(", and as it changes");
    });
    stream.addEventListener("changed", (event) => {
      const touched = JSON.parse(event.data).touched;
      if (touched.includes("everything") || touched.some((one) => wanted.includes(one))) soon();
    });
    stream.addEventListener("over", () => {
      stream.close();
      readAnew();
      poll();
    });
    stream.addEventListener("error", () => {
      poll(); // until it is heard again
      if (stream.readyState === EventSource.CLOSED) {
        soon();
        setTimeout(listen, TRY_AGAIN_MS);
      }
    });
  };
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && again) soon();
  });
  window.addEventListener("pagehide", () => { if (stream) stream.close(); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) { listen(); soon(); } });
  setInterval(readAnew, SLOW_MS); // what is late, and for how long, changes without anybody's doing
  window.referloop = { taken, readAnew: soon, said: (text) => { said.textContent = text; } };
  listen();
})();
