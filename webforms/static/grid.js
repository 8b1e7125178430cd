// The grid of a unit's table: saves as it is typed, pastes from Excel and WPS, moves by keyboard. Without this script the
// page is a form with a button. Every value is judged by the server; nothing typed is thrown away here.
(() => {
  "use strict";
  const form = document.querySelector("form[data-grid]");
  const body = form && form.querySelector("[data-rows]");
  if (!body || !body.querySelector("[data-column]")) return;
  const blank = document.querySelector("template[data-blank]");
  const state = form.querySelector("[data-state]");
  const say = form.dataset;
  const WAIT = 700;
  const BATCH = 500;
  const dirty = new Map(); // row id → how often it was changed
  let timer = 0;
  let busy = false;
  let pause = 2000;

  const rows = () => [...body.querySelectorAll("tr[data-grid-row]")];
  const row = (id) => body.querySelector(`tr[data-grid-row="${CSS.escape(id)}"]`);
  const controls = (tr) => [...tr.querySelectorAll("[data-column]")];
  const control = (tr, column) => tr.querySelector(`[data-column="${CSS.escape(column)}"]`);
  const tell = (text, n) => {
    state.textContent = text.replace("{n}", n);
  };

  const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
  const renumber = () => body.querySelectorAll("[data-number]").forEach((cell, at) => (cell.textContent = at + 1));
  const full = () => rows().length >= Number(say.max);

  const addRow = () => {
    if (!blank || full()) {
      if (blank) tell(say.sayFull);
      return null;
    }
    const id = newId();
    const holder = document.createElement("tbody");
    holder.innerHTML = blank.innerHTML.replaceAll(blank.dataset.blank, id);
    const tr = holder.querySelector("tr");
    body.append(tr);
    renumber();
    return tr;
  };

  const show = (input, text) => {
    if (input.tagName === "SELECT" && ![...input.options].some((option) => option.value === text)) {
      const named = [...input.options].find((option) => option.text === text);
      if (named) text = named.value;
      else input.add(new Option(text, text));
    }
    input.value = text;
  };

  const values = (tr) => {
    const out = {};
    for (const input of controls(tr)) {
      const untouched = "hidden" in input.dataset && !input.value && !("cleared" in input.dataset);
      if (!untouched) out[input.dataset.column] = input.value;
    }
    return out;
  };
  const empty = (tr) => tr.dataset.version === "0" && Object.values(values(tr)).every((value) => !value.trim());

  const mark = (tr) => {
    dirty.set(tr.dataset.gridRow, (dirty.get(tr.dataset.gridRow) || 0) + 1);
    clearTimeout(timer);
    timer = setTimeout(save, WAIT);
  };

  const note = (tr, text, choices = []) => {
    const next = tr.nextElementSibling;
    if (next && next.classList.contains("g-note")) next.remove();
    tr.classList.toggle("late", Boolean(text));
    if (!text) return;
    const line = document.createElement("tr");
    line.className = "g-note";
    const cell = line.insertCell();
    cell.colSpan = 99;
    cell.append(text);
    for (const [words, act] of choices) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-sm btn-outline-secondary ms-2";
      button.textContent = words;
      button.addEventListener("click", act);
      cell.append(button);
    }
    tr.after(line);
  };

  const link = (tr, input) => {
    const cell = input.closest("td");
    if (cell.querySelector(".g-mask")) return;
    const address = say.reveal.replace("__row__", tr.dataset.gridRow).replace("__column__", input.dataset.column);
    const holder = document.createElement("span");
    holder.className = "g-mask";
    const a = document.createElement("a");
    a.className = "reveal";
    a.href = address;
    a.textContent = say.sayReveal;
    a.setAttribute("aria-label", `${say.sayReveal} ${input.getAttribute("aria-label")}`);
    for (const [name, value] of [["hx-get", address], ["hx-target", "closest .g-mask"], ["hx-swap", "innerHTML"]]) {
      a.setAttribute(name, value);
    }
    holder.append(a);
    input.after(holder);
    if (window.htmx) window.htmx.process(holder);
  };

  const judge = (tr, told) => {
    for (const input of controls(tr)) {
      const found = told.cells[input.dataset.column];
      const problem = (found && found.problem) || "";
      const spoken = tr.querySelector(`#${CSS.escape(input.id)}-bad`);
      spoken.textContent = problem;
      if (problem) {
        input.setAttribute("aria-invalid", "true");
        input.setAttribute("aria-describedby", spoken.id);
      } else {
        input.removeAttribute("aria-invalid");
        input.removeAttribute("aria-describedby");
      }
    }
    const said = tr.querySelector("[data-said]");
    if (said && told.said) said.innerHTML = told.said;
    for (const [name, value] of Object.entries(told.sums)) {
      const sum = tr.querySelector(`[data-sum="${CSS.escape(name)}"]`);
      if (sum) sum.value = value === null ? "" : value;
    }
  };

  const hide = (input) => {
    delete input.dataset.cleared;
    if (!("mask" in input.dataset)) return;
    input.value = "";
    input.placeholder = input.dataset.mask;
  };

  const put = (tr, told) => {
    for (const input of controls(tr)) {
      const found = told.cells[input.dataset.column];
      if (!found) continue;
      if ("hidden" in input.dataset) {
        input.dataset.mask = found.mask;
        if (found.mask) link(tr, input);
      }
      if (document.activeElement === input) continue;
      show(input, found.text);
      hide(input);
    }
  };

  const theirs = (tr, told) => {
    dirty.delete(told.id);
    delete tr.dataset.remove;
    if (told.version === 0) {
      note(tr, "");
      tr.remove();
      renumber();
      return;
    }
    tr.dataset.version = told.version;
    put(tr, told);
    note(tr, "");
    tell(say.saySaved);
  };
  const mine = (tr, told) => {
    tr.dataset.version = told.version;
    note(tr, "");
    mark(tr);
    save();
  };

  const receive = (told, sentAt) => {
    const tr = row(told.id);
    const unsent = !sentAt.has(told.id); // something else is said of it, as another row has changed
    if (!tr || (unsent && tr.classList.contains("late"))) return;
    const changedSince = dirty.get(told.id) !== sentAt.get(told.id);
    if (told.state === "removed") {
      note(tr, "");
      tr.remove();
      dirty.delete(told.id);
      renumber();
      return;
    }
    judge(tr, told);
    if (told.state === "saved") {
      tr.dataset.version = told.version;
      note(tr, "");
      if (!changedSince) {
        dirty.delete(told.id);
        put(tr, told);
      }
    } else if (told.state === "conflict") {
      note(tr, told.note, [
        [say.sayMine, () => mine(tr, told)],
        [say.sayTheirs, () => theirs(tr, told)],
      ]);
    } else if (told.note) note(tr, told.note);
  };

  const token = () => form.querySelector("[name=csrf_token]").value;
  const freshToken = async () => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("form[data-grid] [name=csrf_token]");
    if (found) form.querySelector("[name=csrf_token]").value = found.value;
    return Boolean(found);
  };

  const post = async (address, data) => {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token(), "HX-Request": "true" },
      body: JSON.stringify(data),
    });
    const json = (answer.headers.get("Content-Type") || "").includes("json");
    return { status: answer.status, told: json ? await answer.json() : null };
  };

  const again = (words) => {
    tell(words);
    clearTimeout(timer);
    timer = setTimeout(save, pause);
    pause = Math.min(pause * 2, 30000);
  };

  async function save() {
    clearTimeout(timer);
    if (busy) {
      timer = setTimeout(save, WAIT);
      return;
    }
    const waiting = [...dirty.keys()].map(row).filter((tr) => tr && !tr.classList.contains("late"));
    const going = waiting.filter((tr) => !empty(tr) || tr.dataset.remove).slice(0, BATCH);
    for (const tr of waiting) if (empty(tr) && !tr.dataset.remove) dirty.delete(tr.dataset.gridRow);
    if (!going.length) return;
    busy = true;
    const sentAt = new Map(going.map((tr) => [tr.dataset.gridRow, dirty.get(tr.dataset.gridRow)]));
    const sent = going.map((tr) => ({
      id: tr.dataset.gridRow,
      version: Number(tr.dataset.version),
      values: tr.dataset.remove ? null : values(tr),
    }));
    tell(say.saySaving);
    try {
      const { status, told } = await post(say.save, { rows: sent });
      if (status === 200) {
        pause = 2000;
        for (const one of told.rows) receive(one, sentAt);
        totals(told);
        settled(told.rows);
        if (waiting.length > going.length) timer = setTimeout(save, 0);
      } else if (told && told.problem) tell(told.problem);
      else again((await freshToken()) ? say.saySaving : say.sayLogin);
    } catch {
      again(say.sayOffline);
    }
    busy = false;
  }

  const totals = (told) => {
    for (const output of form.querySelectorAll("[data-total]")) {
      const value = told.total[output.dataset.total];
      output.value = value === undefined ? "" : value;
    }
    const grand = form.querySelector("[data-grand]");
    if (grand) grand.value = told.grand;
    for (const [name, number] of Object.entries(told.counts || {})) {
      document.querySelector(`[data-count="${CSS.escape(name)}"]`).textContent = number;
    }
  };

  const settled = (told) => {
    const wrong = body.querySelectorAll("tr:has([aria-invalid])").length;
    const late = body.querySelectorAll("tr.late").length;
    const gone = told.some((one) => one.state === "removed");
    const lacks = told.length === 1 && told[0].lacks.length ? `。${say.sayLacks}${told[0].lacks.join("、")}` : "";
    if (wrong) tell(say.sayWrong, wrong);
    else if (late) tell(say.sayLate, late);
    else if (dirty.size) tell(say.saySaving);
    else tell((gone ? say.sayRemoved : say.saySaved) + lacks);
  };

  const paste = async (event) => {
    const input = event.target.closest("[data-column]");
    const text = (event.clipboardData || window.clipboardData).getData("text/plain");
    if (!input || !/[\t\n]/.test(text.replace(/\r?\n$/, ""))) return;
    event.preventDefault();
    const all = rows();
    const first = all.indexOf(input.closest("tr"));
    const room = (blank ? Number(say.max) : all.length) - first;
    let answer;
    try {
      answer = await post(say.paste, { text, column: input.dataset.column, room });
    } catch {
      tell(say.sayOffline);
      return;
    }
    if (answer.status !== 200) {
      tell(answer.told ? answer.told.problem : say.sayLogin);
      return;
    }
    let placed = 0;
    for (const [at, raw] of answer.told.rows.entries()) {
      const tr = rows()[first + at] || addRow();
      if (!tr) break;
      for (const [column, value] of Object.entries(raw)) {
        const cell = control(tr, column);
        if (cell) show(cell, value);
      }
      mark(tr);
      placed += 1;
    }
    if (blank && !full() && !empty(rows().at(-1))) addRow();
    tell(say.sayPasted, placed);
    save();
  };

  const move = (input, step) => {
    const all = rows();
    const at = all.indexOf(input.closest("tr")) + step;
    const target = all[at] || (step > 0 ? addRow() : null);
    const next = target && control(target, input.dataset.column);
    if (next) {
      next.focus();
      if (next.select) next.select();
    }
    return Boolean(next);
  };
  const aside = (input, step) => {
    const all = controls(input.closest("tr"));
    const next = all[all.indexOf(input) + step];
    if (next) next.focus();
    return Boolean(next);
  };
  const atEnd = (input, step) => input.selectionStart === input.selectionEnd && input.selectionStart === (step < 0 ? 0 : input.value.length);

  const keys = (event) => {
    const input = event.target.closest("[data-column]");
    if (!input || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const text = input.tagName === "INPUT";
    let moved = false;
    if (event.key === "Enter") moved = move(input, event.shiftKey ? -1 : 1) || true;
    else if (text && event.key === "ArrowDown" && (rows().at(-1) !== input.closest("tr"))) moved = move(input, 1);
    else if (text && event.key === "ArrowUp") moved = move(input, -1);
    else if (text && event.key === "ArrowLeft" && atEnd(input, -1)) moved = aside(input, -1);
    else if (text && event.key === "ArrowRight" && atEnd(input, 1)) moved = aside(input, 1);
    else if ((event.key === "Delete" || event.key === "Backspace") && "hidden" in input.dataset && !input.value && input.placeholder) {
      input.dataset.cleared = "";
      input.placeholder = "";
      mark(input.closest("tr"));
      moved = true;
    }
    if (moved) event.preventDefault();
  };

  const click = (event) => {
    const remove = event.target.closest("[data-remove]:not(tr)");
    const add = event.target.closest("[data-add]");
    if (!remove && !add) return;
    event.preventDefault();
    if (add) {
      const made = addRow();
      if (made) controls(made)[0].focus();
      return;
    }
    const tr = remove.closest("tr");
    note(tr, "");
    const beside = tr.nextElementSibling || tr.previousElementSibling;
    if (tr.dataset.version === "0") {
      dirty.delete(tr.dataset.gridRow);
      tr.remove();
      renumber();
    } else {
      tr.dataset.remove = "1";
      mark(tr);
      save();
    }
    if (beside && controls(beside)[0]) controls(beside)[0].focus();
  };

  body.addEventListener("input", (event) => event.target.closest("[data-column]") && mark(event.target.closest("tr")));
  body.addEventListener("change", () => save());
  body.addEventListener("focusout", (event) => {
    const input = event.target.closest("[data-hidden]");
    if (input && !dirty.has(input.closest("tr").dataset.gridRow)) hide(input);
  });
  body.addEventListener("paste", paste);
  body.addEventListener("keydown", keys);
  form.addEventListener("click", click);
  form.addEventListener("submit", (event) => {
    if (event.submitter && event.submitter.value === "save") {
      event.preventDefault();
      save();
    }
  });
  // What is typed is kept before the list is entered or read anew; what cannot be kept is shown instead.
  const allSaved = async () => {
    for (let vain = 0; dirty.size && vain < 3; ) {
      const before = dirty.size;
      if (busy) await new Promise((done) => setTimeout(done, 100));
      else await save();
      if (!busy && dirty.size >= before) vain += 1;
    }
    return !dirty.size;
  };
  let leaving = false;
  document.addEventListener("submit", async (event) => {
    const other = event.target;
    if (!other.matches("[data-when-saved]") || !dirty.size) return;
    event.preventDefault();
    if (leaving) return;
    leaving = true;
    const saved = await allSaved();
    leaving = false;
    const left = row([...dirty.keys()][0]);
    if (saved) other.requestSubmit(event.submitter);
    else if (left) left.querySelector("[data-column]").focus();
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty.size) event.preventDefault();
  });
})();
