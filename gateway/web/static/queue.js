// Keys, page view and dialogs of the review queue. What can be done without it is done with plain forms and links.
"use strict";
(() => {
  const $ = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const desk = $(".desk");
  const { act: keysAct, isTyping } = window.referloopKeys;

  // Dialogs: closed by their button or Escape.
  const open = (id) => {
    const dialog = document.getElementById(id);
    if (dialog && !dialog.open) dialog.showModal();
  };
  document.addEventListener("click", (event) => {
    const closer = event.target.closest("[data-closes]");
    if (closer) closer.closest("dialog").close();
  });

  // A form is sent once, however often its key is pressed.
  let isLeaving = false;
  document.addEventListener("submit", (event) => {
    if (isLeaving) return event.preventDefault();
    if (event.target.id === "verdict" && asksFirst(event)) return;
    isLeaving = !event.target.matches("[hx-post]");
  });
  window.addEventListener("pageshow", () => { isLeaving = false; });

  // Filing where something contradicts is asked once more, and filing the guess nobody chose that little speaks for.
  const verdict = $("#verdict");
  const chosen = () => $('input[name="number"]:checked');
  const alsoChosen = () => all('input[name="also"]:checked').filter((one) => one.value !== chosen().value);
  let isSure = false;
  const asksFirst = (event) => {
    const radio = chosen();
    if (!radio) {
      event.preventDefault();
      $("#typed").focus();
      return true;
    }
    const said = [...[radio, ...alsoChosen()].map((one) => one.dataset.against), radio.dataset.weak];
    const against = [...new Set(said.filter(Boolean))];
    if (isSure || !against.length) return false;
    event.preventDefault();
    $("#sure-why").textContent = against.join("; ");
    open("sure");
    return true;
  };
  const yes = $("#sure-yes");
  if (yes) yes.addEventListener("click", () => { isSure = true; verdict.requestSubmit(); });
  const sure = $("#sure");
  if (sure) sure.addEventListener("close", () => { isSure = false; });

  // Keys.
  const press = (element) => {
    const radio = element.matches("input[type=radio]");
    if (radio) {
      element.checked = true;
      delete element.dataset.weak; // it was chosen
      verdict.requestSubmit();
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
    if (event.key === "Escape" && isTyping(target)) return void target.blur();
    if (target.id === "typed" && (event.key === "ArrowDown" || event.key === "Enter")) {
      event.preventDefault();
      const first = $("#found input[type=radio]");
      if (first) { first.checked = true; first.focus(); }
      return;
    }
    if (isTyping(target) && !(event.key === "Enter" && target.form === verdict)) return;
    const dialog = $("dialog[open]");
    const also = event.shiftKey && !dialog && keysAct() && $(`[data-also="${event.code.replace("Digit", "")}"]`);
    if (also) {
      event.preventDefault();
      also.checked = !also.checked;
      return;
    }
    if (event.key === "Enter" && target.closest("a, button, summary")) return;
    if (event.key === "Enter" && dialog) return;
    if (["ArrowLeft", "ArrowRight"].includes(event.key) && target.matches("input[type=radio]")) event.preventDefault();
    if (event.key.length === 1 && event.key !== "?" && !keysAct()) return;
    const element = $(`[data-key="${CSS.escape(event.key)}"]`, dialog || document);
    if (!element) return;
    event.preventDefault();
    if (!event.repeat) press(element);
  });
  document.body.dataset.keys = "on";
  if (!desk) return;

  // The page view.
  const leaves = all(".leaf");
  const sheet = $(".sheet");
  let at = 0, zoom = 0, turned = 0;
  const SIZES = ["whole", "wide", "zoom-2", "zoom-3", "zoom-4"];
  const draw = () => {
    leaves.forEach((leaf, n) => {
      leaf.hidden = n !== at;
      const image = $("img", leaf);
      if (image && Math.abs(n - at) <= 1 && image.dataset.src) {
        image.src = image.dataset.src;
        delete image.dataset.src;
      }
    });
    sheet.className = `sheet ${SIZES[zoom]} turned-${turned}`;
    $("#page-said").textContent = `Page ${at + 1} of ${leaves.length}`;
    all(".thumbs button").forEach((button, n) => {
      if (n === at) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
      if (n === at) button.scrollIntoView({ block: "nearest" });
    });
  };
  const turnTo = (n) => { at = Math.max(0, Math.min(leaves.length - 1, n)); sheet.scrollTop = 0; draw(); };
  const VIEW = {
    previous: () => turnTo(at - 1),
    following: () => turnTo(at + 1),
    smaller: () => { zoom = Math.max(0, zoom - 1); draw(); },
    larger: () => { zoom = Math.min(SIZES.length - 1, zoom + 1); draw(); },
    whole: () => { zoom = 0; draw(); },
    turn: () => { turned = (turned + 90) % 360; draw(); },
  };
  all("[data-do]").forEach((button) => button.addEventListener("click", VIEW[button.dataset.do]));
  all(".thumbs button").forEach((button, n) => button.addEventListener("click", () => turnTo(n)));
  all(".leaf img").forEach((image) => {
    const undrawn = () => {
      image.hidden = true;
      $(".undrawn", image.parentElement).hidden = false;
    };
    image.addEventListener("error", undrawn);
    if (image.src && image.complete && !image.naturalWidth) undrawn();
  });
  draw();

  // A value read, and the spot on the page it came from.
  all("[data-spot]").forEach((button) =>
    button.addEventListener("click", () => {
      const leaf = leaves.findIndex((one) => one.dataset.index === button.dataset.index);
      if (leaf < 0) return;
      if (zoom === 0) zoom = 1;
      turnTo(leaf);
      all(".spots rect").forEach((rect) => rect.classList.toggle("shown", rect.id === button.dataset.spot));
      const rect = document.getElementById(button.dataset.spot);
      if (rect) rect.scrollIntoView({ block: "center", inline: "center" });
    }),
  );

  // The first page of the next document is drawn and fetched while this one is looked at.
  if (desk.dataset.nextPicture) {
    const ahead = () => { new Image().src = desk.dataset.nextPicture; };
    if (document.readyState === "complete") ahead();
    else window.addEventListener("load", ahead);
  }

  // While the page is open the item is held; the lease ends by itself if this browser falls silent.
  const post = (what) => fetch(`/queue/${desk.dataset.item}/${what}?auto`, { method: "POST", keepalive: true });
  const lose = (holder) => {
    const taken = $("#taken");
    taken.textContent = `${holder} has this open now. Nothing you do here would count: take another one.`;
    taken.hidden = false;
    all(".actions button, .choose input, .means input, .means select").forEach((one) => { one.disabled = true; });
  };
  // The page is told when somebody else settles it.
  if (window.referloop) {
    const over = (what) => {
      const taken = $("#taken");
      taken.textContent = `Just now: ${what}. Nothing you do here would count: take another one.`;
      taken.hidden = false;
      all(".actions button, .choose input, .means input, .means select").forEach((one) => { one.disabled = true; });
    };
    window.referloop.settled = (page) => {
      const now = $(".desk", page);
      if (now && now.dataset.state !== desk.dataset.state) over(now.dataset.settled || now.dataset.state);
    };
    window.referloop.gone = () => over("it is not in the queue any more");
  }
  if ("holds" in desk.dataset) {
    const renew = async () => {
      const answer = await post("hold").catch(() => null);
      if (answer && answer.status === 409) {
        lose(await answer.text());
        clearInterval(beating);
      }
    };
    const beating = setInterval(renew, 30000);
    setTimeout(renew, 2000); // opening it has held it; a page closed just before may have let go after that
    window.addEventListener("pagehide", () => post("release"));
  }

  // Pages in another order: what stands in the list is what is sent.
  const arranging = $(".arranging");
  if (arranging) {
    arranging.addEventListener("click", (event) => {
      const button = event.target.closest("[data-arrange]");
      if (!button) return;
      const page = button.closest("li");
      const image = $("img", page);
      switch (button.dataset.arrange) {
        case "up": if (page.previousElementSibling) page.previousElementSibling.before(page); break;
        case "down": if (page.nextElementSibling) page.nextElementSibling.after(page); break;
        case "copy": page.after(page.cloneNode(true)); break;
        case "drop": if (page.parentElement.children.length > 1) page.remove(); break;
        case "turn":
          page.dataset.turned = (Number(page.dataset.turned) + 90) % 360;
          image.className = `turned-${page.dataset.turned}`;
      }
      if (page.isConnected) button.focus();
    });
    arranging.addEventListener("submit", () => {
      arranging.elements.pages.value = all("li", arranging)
        .map((page) => `${page.dataset.index}:${page.dataset.turned}`)
        .join(" ");
    });
  }
})();
