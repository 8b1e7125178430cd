/* Progressive: without this file the form posts and the page comes back. With it a message goes out at once, is tried
   again with the same key while the network is away, photos are made smaller first, and news is polled for. */
"use strict";
(() => {
  const form = document.getElementById("reply");
  const log = document.getElementById("log");
  const said = document.getElementById("said");
  const choices = document.getElementById("choices");
  const text = document.getElementById("text");
  const photo = document.getElementById("photo");
  const alertLine = document.getElementById("alert");
  const statusLine = document.getElementById("status");
  const progress = document.getElementById("progress");
  const KEPT = "bole-chat-unsent:" + form.action;
  const LARGEST = 30 * 1024 * 1024;
  const LONG_SIDE = 2400;
  let after = form.dataset.after;
  let busy = false;
  /* Photos chosen and not sent yet: one a message, in their order. */
  let queue = [];
  /* What did not get through, with its key: sent again, it is taken once. */
  const unsent = { photo: null, text: null };
  document.documentElement.classList.add("js");

  const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const show = (line, words) => { line.textContent = words; line.hidden = !words; };
  const toEnd = () => { log.scrollTop = log.scrollHeight; };
  const grow = () => { text.style.height = "auto"; text.style.height = text.scrollHeight + 2 + "px"; };

  function remember(words) {
    try { words ? localStorage.setItem(KEPT, words) : localStorage.removeItem(KEPT); } catch (_) { /* private mode: the text is still in the box */ }
  }
  function recall() {
    try { return localStorage.getItem(KEPT) || ""; } catch (_) { return ""; }
  }

  function mine(words) {
    const item = document.createElement("li");
    item.className = "said you waiting";
    const who = document.createElement("span");
    who.className = "who";
    who.textContent = form.dataset.you;
    const bubble = document.createElement("div");
    bubble.className = "bubble";
    const line = document.createElement("p");
    line.className = "text";
    line.textContent = words;
    bubble.append(line);
    item.append(who, bubble);
    said.append(item);
    toEnd();
    return item;
  }

  function take(news) {
    choices.innerHTML = news.choices;
    if (news.html.trim()) {
      const count = said.children.length;
      said.insertAdjacentHTML("beforeend", news.html);
      log.scrollTop = said.children[count].offsetTop - said.offsetTop; // a long reply is read from its beginning
    }
    after = news.cursor;
  }

  async function smaller(file) {
    if (!file.type.startsWith("image/") || file.size < 400 * 1024 || !window.createImageBitmap) return file;
    try {
      const image = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, LONG_SIDE / Math.max(image.width, image.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(image.width * scale);
      canvas.height = Math.round(image.height * scale);
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.86));
      return blob && blob.size < file.size ? blob : file;
    } catch (_) {
      return file; // a format this browser cannot read goes as it is
    }
  }

  function post(url, data, onProgress) {
    return new Promise((done, fail) => {
      const call = new XMLHttpRequest();
      call.open("POST", url);
      call.timeout = 60000;
      call.setRequestHeader("X-Requested-With", "chat");
      if (onProgress) call.upload.onprogress = (e) => e.lengthComputable && onProgress((100 * e.loaded) / e.total);
      call.onload = () => {
        let body = null;
        try { body = JSON.parse(call.responseText); } catch (_) { body = null; }
        done({ status: call.status, body });
      };
      call.onerror = call.ontimeout = () => fail(new Error("network"));
      call.send(data);
    });
  }

  /* The same key each time: a message that did arrive is answered again, not taken twice. */
  async function deliver(data, onProgress) {
    let last = null;
    for (let tries = 0; tries < 6; tries += 1) {
      let words = form.dataset.retry;
      try {
        last = null;
        const answer = await post(form.action, data, onProgress);
        if (answer.status !== 429 && (answer.status < 500 || answer.body)) return answer;
        if (answer.status === 429 && answer.body) { last = answer; words = answer.body.text; }
      } catch (_) { /* the network is away: said below, tried again */ }
      show(statusLine, words);
      if (!tries) toEnd(); // the line took room from the talk: what was just said stays in sight
      await wait(last ? 12000 : Math.min(1000 * 2 ** tries, 15000));
    }
    return last;
  }

  async function send(words, file, afterProblem) {
    if (busy || (!words.trim() && !file)) return;
    busy = true;
    if (!afterProblem) show(alertLine, "");
    const kind = file ? "photo" : "text";
    const what = file || words;
    const key = unsent[kind] && unsent[kind].what === what ? unsent[kind].key : newKey();
    unsent[kind] = { what, key };
    const bubble = mine(file ? form.dataset.photo : words);
    const data = new FormData();
    data.set("ticket", form.elements.ticket.value);
    data.set("lang", form.elements.lang.value);
    data.set("key", key);
    data.set("after", after);
    if (file) {
      show(statusLine, sending());
      const small = await smaller(file);
      if (small.size > LARGEST) { unsent.photo = null; finish(bubble, form.dataset.large, ""); return; }
      data.set("photo", small, file.type === "application/pdf" ? "photo.pdf" : "photo.jpg");
      progress.hidden = false;
    } else {
      data.set("text", words);
      remember(words);
      text.value = "";
      grow();
    }
    const answer = await deliver(data, file ? (value) => { progress.value = value; } : null);
    if (answer && answer.status === 413) unsent[kind] = null; // as it is, it never will
    if (answer === null) finish(bubble, form.dataset.failed, words);
    else if (answer.status === 429) finish(bubble, answer.body.text, words);
    else if (answer.status === 403 && answer.body) finish(bubble, answer.body.text, words, true);
    else if (answer.status >= 400 || !answer.body) finish(bubble, answer.status === 413 ? form.dataset.large : form.dataset.failed, words);
    else if (answer.body.failed) finish(bubble, answer.body.failed, words);
    else {
      if (answer.body.lang !== form.elements.lang.value) { remember(""); location.reload(); return; }
      bubble.remove();
      take(answer.body);
      unsent[kind] = null;
      finish(null, "", "");
    }
  }

  function finish(bubble, problem, words, stale) {
    if (bubble) bubble.remove();
    show(statusLine, "");
    progress.hidden = true;
    progress.value = 0;
    if (problem) {
      show(alertLine, problem);
      if (words) { text.value = words; grow(); }
    } else remember("");
    busy = false;
    if (stale) setTimeout(() => location.reload(), 2500); // the unsent text is kept and put back
    else if (problem && unsent.photo) return; // the rest waits behind the one that did not get through
    else if (unsent.photo) sendUnsentPhoto(); // the network is back
    else sendPhoto(Boolean(problem)); // chosen while this was on its way
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter && event.submitter.name === "choice" ? event.submitter : null;
    const pressed = button ? button.value : "";
    if (button && /^\d+$/.test(pressed) && button.closest("[data-many]")) toggle(button);
    else if (pressed) send(pressed, null);
    else if (unsent.photo && !text.value.trim()) sendUnsentPhoto();
    else { collect(); if (queue.length && !text.value.trim()) sendPhoto(); else send(text.value, null); }
  });
  /* Where several may apply, pressing marks them; sending sends them all. */
  function toggle(button) {
    button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") === "true" ? "false" : "true");
    const marked = choices.querySelectorAll('[aria-pressed="true"]');
    text.value = Array.from(marked, (one) => one.value).join(" ");
    remember(text.value);
  }

  /* What was chosen joins the queue; the control is free for the next. */
  function collect() {
    queue.push(...photo.files);
    photo.value = "";
  }
  const sending = () => (queue.length ? form.dataset.queued.replace("{count}", queue.length) : form.dataset.sending);
  function sendPhoto(afterProblem) {
    collect();
    if (busy) { if (queue.length) show(statusLine, sending()); return; }
    if (unsent.photo) sendUnsentPhoto();
    else if (queue.length) send("", queue.shift(), afterProblem === true);
  }
  const sendUnsentPhoto = () => unsent.photo && send("", unsent.photo.what);
  photo.addEventListener("change", sendPhoto);
  window.addEventListener("online", sendUnsentPhoto);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && matchMedia("(hover: hover)").matches) {
      event.preventDefault();
      send(text.value, null);
    }
  });
  text.addEventListener("input", () => { grow(); remember(text.value); });

  async function poll() {
    for (;;) {
      await wait(document.hidden ? 20000 : 4000);
      if (busy) continue;
      const data = new FormData();
      data.set("ticket", form.elements.ticket.value);
      data.set("lang", form.elements.lang.value);
      data.set("after", after);
      try {
        const answer = await post(form.dataset.poll, data);
        if (!busy && answer.status === 200 && answer.body && answer.body.cursor !== after) take(answer.body);
      } catch (_) { /* asked again in a moment */ }
    }
  }

  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  if (!text.value) { text.value = recall(); grow(); }
  toEnd();
  sendPhoto(); // chosen while this script was still on its way
  poll();
})();
