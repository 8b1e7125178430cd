/* What the page shows of the document is kept up to date without loading the page anew: after a photo has come, and
   while a worker looks at one. Whoever is in the middle of the list with the keyboard stays where they are. */
(() => {
  "use strict";

  const Bole = (window.Bole = window.Bole || {});
  const PAUSES = [700, 1000, 1000, 1500, 2000, 2000]; // ms; a verdict takes a second or two …
  const LATER = 4000; // … or the queue is long
  const LOOKS = 60;
  const AFTERWARDS = 3; // what is written on a page is read after its verdict
  let looks = 0;
  let afterwards = AFTERWARDS;
  let timer = 0;

  const states = (section) => [...section.querySelectorAll("li")].map((one) => one.id + one.className + one.textContent).join();

  /* Where the focus is, so that it can be put on the same control of the fresh list. */
  function held(section) {
    const active = document.activeElement;
    if (active === section || !section.contains(active)) return () => active === section && document.getElementById("pages").focus();
    const item = active.closest("li");
    const place = item ? [...item.querySelectorAll("a, button")].indexOf(active) : -1;
    return () => {
      const same = item && document.getElementById(item.id);
      if (same) (same.querySelectorAll("a, button")[place] || same).focus();
    };
  }

  function put(fresh) {
    for (const id of ["photo-hint", "onward"]) {
      const [now, then] = [document.getElementById(id), fresh.getElementById(id)];
      if (now && then && now.innerHTML !== then.innerHTML) now.innerHTML = then.innerHTML;
    }
    const form = document.getElementById("upload");
    if (form) form.hidden = !fresh.getElementById("upload");
    const [section, next] = [document.getElementById("pages"), fresh.getElementById("pages")];
    if (!next || states(section) === states(next)) return;
    const back = held(section);
    section.replaceWith(document.importNode(next, true));
    back();
  }

  Bole.refresh = async () => {
    clearTimeout(timer);
    try {
      const address = new URL(location.href);
      address.searchParams.delete("retake");
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      if (answer.ok && !answer.redirected) put(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      /* looked again below */
    }
    watch();
  };

  function watch() {
    const section = document.getElementById("pages");
    if (!section || looks >= LOOKS) return;
    const open = section.querySelector("li.received");
    if (open) afterwards = 0;
    else if (afterwards >= AFTERWARDS) return;
    else afterwards += 1;
    timer = setTimeout(Bole.refresh, (open && PAUSES[looks]) || LATER);
    looks += 1;
  }

  Bole.watchAgain = () => {
    looks = 0;
    return Bole.refresh();
  };
  watch();
})();
