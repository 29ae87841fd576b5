// A new referral while it is filled in: kept as it is typed, offices found as one types, attachments dropped, keys.
// Without it the same form is saved, searched and sent by its buttons.
"use strict";
(() => {
  const $ = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const SCRIPT = { "HX-Request": "true" };
  const TYPED_MS = 700;
  const SOUGHT_MS = 200;

  // Keys: with Ctrl or Alt, so that they act while somebody types.
  document.addEventListener("keydown", (event) => {
    const press = (selector) => {
      const button = $(selector);
      if (!button || event.repeat) return;
      event.preventDefault();
      button.click();
    };
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") press("[data-send]");
    else if ((event.ctrlKey || event.metaKey) && event.key === "s") press("[data-save]");
    else if (event.altKey && event.code === "KeyP") press("[data-preview]");
    else if (event.key === "Escape" && !$("#sheet")) press('[data-key="Escape"]');
  });

  const form = $("#sheet");
  if (!form) {
    document.body.dataset.entry = "on";
    return;
  }
  const told = $("#told");
  let isLeaving = false;
  let isStale = false;

  // One request at a time, in order: each names the version that the one before it made.
  let last = Promise.resolve();
  const inTurn = (work) => {
    last = last.then(work, work);
    return last;
  };
  const item = () => form.dataset.item;
  const took = (answer) => {
    const now = answer.headers.get("X-Sheet");
    const version = answer.headers.get("X-Sheet-Version");
    if (!now || !version || answer.status === 409) return;
    if (now !== item()) {
      form.dataset.item = now;
      history.replaceState(null, "", `/new/${now}`);
      for (const one of [form, ...all("[formaction]")]) {
        const name = one === form ? "action" : "formaction";
        one.setAttribute(name, one.getAttribute(name).replace(/^\/new\/0\//, `/new/${now}/`).replace(/^\/new\/0$/, `/new/${now}`));
      }
      const away = $("[data-discard]");
      if (away) away.hidden = false;
    }
    form.dataset.version = version;
    form.elements.version.value = version;
  };
  const loggedOut = () => {
    isStale = true;
    const link = document.createElement("a");
    link.href = `/login?next=/new/${item() === "0" ? "" : item()}`.replace(/\/$/, "");
    link.textContent = "Log in again";
    const line = document.createElement("p");
    line.className = "trouble";
    line.setAttribute("role", "alert");
    line.append("You were logged out. What you typed is kept for you. ", link, " to go on.");
    told.replaceChildren(line);
  };

  // Kept as it is typed.
  const whole = () => {
    const data = new FormData(form);
    data.delete("upload");
    data.delete("office_sought");
    return new URLSearchParams([...data].filter(([, value]) => typeof value === "string"));
  };
  const said = () => { const now = whole(); now.delete("version"); return now.toString(); };
  let kept = said();
  const save = () => inTurn(async () => {
    const now = whole();
    const sent = said();
    if (isLeaving || isStale || sent === kept) return;
    const answer = await fetch(`/new/${item()}/save`, { method: "POST", body: now, headers: SCRIPT });
    if (answer.status === 401) return loggedOut();
    if (answer.status === 409) {
      isStale = true;
      told.innerHTML = await answer.text();
      told.dataset.version = answer.headers.get("X-Sheet-Version");
      return;
    }
    if (!answer.ok) return void ($("#saved").textContent = "Not saved yet: the server did not take it. It is tried again.");
    took(answer);
    kept = sent;
    if (said() !== kept) typed(); // something was typed meanwhile
    $("#side").innerHTML = await answer.text();
    showWrong();
  }).catch(() => { $("#saved").textContent = "Not saved yet: no connection. It is tried again."; setTimeout(save, 5000); });
  let waiting = 0;
  const typed = () => { clearTimeout(waiting); waiting = setTimeout(save, TYPED_MS); };
  form.addEventListener("input", (event) => { if (!["office_sought", "upload"].includes(event.target.name)) typed(); });

  // What the checks say of a field, once somebody has left it.
  const left = new Set();
  const showWrong = () => {
    const wrong = JSON.parse($("#side-told").dataset.wrong);
    for (const place of all("[data-fault]")) {
      const name = place.dataset.fault;
      const field = form.elements[name];
      if (!left.has(name)) continue;
      place.textContent = wrong[name] || "";
      place.hidden = !wrong[name];
      if (field instanceof Element) {
        if (wrong[name]) field.setAttribute("aria-invalid", "true");
        else field.removeAttribute("aria-invalid");
      }
    }
  };
  form.addEventListener("focusout", (event) => {
    if (!event.target.name) return;
    left.add(event.target.name);
    showWrong();
  });

  // Two who write: a person decides.
  told.addEventListener("click", (event) => {
    const deed = event.target.closest("[data-do]")?.dataset.do;
    if (deed === "load-theirs") {
      isLeaving = true;
      location.assign(`/new/${item()}`);
    } else if (deed === "keep-mine") {
      form.dataset.version = form.elements.version.value = told.dataset.version;
      isStale = false;
      kept = "";
      told.replaceChildren();
      save();
    }
  });

  // Offices, found as one types.
  const sought = form.elements.office_sought;
  const offices = $("#offices");
  let seeking = 0;
  let asked = 0;
  const seek = async () => {
    const mine = ++asked;
    const answer = await fetch("/new/offices", {
      method: "POST", body: new URLSearchParams({ office_sought: sought.value }), headers: SCRIPT,
    });
    if (answer.status === 401) return loggedOut();
    if (answer.ok && mine === asked) offices.innerHTML = await answer.text();
  };
  sought.addEventListener("input", () => { clearTimeout(seeking); seeking = setTimeout(() => seek().catch(() => {}), SOUGHT_MS); });
  sought.addEventListener("keydown", (event) => {
    const first = $("input[type=radio]", offices);
    if (event.key === "ArrowDown" && first) {
      event.preventDefault();
      first.focus();
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      if (first) choose(first);
      else seek();
    }
  });
  const choose = (radio) => {
    for (const old of all("input[type=hidden][name=recipient]")) old.remove();
    const hidden = document.createElement("input");
    Object.assign(hidden, { type: "hidden", name: "recipient", value: radio.value });
    const line = document.createElement("p");
    line.innerHTML = radio.closest("label").querySelector("span").innerHTML;
    $("#chosen").replaceChildren(line);
    $("#chosen").hidden = false;
    $("#sought-label").textContent = "Another office";
    $("#ways").replaceChildren();
    offices.replaceChildren();
    sought.value = "";
    form.append(hidden);
    left.add("recipient");
    save().then(ways);
    form.elements["patient.family"].focus();
  };
  offices.addEventListener("keydown", (event) => {
    const radio = event.target.closest("input[type=radio]");
    if (!radio) return;
    const rows = all("input[type=radio]", offices);
    const at = rows.indexOf(radio);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = rows[at + (event.key === "ArrowDown" ? 1 : -1)];
      (next || (event.key === "ArrowUp" ? sought : radio)).focus();
    } else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === " ") {
      event.preventDefault();
      choose(radio);
    }
  });
  offices.addEventListener("click", (event) => {
    const radio = event.target.closest("input[type=radio]");
    if (radio) choose(radio);
  });
  const ways = async () => {
    if (item() === "0") return;
    const answer = await fetch(`/new/${item()}/ways`, { headers: SCRIPT });
    if (answer.ok) $("#ways").innerHTML = await answer.text();
  };

  // Who referred before: the rest of what is known of them.
  form.elements["clinician.name"].addEventListener("change", (event) => {
    const known = all("#clinicians option").find((option) => option.value === event.target.value);
    if (!known) return;
    for (const name of ["npi", "phone", "email"]) {
      const field = form.elements[`clinician.${name}`];
      if (!field.value) field.value = known.dataset[name];
    }
    typed();
  });

  // Attachments: one request each, so that one refused file stops no other.
  const list = $("#file-list");
  const drop = $("#drop");
  const send = (file) => inTurn(() => new Promise((done) => {
    const row = document.createElement("li");
    const bar = document.createElement("progress");
    bar.max = 100;
    bar.setAttribute("aria-label", `Adding ${file.name}`);
    row.append(`${file.name} `, bar);
    $("#uploads").append(row);
    const body = new FormData();
    body.append("upload", file, file.name);
    if (item() === "0") for (const [name, value] of whole()) body.append(name, value);
    const request = new XMLHttpRequest();
    request.open("POST", `/new/${item()}/files`);
    for (const [name, value] of Object.entries(SCRIPT)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = Math.round(100 * event.loaded / event.total);
      if (event.loaded === event.total) bar.removeAttribute("value");
    });
    const failed = (why) => {
      bar.remove();
      row.className = "fault";
      row.textContent = why;
      done();
    };
    request.addEventListener("error", () => failed(`${file.name} was not taken: no connection. Add it again.`));
    request.addEventListener("load", () => {
      const answer = { status: request.status, headers: { get: (name) => request.getResponseHeader(name) } };
      if (request.status === 401 || (request.status === 413)) {
        loggedOut();
        return failed(`${file.name} was not taken: add it again after logging in.`);
      }
      const piece = document.createElement("div");
      piece.innerHTML = request.responseText;
      const refused = $("#refused", piece);
      if (refused) {
        const why = refused.textContent.trim();
        refused.remove();
        failed(why);
      } else if (request.status !== 200) {
        return failed(`${file.name} was not taken: try again.`);
      } else {
        row.remove();
      }
      took(answer);
      list.replaceChildren(...piece.childNodes);
      kept = "";
      done();
      save();
    });
    request.send(body);
  }));
  const LARGEST = 50 * 1024 * 1024;
  const take = (files) => {
    $("#uploads").replaceChildren();
    save(); // what they are is asked by the specialty that stands in the form
    for (const file of files) {
      if (file.size > LARGEST) {
        const row = document.createElement("li");
        row.className = "fault";
        row.textContent = `${file.name} is larger than 50 MiB: split it`;
        $("#uploads").append(row);
      } else {
        send(file);
      }
    }
  };
  $("#upload").addEventListener("change", (event) => {
    take([...event.target.files]);
    event.target.value = "";
  });
  $("[data-upload]").hidden = true;
  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.classList.remove("over"); });
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    drop.classList.remove("over");
    take([...event.dataTransfer.files]);
  });
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    event.preventDefault();
    const row = button.closest("li");
    const move = button.dataset.move;
    if (move === "up" && row.previousElementSibling) row.previousElementSibling.before(row);
    if (move === "down" && row.nextElementSibling) row.nextElementSibling.after(row);
    if (move === "remove") {
      const next = row.nextElementSibling || row.previousElementSibling;
      row.remove();
      (next ? $("[data-move=remove]", next) : $("#upload")).focus();
    } else {
      button.focus();
    }
    const rows = all("li", list);
    rows.forEach((one, n) => {
      $("[data-move=up]", one).disabled = n === 0;
      $("[data-move=down]", one).disabled = n === rows.length - 1;
    });
    if (document.activeElement === document.body) $("[data-move]:not([disabled])", row)?.focus();
    typed();
  });

  // Another specialty asks for other things: each attachment can be named anew.
  form.elements.specialty.addEventListener("change", () => {
    if (!$("li", list)) return;
    save().then(() => inTurn(async () => {
      const answer = await fetch(`/new/${item()}/files`, { headers: SCRIPT });
      if (answer.ok) list.innerHTML = await answer.text();
    }));
  });

  // A form is sent once, and after what is under way.
  form.addEventListener("submit", (event) => {
    if (isLeaving) return event.preventDefault();
    const button = event.submitter;
    if (button?.matches("[data-find]")) {
      event.preventDefault();
      return void seek();
    }
    if (button?.matches("[data-save]") || !button || button.matches(".unseen")) {
      event.preventDefault();
      return void save();
    }
    if (button.dataset.ready) {
      isLeaving = true;
      return;
    }
    event.preventDefault();
    clearTimeout(waiting);
    inTurn(async () => {
      $("#upload").value = "";
      button.dataset.ready = "1";
      form.requestSubmit(button);
    });
  });
  window.addEventListener("pageshow", () => {
    isLeaving = false;
    for (const button of all("[data-ready]")) delete button.dataset.ready;
  });
  window.addEventListener("pagehide", () => {
    if (isLeaving || isStale || said() === kept) return;
    navigator.sendBeacon(`/new/${item()}/save`, whole());
  });
  document.body.dataset.entry = "on";
})();
