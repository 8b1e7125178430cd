/* Better with a script, whole without one: drafts kept on this device, autosave, search in long lists, page cache. */
(() => {
  "use strict";

  const PREFIX = "bole:";
  const RETRY_MS = 5000;
  const banner = document.getElementById("offline");

  // --- what was typed is kept on this device until the server has it ---------------------------------------------

  const keyOf = (form) => PREFIX + new URL(form.action, location.href).pathname;
  const isPrivate = (input) => input.name.startsWith("_") || input.type === "hidden" || input.type === "file";

  function keep(form) {
    const values = [];
    for (const input of form.elements) {
      if (!input.name || isPrivate(input)) continue;
      const ticks = input.type === "checkbox" || input.type === "radio";
      values.push([input.name, input.value, ticks ? input.checked : null]);
    }
    try {
      sessionStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), values }));
    } catch {
      /* storage is full or forbidden: the server's copy is all there is */
    }
  }

  function restore(form) {
    let kept = null;
    try {
      kept = JSON.parse(sessionStorage.getItem(keyOf(form)) || "null");
    } catch {
      return;
    }
    if (!kept || form.querySelector("[aria-invalid]")) return;
    const taken = new Map();
    for (const [name, value, ticked] of kept.values) {
      const inputs = [...form.elements].filter((one) => one.name === name && !isPrivate(one));
      if (ticked === null) {
        const index = taken.get(name) || 0;
        taken.set(name, index + 1);
        if (inputs[index] && inputs[index].value !== value) inputs[index].value = value;
      } else {
        const input = inputs.find((one) => one.value === value);
        if (input) input.checked = ticked;
      }
    }
  }

  const forget = (form) => sessionStorage.removeItem(keyOf(form));

  // --- autosave: the changed answer goes to the server, its sentence comes back ----------------------------------

  const waiting = new Map(); // answer name → its box
  let timer = 0;

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

  async function send(form) {
    if (!waiting.size) return;
    const batch = new Map(waiting);
    waiting.clear();
    const body = new FormData();
    for (const [name, value] of new FormData(form)) {
      if (name === "_ticket") body.append(name, value);
      const owner = [...batch.keys()].find((key) => name === key || name.startsWith(key + "."));
      if (owner) body.append(name, value);
    }
    body.append("_keys", [...batch.keys()].join(" "));
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body, headers: { Accept: "application/json" } });
      offline(false);
      if (!answer.ok) return;
      const told = await answer.json();
      for (const [name, box] of batch) if (!waiting.has(name)) show(box, told.errors[name]);
    } catch {
      for (const [name, box] of batch) if (!waiting.has(name)) waiting.set(name, box);
      keep(form);
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
    keep(form);
    const box = target.closest("[data-ask]");
    if (!form.dataset.autosave || !box) return;
    // A date is sent when all its boxes are filled: a half-typed one is no mistake yet.
    const parts = [...box.querySelectorAll(".date input")];
    if (parts.length && parts.some((part) => !part.value) && !box.querySelector(".tick input:checked")) return;
    if (empty(box)) return show(box, "");
    waiting.set(box.dataset.ask, box);
    send(form);
  }

  for (const form of document.querySelectorAll("form[data-keep]")) {
    restore(form);
    form.addEventListener("input", () => keep(form));
    form.addEventListener("change", (event) => changed(form, event.target));
    form.addEventListener("submit", () => keep(form));
    window.addEventListener("online", () => send(form));
  }
  window.addEventListener("offline", () => offline(true));
  window.addEventListener("online", () => offline(false));

  // A page that was reached says that its forms before it are safe on the server.
  const sentForm = sessionStorage.getItem(PREFIX + "sent");
  if (sentForm && sentForm !== PREFIX + location.pathname) {
    sessionStorage.removeItem(sentForm);
    sessionStorage.removeItem(PREFIX + "sent");
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-keep]")) return;
    if (!navigator.onLine) {
      event.preventDefault();
      keep(form);
      offline(true);
      banner.scrollIntoView();
      return;
    }
    sessionStorage.setItem(PREFIX + "sent", keyOf(form));
    if (form.hasAttribute("data-once")) {
      const button = form.querySelector("button[type=submit].primary");
      setTimeout(() => (button.disabled = true), 0);
    }
  });

  // --- 「以上都没有」 and 「不确定」 stand alone ------------------------------------------------------------------

  document.addEventListener("change", ({ target }) => {
    if (target.type !== "checkbox" || !target.checked || !target.closest(".ticks")) return;
    for (const other of target.closest(".ticks").querySelectorAll("input[type=checkbox]")) {
      const alone = target.hasAttribute("data-alone") || other.hasAttribute("data-alone");
      if (other !== target && alone) other.checked = false;
    }
  });

  // --- long lists: type a few characters ---------------------------------------------------------------------------

  function searchBox(label, target) {
    const box = document.createElement("input");
    box.type = "search";
    box.autocomplete = "off";
    box.placeholder = label;
    box.setAttribute("aria-label", label);
    box.className = "search";
    target.before(box);
    box.addEventListener("change", (event) => event.stopPropagation());
    return box;
  }

  const plain = (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/g, "");

  for (const list of document.querySelectorAll(".ticks[data-filter]")) {
    const box = searchBox(list.dataset.filter, list);
    const none = document.createElement("p");
    none.className = "hint";
    none.setAttribute("role", "status");
    list.after(none);
    box.addEventListener("input", (event) => {
      event.stopPropagation();
      const wanted = plain(box.value);
      let found = 0;
      for (const tick of list.querySelectorAll(".tick")) {
        const input = tick.querySelector("input");
        const fits = !wanted || input.checked || input.hasAttribute("data-alone") || plain(tick.textContent).includes(wanted);
        tick.hidden = !fits;
        if (fits && !input.hasAttribute("data-alone")) found += 1;
      }
      for (const group of list.querySelectorAll(".group")) group.hidden = Boolean(wanted);
      none.textContent = found ? "" : list.dataset.none;
    });
  }

  // A select can be searched, and narrowed to what belongs to its parent's choice.
  const CHOSEN = Symbol("options");
  for (const select of document.querySelectorAll("select[data-search]")) {
    const all = [...select.options].map((option) => option.cloneNode(true));
    const value = select.value;
    select[CHOSEN] = all;
    const box = all.length > 15 ? searchBox(select.dataset.search, select) : null;
    const parent = select.dataset.narrow ? () => parentValue(select) : () => "";
    const refresh = (event) => {
      if (event) event.stopPropagation();
      const wanted = box ? plain(box.value) : "";
      const above = parent();
      const now = select.value;
      const fits = (option) =>
        !option.value ||
        option.value === now ||
        ((!wanted || plain(option.textContent).includes(wanted)) &&
          (!above || !option.dataset.parent || option.dataset.parent === above));
      const kept = all.filter(fits).filter((one) => !(above && one.value === now && one.dataset.parent && one.dataset.parent !== above));
      select.replaceChildren(...kept.map((one) => one.cloneNode(true)));
      select.value = kept.some((one) => one.value === now) ? now : "";
    };
    if (box) box.addEventListener("input", refresh);
    if (select.dataset.narrow) {
      document.addEventListener("change", (event) => {
        if (event.target.name === select.dataset.narrow) refresh();
      });
      refresh();
      if (!select.value && value) select.value = value;
    }
  }

  function parentValue(select) {
    const inputs = [...select.form.elements].filter((one) => one.name === select.dataset.narrow);
    const chosen = inputs.find((one) => (one.type === "radio" ? one.checked : true));
    return chosen ? chosen.value : "";
  }

  // --- how much may still be written -------------------------------------------------------------------------------

  for (const area of document.querySelectorAll("textarea[data-limit]")) {
    const line = document.createElement("p");
    line.className = "hint";
    area.after(line);
    const count = () => {
      const left = Number(area.dataset.limit) - [...area.value].length;
      line.textContent = (left < 0 ? area.dataset.over : area.dataset.left).replace("{n}", Math.abs(left));
    };
    area.addEventListener("input", count);
    count();
  }

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
    for (const button of document.querySelectorAll("button[disabled]")) button.disabled = false;
    if (event.persisted) refreshStates();
  });

  const summary = document.querySelector("[data-focus]");
  if (summary) summary.focus();
})();
