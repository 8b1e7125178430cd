// Better with JavaScript, complete without: keys, focus after a problem, and what was typed kept over a lost session.
(() => {
  "use strict";
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const typing = (el) => el.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

  const focusMarked = (root) => {
    const el = root.querySelector("[data-focus]");
    if (el) (el.matches("form") ? el.querySelector("input:not([type=hidden])") : el).focus();
  };

  const move = (step) => {
    const all = rows().filter((row) => row.offsetParent);
    const now = all.findIndex((row) => row.contains(document.activeElement));
    const next = all[Math.min(all.length - 1, Math.max(0, now + step))];
    if (next) {
      (next.querySelector("[data-at]") || next.querySelector("[data-open]") || next.querySelector("a")).focus();
      next.scrollIntoView({ block: "nearest" });
    }
  };

  // In a text: Ctrl+Enter sends it, by the button that it names or the form's first; Escape leaves it for the keys, and a
  // reason in a row for that row.
  document.addEventListener("keydown", (event) => {
    const why = event.target.closest("[data-why]");
    if (why && event.key === "Escape") why.closest("[data-row]").querySelector("[data-at]").focus();
    const text = event.target.closest("textarea");
    if (!text) return;
    const named = text.dataset.send ? `button[name="do"][value="${text.dataset.send}"]` : ".submit-bar button";
    const send = "send" in text.dataset && text.form.querySelector(named);
    if (send && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      send.click();
    } else if (event.key === "Escape") {
      text.blur();
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") {
      const search = document.getElementById("q");
      if (search) {
        event.preventDefault();
        search.focus();
      }
      return;
    }
    if (document.querySelector("[data-list]") && (event.key === "j" || event.key === "k")) {
      event.preventDefault();
      move(event.key === "j" ? 1 : -1);
      return;
    }
    const row = event.target.closest("[data-row]");
    const own = row && row.querySelector({ o: "[data-open]", x: "[data-take]", w: "[data-why]" }[event.key] || ":not(*)");
    if (own) {
      event.preventDefault();
      if (event.key === "w") own.focus();
      else own.click();
      return;
    }
    if (!/^[a-z1-9]$/.test(event.key)) return;
    const target = document.querySelector(`[data-key="${event.key}"]`);
    if (target && target.matches("textarea")) {
      event.preventDefault();
      target.focus();
      target.setSelectionRange(target.value.length, target.value.length);
    } else if (target) {
      event.preventDefault();
      target.click();
      const first = target.matches("summary") && target.parentElement.querySelector("textarea, select, input[type=radio]");
      if (first) first.focus();
    }
  });

  // A decision being typed survives a lost session or a closed tab, on this device and until it is sent.
  const store = (form) => `bole-office:${form.dataset.keep}`;
  const save = (form) => {
    const data = [...new FormData(form)].filter(([name]) => name !== "csrf_token" && name !== "version");
    try {
      sessionStorage.setItem(store(form), JSON.stringify(data));
    } catch {
      // Storage is full or forbidden: typing goes on without the copy.
    }
  };
  const restore = (form) => {
    const kept = sessionStorage.getItem(store(form));
    if (!kept) return;
    for (const [name, value] of JSON.parse(kept)) {
      for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (field.type === "checkbox") field.checked = field.checked || field.value === value;
        else if (!field.value && field.type !== "hidden") field.value = value;
        const folded = value && field.type !== "hidden" && field.closest("details");
        if (folded) folded.open = true;
      }
    }
  };
  for (const form of document.querySelectorAll("form[data-keep]")) {
    restore(form);
    form.addEventListener("input", () => save(form));
  }
  if (document.querySelector(".alert-success")) {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith("bole-office:")) sessionStorage.removeItem(key);
    }
  }

  // Writing a reason ticks its item: nobody writes one for an item that is fine. Before the copy above is made.
  const tick = (event) => {
    const row = event.target.closest("[data-return]");
    if (row && event.target.name.startsWith("reason:") && event.target.value) {
      row.querySelector("[type=checkbox]").checked = true;
    }
  };
  document.addEventListener("input", tick, { capture: true });

  // A prepared sentence goes into the text that it is for; without script it can be copied.
  for (const button of document.querySelectorAll("[data-fill]")) button.hidden = false;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill]");
    if (!button) return;
    const text = document.getElementById(button.dataset.fill);
    text.value = text.value.trim() ? `${text.value.trim()}\n${button.dataset.words}` : button.dataset.words;
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
  });

  for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());

  // Ticks in a list: how many, the whole page at once, and a decision by key about the row in focus where none is ticked.
  const ticks = () => [...document.querySelectorAll("#bulk [name=item]")];
  const chosen = (row) => row && row.querySelector("[name=item]");
  let last = null; // the box ticked last: Shift takes everything from it to here
  const range = (box) => {
    const all = ticks();
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    for (const one of from < 0 ? [box] : all.slice(from, to + 1)) one.checked = true;
    last = box;
    count();
  };
  const count = () => {
    const bar = document.querySelector("[data-ticked]");
    const whole = document.querySelector("[data-tick-page]");
    if (!bar) return;
    const number = ticks().filter((box) => box.checked).length;
    bar.textContent = bar.dataset.words.replace("{n}", number);
    if (whole) {
      whole.hidden = false;
      whole.checked = number > 0 && number === ticks().length;
    }
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-tick-page]")) {
      for (const box of ticks()) box.checked = event.target.checked;
    }
    if (event.target.closest("#bulk")) count();
  });
  document.addEventListener("click", (event) => {
    const box = event.target.closest("#bulk [name=item]");
    if (box && event.shiftKey && last && box.checked) range(box);
    else if (box) last = box;
    // Without a tick a decision is about the row in focus.
    const button = event.target.closest("#bulk [data-bulk] button");
    const focused = button && chosen(document.activeElement.closest("[data-row]"));
    if (focused && !ticks().some((one) => one.checked)) focused.checked = true;
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !ticks().length) return;
    const box = chosen(event.target.closest("#bulk [data-row]"));
    if (event.key === "X" && box) {
      event.preventDefault();
      range(box);
    } else if (event.key === "*") {
      event.preventDefault();
      const whole = ticks().some((one) => !one.checked);
      for (const one of ticks()) one.checked = whole;
      count();
    }
  });
  document.addEventListener("htmx:afterSwap", count);
  count();

  // A link that is shown once: copied by one press where the browser lets us, else selected to be copied by hand.
  for (const button of document.querySelectorAll("[data-copy]")) {
    const field = document.getElementById(button.dataset.copy);
    field.addEventListener("focus", () => field.select());
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(field.value);
      button.textContent = button.dataset.done;
    });
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    focusMarked(event.detail.target);
    const form = event.detail.target.closest("form[data-keep]");
    if (form) save(form);
  });
  focusMarked(document);

  // Who comes back to a list goes on from the row that they had opened, not from its top.
  const before = document.referrer && new URL(document.referrer);
  if (before && before.origin === location.origin && !document.querySelector("[data-focus]")) {
    const opened = [...document.querySelectorAll("[data-row] [data-open]")].find((link) =>
      `${before.pathname}/`.startsWith(`${link.pathname}/`)
    );
    if (opened) opened.focus();
  }
})();
