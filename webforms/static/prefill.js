/* Waits for the ID card to be read: asks now and then, and shows the page anew when there is something to see. */
"use strict";
(() => {
  const waiting = document.querySelector("[data-reading]");
  if (!waiting) return;
  const EVERY = 2500;
  async function ask() {
    try {
      const answer = await fetch(waiting.dataset.reading, { headers: { Accept: "application/json" } });
      if (answer.ok && (await answer.json()).stage !== "reading") { location.reload(); return; }
    } catch { /* no network: asked again in a moment, and the link is there */ }
    setTimeout(ask, document.hidden ? 4 * EVERY : EVERY);
  }
  setTimeout(ask, EVERY);
})();
