/* Photos: shrunk on the phone, one request a photo with its own progress bar, tried again with the same key. */
(() => {
  "use strict";

  const form = document.querySelector("form[data-photos]");
  if (!form) return;
  const input = form.querySelector("input[type=file]");
  const list = form.querySelector(".uploads");
  const words = form.dataset;
  const LARGEST_SIDE = 2600;
  const SMALL_ENOUGH = 700 * 1024;
  const TRIES = 5;
  const run = form.elements._key.value;
  const note = document.createElement("p");
  note.setAttribute("role", "status");
  list.after(note);
  const onward = document.querySelector("form[data-onward]");
  let number = 0;
  let queue = Promise.resolve();
  let failed = 0;
  let sent = 0;
  let goOn = false; // 「继续」 was pressed while photos were still on their way

  form.querySelector("[data-send]").hidden = true;

  const busy = () => sent + failed < number;

  const shrink = (file) =>
    new Promise((resolve) => {
      if (file.size <= SMALL_ENOUGH || !/^image\/(jpeg|png|webp)$/.test(file.type)) return resolve(file);
      new window.Compressor(file, {
        maxWidth: LARGEST_SIDE,
        maxHeight: LARGEST_SIDE,
        quality: 0.82,
        mimeType: "image/jpeg",
        success: (small) => resolve(small.size < file.size ? small : file),
        error: () => resolve(file), // the server reads it as it is
      });
    });

  function post(file, key, progress) {
    return new Promise((resolve, reject) => {
      const body = new FormData();
      body.append("_ticket", form.elements._ticket.value);
      body.append("_key", key);
      body.append("photo", file, file.name || "photo.jpg");
      const request = new XMLHttpRequest();
      request.open("POST", form.action);
      request.setRequestHeader("Accept", "application/json");
      request.responseType = "json";
      request.timeout = 120000;
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) progress.value = event.loaded / event.total;
      });
      request.addEventListener("load", () => {
        if (request.status === 200) resolve();
        else if (request.status >= 500 || request.status === 429) reject(new Error("again"));
        else resolve((request.response && request.response.error) || words.failed);
      });
      for (const trouble of ["error", "timeout", "abort"]) request.addEventListener(trouble, () => reject(new Error("again")));
      request.send(body);
    });
  }

  /* Without a network no try is used up: it goes on by itself when the network is back. */
  function connected(row) {
    row.text.textContent = words.waiting;
    return new Promise((done) => window.addEventListener("online", done, { once: true }));
  }

  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  async function upload(file, row) {
    row.text.textContent = words.shrinking;
    const small = await shrink(file);
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      if (!navigator.onLine) await connected(row);
      row.progress.value = 0;
      row.text.textContent = attempt ? words.retrying : words.uploading;
      try {
        const refusal = await post(small, row.key, row.progress);
        row.progress.hidden = true;
        row.text.textContent = refusal || words.done;
        row.text.className = refusal ? "error" : "";
        if (refusal) failed += 1;
        else sent += 1;
        return;
      } catch {
        await pause(1000 * 2 ** attempt);
      }
    }
    failed += 1;
    row.progress.hidden = true;
    row.text.textContent = words.failed;
    row.text.className = "error";
    row.again.hidden = false;
  }

  function addRow(file) {
    const item = document.createElement("li");
    const name = document.createElement("p");
    const progress = document.createElement("progress");
    const text = document.createElement("p");
    const again = document.createElement("button");
    name.textContent = file.name;
    progress.max = 1;
    progress.value = 0;
    progress.setAttribute("aria-label", file.name);
    again.type = "button";
    again.className = "button";
    again.textContent = words.again;
    again.hidden = true;
    item.append(name, progress, text, again);
    list.append(item);
    number += 1;
    return { progress, text, again, key: `${run}-${number}` };
  }

  function finish() {
    if (busy()) return;
    if (failed) {
      goOn = false;
      return;
    }
    if (goOn && onward) onward.submit();
    else location.replace(location.pathname + location.search); // never reload: that could send a form again
  }

  const enqueue = (file, row) => (queue = queue.then(() => upload(file, row)).then(finish));

  if (onward)
    onward.addEventListener("submit", (event) => {
      if (!busy()) return;
      event.preventDefault();
      goOn = true;
      note.textContent = words.wait;
    });

  function take() {
    for (const file of input.files) {
      const row = addRow(file);
      row.again.addEventListener("click", () => {
        failed -= 1;
        row.again.hidden = true;
        row.progress.hidden = false;
        row.text.className = "";
        enqueue(file, row);
      });
      enqueue(file, row);
    }
    input.value = "";
  }

  input.addEventListener("change", take);
  if (input.files.length) take(); // chosen while this script was still on its way
})();

/* While a worker looks at a photo, its line is asked again until the verdict is there. */
(() => {
  "use strict";

  const EVERY_MS = 3000;
  const LOOKS = 40;
  let looks = 0;

  async function look() {
    const section = document.getElementById("pages");
    if (!section || !section.querySelector("li.received") || looks >= LOOKS || section.contains(document.activeElement)) return;
    looks += 1;
    try {
      const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("pages");
      const changed = fresh && [...fresh.querySelectorAll("li")].map((one) => one.className).join() !==
        [...section.querySelectorAll("li")].map((one) => one.className).join();
      if (changed) section.replaceWith(document.importNode(fresh, true));
    } catch {
      /* asked again below */
    }
    setTimeout(look, EVERY_MS);
  }
  setTimeout(look, EVERY_MS);
})();
