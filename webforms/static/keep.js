/* What is typed is never lost: kept on this device until the server says that it has it, saved as it is typed, and put
   back after a dead network, the back button or a switch of language. Kept by application, so that a borrowed phone
   shows nothing of the person before. */
(() => {
  "use strict";

  const PREFIX = "bole:";
  const LEFT = "bole-left"; // applications that were signed out of on this device
  const RETRY_MS = 5000;
  const SETTLED_MS = 3000; // a page that is being fetched just now may have been read before the answer was saved
  const banner = document.getElementById("offline");
  const tag = document.body.dataset.held || "";

  function storage(work) {
    try {
      return work();
    } catch {
      return null; // full or forbidden: the server's copy is all there is
    }
  }

  // --- a page that comes back after somebody signed out shows nothing ----------------------------------------------

  const readLeft = () => storage(() => JSON.parse(localStorage.getItem(LEFT) || "[]")) || [];
  const writeLeft = (list) => storage(() => localStorage.setItem(LEFT, JSON.stringify(list.slice(-20))));

  function forgetDevice() {
    storage(() => {
      for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
    });
    if (tag) writeLeft([...readLeft().filter((one) => one !== tag), tag]);
  }

  const cameBack = () => (performance.getEntriesByType("navigation")[0] || {}).type === "back_forward";

  function guard(returned) {
    if (!tag || !readLeft().includes(tag)) return true;
    if (!returned) return writeLeft(readLeft().filter((one) => one !== tag)), true; // opened anew, with the proof
    document.documentElement.hidden = true;
    location.replace(document.body.dataset.home || "/");
    return false;
  }

  document.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-sign-out]")) forgetDevice();
  });
  if (!guard(cameBack())) return;

  // --- kept on this device -----------------------------------------------------------------------------------------

  const keyOf = (form) => `${PREFIX}${tag}:${new URL(form.action, location.href).pathname}`;
  const isPrivate = (input) => input.name.startsWith("_") || input.type === "hidden" || input.type === "file";
  const ownerOf = (input) => (input.closest("[data-ask]") ? input.closest("[data-ask]").dataset.ask : input.name);
  const unsaved = new Map(); // form → answers that the server has not said it has, each with its last edit's number
  const settling = new Map(); // form → answers just saved: a page that is being fetched may have been read before
  let edits = 0;
  const mark = (form, input) => unsaved.get(form).set(ownerOf(input), (edits += 1));

  /* After a saving POST the server names its address in a cookie that is read once. */
  function believeServer() {
    const found = document.cookie.match(/(?:^|; )bole_saved=([^;]*)/);
    if (!found) return;
    document.cookie = "bole_saved=; path=/; max-age=0";
    const end = ":" + decodeURIComponent(found[1]);
    storage(() => {
      for (const key of Object.keys(sessionStorage))
        if (key.startsWith(PREFIX) && key.endsWith(end)) sessionStorage.removeItem(key);
    });
  }

  /* What the server had put into the field when this page was made. */
  function rendered(input) {
    if (input.type === "checkbox" || input.type === "radio") return input.defaultChecked;
    if (!input.options) return input.defaultValue;
    const chosen = [...input.options].find((option) => option.defaultSelected) || input.options[0];
    return chosen ? chosen.value : "";
  }

  function keep(form) {
    const values = [];
    for (const input of form.elements) {
      if (!input.name || isPrivate(input)) continue;
      const open = unsaved.get(form).has(ownerOf(input));
      if (!open && !settling.get(form).has(ownerOf(input))) continue;
      const ticks = input.type === "checkbox" || input.type === "radio";
      values.push([input.name, input.value, ticks ? input.checked : null, open ? null : rendered(input)]);
    }
    storage(() =>
      values.length ? sessionStorage.setItem(keyOf(form), JSON.stringify(values)) : sessionStorage.removeItem(keyOf(form))
    );
  }

  function restore(form) {
    const kept = storage(() => JSON.parse(sessionStorage.getItem(keyOf(form)) || "null"));
    if (!Array.isArray(kept) || form.querySelector("[aria-invalid]")) return; // a refusal shows what was typed itself
    const taken = new Map();
    const found = [];
    for (const [name, value, ticked, before] of kept) {
      const inputs = [...form.elements].filter((one) => one.name === name && !isPrivate(one));
      let input = inputs.find((one) => one.value === value);
      if (ticked === null) {
        const index = taken.get(name) || 0;
        taken.set(name, index + 1);
        input = inputs[index];
      }
      if (input) found.push({ input, value, ticked, before });
    }
    // Saved already, and this page shows something newer than what was there before: another door has changed it.
    const newer = found.filter((one) => one.before !== null && rendered(one.input) !== one.before);
    const stay = new Set(newer.map((one) => ownerOf(one.input)));
    for (const { input, value, ticked } of found.filter((one) => !stay.has(ownerOf(one.input)))) {
      if (ticked === null) input.value = value;
      else input.checked = ticked;
      mark(form, input);
      changed(form, input);
    }
    keep(form);
  }

  // --- autosave: the changed answer goes to the server, its sentence comes back ------------------------------------

  const waiting = new Map(); // answer name → its box
  let timer = 0;
  // The next page may have been read from the server before this answer was saved: what was typed is kept for it.
  let leaving = false;
  document.addEventListener("click", (event) => {
    if (event.target.closest("a[href]") && !event.target.closest('a[href^="#"]')) leaving = true;
    // The other language: without a script the form is sent for it; here what is typed is kept, and the page read anew.
    const language = event.target.closest("button.lang");
    if (!language || !language.form.matches("form[data-keep]")) return;
    event.preventDefault();
    leaving = true;
    location.assign(language.formAction);
  }, true);

  function show(box, sentence) {
    const line = box.querySelector("[data-error]");
    if (!line) return;
    line.textContent = sentence || "";
    box.classList.toggle("wrong", Boolean(sentence));
    for (const input of box.querySelectorAll("input, select, textarea")) {
      if (sentence) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  }

  function offline(yes) {
    if (yes) {
      banner.textContent = banner.dataset.offline;
      banner.classList.remove("ok");
      banner.hidden = false;
    } else if (!banner.hidden && !banner.classList.contains("ok")) {
      banner.textContent = banner.dataset.back;
      banner.classList.add("ok");
      setTimeout(() => (banner.hidden = true), 4000);
    }
  }

  /* The page is too old to save: say so, with the way on; what was typed waits here for it. */
  function expired(told) {
    const link = document.createElement("a");
    link.href = told.resume;
    link.textContent = told.resume_words;
    banner.replaceChildren(told.error + " ", link);
    banner.classList.remove("ok");
    banner.hidden = false;
  }

  /* The server has these answers; the copy stays a moment longer, for a page that was read just before. */
  function settle(form, names, upTo) {
    const saved = names.filter((name) => unsaved.get(form).get(name) <= upTo);
    for (const name of saved) {
      unsaved.get(form).delete(name);
      settling.get(form).set(name, upTo);
    }
    keep(form);
    setTimeout(() => {
      for (const name of saved) if (settling.get(form).get(name) === upTo) settling.get(form).delete(name);
      keep(form);
    }, SETTLED_MS);
  }

  async function send(form) {
    if (!waiting.size) return;
    const batch = new Map(waiting);
    waiting.clear();
    const upTo = edits;
    const body = new FormData();
    for (const [name, value] of new FormData(form)) {
      if (name === "_ticket") body.append(name, value);
      const owner = [...batch.keys()].find((key) => name === key || name.startsWith(key + "."));
      if (owner) body.append(name, value);
    }
    body.append("_keys", [...batch.keys()].join(" "));
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body, headers: { Accept: "application/json" } });
      if (answer.status >= 500 || answer.status === 429) throw new Error("again");
      const told = await answer.json();
      if (answer.status === 401) return expired(told);
      offline(false);
      if (!answer.ok || leaving) return;
      settle(form, told.saved, upTo);
      for (const [name, box] of batch) if (!waiting.has(name)) show(box, told.errors[name]);
    } catch {
      for (const [name, box] of batch) if (!waiting.has(name)) waiting.set(name, box);
      offline(true);
      clearTimeout(timer);
      timer = setTimeout(() => send(form), RETRY_MS);
    }
  }

  const empty = (box) =>
    [...box.querySelectorAll("input, select, textarea")].every((input) =>
      input.type === "checkbox" || input.type === "radio" ? !input.checked : !input.value.trim()
    );

  function changed(form, target) {
    const box = target.closest("[data-ask]");
    if (!form.dataset.autosave || !box) return;
    // A date is sent when all its boxes are filled: a half-typed one is no mistake yet.
    const parts = [...box.querySelectorAll(".date input")];
    if (parts.length && parts.some((part) => !part.value) && !box.querySelector(".tick input:checked")) return;
    if (empty(box)) return show(box, "");
    waiting.set(box.dataset.ask, box);
    send(form);
  }

  function touched(form, target) {
    if (!target.name || isPrivate(target)) return;
    mark(form, target);
    keep(form);
  }

  believeServer();
  for (const form of document.querySelectorAll("form[data-keep]")) {
    unsaved.set(form, new Map());
    settling.set(form, new Map());
    restore(form);
    form.addEventListener("input", (event) => touched(form, event.target));
    form.addEventListener("change", (event) => {
      touched(form, event.target);
      changed(form, event.target);
    });
    window.addEventListener("online", () => send(form));
  }
  window.addEventListener("offline", () => offline(true));
  window.addEventListener("online", () => offline(false));

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-keep]")) return;
    if (!navigator.onLine) {
      event.preventDefault();
      for (const input of form.elements) if (input.name && !isPrivate(input)) mark(form, input);
      keep(form);
      offline(true);
      banner.scrollIntoView();
      return;
    }
    waiting.clear(); // the form carries all of it
    if (form.hasAttribute("data-once")) {
      const button = form.querySelector("button[type=submit].primary");
      setTimeout(() => (button.disabled = true), 0);
    }
  });

  // --- the browser's (and WeChat's) page cache: inputs stay, states are asked again --------------------------------

  async function refreshStates() {
    const links = [...document.querySelectorAll("a[data-task]")];
    if (!links.length) return;
    try {
      const answer = await fetch(location.pathname.replace(/\/tasks$/, "/states"), { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return;
      const states = await answer.json();
      for (const link of links) {
        const name = states[new URL(link.href).pathname];
        const mark = link.parentElement.querySelector("[data-state]");
        if (!name || !mark) continue;
        mark.className = "state " + name;
        mark.textContent = JSON.parse(mark.dataset.words)[name];
      }
    } catch {
      offline(true);
    }
  }

  window.addEventListener("pageshow", (event) => {
    leaving = false;
    const returned = event.persisted || cameBack();
    if (!guard(returned)) return;
    for (const button of document.querySelectorAll("button[disabled]")) button.disabled = false;
    if (returned) refreshStates();
  });
})();
