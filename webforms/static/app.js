/* Better with a script, whole without one: ticks that stand alone, search in long lists, counted letters. */
(() => {
  "use strict";

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

  // --- names of places: a few that fit what is typed; any other text is a place too ---------------------------------

  for (const input of document.querySelectorAll("input[data-places]")) {
    const list = document.createElement("datalist");
    list.id = input.id + "-places";
    input.after(list);
    input.setAttribute("list", list.id);
    for (const button of input.closest("[data-ask]").querySelectorAll("[name=_find]")) button.remove();
    let timer = 0;
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const typed = input.value.trim();
        if (typed.length < 2) return;
        try {
          const answer = await fetch(input.dataset.places, { method: "POST", body: new URLSearchParams({ q: typed }) });
          if (!answer.ok || input.value.trim() !== typed) return;
          list.replaceChildren(...(await answer.json()).map((name) => new Option(name, name)));
        } catch {
          list.replaceChildren(); // no network: it is typed without help
        }
      }, 200);
    });
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

  const summary = document.querySelector("[data-focus]");
  if (summary) summary.focus();
})();
