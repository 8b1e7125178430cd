/* A photo made smaller. HEIC and PDF, and what the browser cannot read, go as they are: the server reads them. */
(() => {
  "use strict";

  const Bole = (window.Bole = window.Bole || {});
  const LARGEST_SIDE = 2600;
  const SMALL_ENOUGH = 700 * 1024;

  Bole.shrink = (file) =>
    new Promise((resolve) => {
      if (!window.Compressor || file.size <= SMALL_ENOUGH || !/^image\/(jpeg|png|webp)$/.test(file.type)) return resolve(file);
      new window.Compressor(file, {
        maxWidth: LARGEST_SIDE,
        maxHeight: LARGEST_SIDE,
        quality: 0.82,
        mimeType: "image/jpeg",
        success: (small) => resolve(small.size < file.size ? small : file),
        error: () => resolve(file),
      });
    });

  // --- a form that is sent whole: what was chosen is made smaller in it, and sending waits for that ------------------

  const form = document.querySelector("form[data-shrink]");
  if (!form || !window.DataTransfer) return;
  const input = form.querySelector("input[type=file]");
  const note = document.createElement("p");
  note.setAttribute("role", "status");
  form.append(note);
  let under = null; // the choice that is being made smaller

  async function smaller(files) {
    const small = new DataTransfer();
    for (const file of files) {
      const blob = await Bole.shrink(file); // one after the other: a phone's memory holds few at full size
      small.items.add(blob instanceof File ? blob : new File([blob], "photo.jpg", { type: blob.type }));
    }
    return small.files;
  }

  async function begin() {
    const mine = (under = {});
    note.textContent = form.dataset.shrink;
    const files = await smaller([...input.files]).catch(() => null); // then they go as they are
    if (under !== mine) return; // chosen anew meanwhile
    if (files) input.files = files;
    under = null;
    note.textContent = "";
    if (mine.pressed) mine.pressed.click();
  }

  input?.addEventListener("change", begin);
  form.addEventListener("submit", (event) => {
    if (!under) return;
    event.preventDefault();
    under.pressed = event.submitter || form.querySelector("button");
  });
  if (input?.files.length) begin(); // chosen while this script was still on its way
})();

/* Photos on their way: shrunk on the phone, sent one after the other in parts (parts.js), each with its own line. What
   fails does not stop the others; what a closed page left is gone on with (kept-photos.js). */
(() => {
  "use strict";

  const Bole = window.Bole || {};
  if (!Bole.send || !Bole.kept || !Bole.watchAgain) return; // a script did not come: the plain form does it
  const form = document.querySelector("form[data-photos]");
  if (!form) {
    Bole.kept.all().then((left) => left.forEach((one) => Bole.kept.drop(one.key))); // nothing more is asked for here
    return;
  }
  const input = form.querySelector("input[type=file]");
  const list = document.querySelector(".uploads");
  const onward = document.querySelector("form[data-onward]");
  const words = form.dataset;
  const run = form.elements._key.value;
  const note = document.createElement("p");
  note.setAttribute("role", "status");
  list.after(note);
  let number = 0;
  let waiting = 0; // lines that have not ended, well or badly
  let failed = 0;
  let queue = Promise.resolve();
  let goOn = false; // 「继续」 was pressed while photos were still on their way

  form.querySelector("[data-send]").hidden = true;

  function element(tag, text, parent) {
    const made = document.createElement(tag);
    made.textContent = text;
    if (parent) parent.append(made);
    return made;
  }

  function addLine(name) {
    const item = element("li", "", list);
    element("p", name, item);
    const progress = element("progress", "", item);
    progress.max = 1;
    progress.value = 0;
    progress.setAttribute("aria-label", name);
    const text = element("p", "", item);
    const buttons = element("p", "", item);
    buttons.className = "acts";
    buttons.hidden = true;
    const [again, drop] = [words.again, words.drop].map((label) => element("button", label, buttons));
    for (const button of [again, drop]) {
      button.type = "button";
      button.className = "act";
      button.append(Object.assign(element("span", ` ${name}`), { className: "sr" }));
    }
    const say = (state, share) => {
      text.textContent = words[state] || state;
      if (share !== undefined) progress.value = share;
    };
    return { item, progress, text, buttons, again, drop, say };
  }

  function end(line, sentence) {
    line.progress.hidden = true;
    line.text.textContent = sentence;
    line.text.className = "error";
    line.buttons.hidden = false;
  }

  async function upload(photo, line) {
    line.progress.hidden = false;
    line.buttons.hidden = true;
    line.text.className = "";
    try {
      if (!photo.blob) {
        line.say("shrinking");
        photo.blob = await Bole.shrink(photo.file);
        await Bole.kept.put(photo.key, photo.blob, photo.replaces);
      }
      const ticket = form.elements._ticket.value;
      await Bole.send({ ...photo, ticket, address: words.parts, say: line.say });
    } catch (trouble) {
      end(line, (trouble instanceof Bole.Refused && trouble.message) || words.failed);
      line.again.hidden = trouble instanceof Bole.Refused; // the same photo would be refused again
      if (trouble instanceof Bole.Refused) await Bole.kept.drop(photo.key);
      return false;
    }
    await Bole.kept.drop(photo.key);
    line.say("done", 1);
    await Bole.watchAgain();
    line.item.remove();
    note.textContent = words.done;
    return true;
  }

  function enqueue(photo, line) {
    waiting += 1;
    note.textContent = "";
    queue = queue.then(async () => {
      const well = await upload(photo, line);
      waiting -= 1;
      if (!well) failed += 1;
      finish();
    });
  }

  function finish() {
    if (waiting) return;
    if (goOn && !failed) onward.submit();
    if (goOn && failed) note.textContent = "";
    goOn = false;
  }

  function start(photo, name) {
    const line = addLine(name);
    line.again.addEventListener("click", () => {
      failed -= 1;
      enqueue(photo, line);
    });
    line.drop.addEventListener("click", () => {
      failed -= 1;
      Bole.kept.drop(photo.key);
      line.item.remove();
      input.focus();
    });
    enqueue(photo, line);
  }

  Bole.take = (files) => {
    for (const file of files) {
      number += 1;
      start({ file, key: `${run}-${number}`, replaces: form.elements.replaces.value }, file.name || words.last);
      settle();
    }
  };

  // --- a photo taken again: the next one chosen takes the place of that page ---------------------------------------

  const label = form.querySelector("label");

  function settle(retake) {
    form.elements.replaces.value = retake ? retake.dataset.retake : "";
    label.textContent = retake ? words.for.replace("{n}", retake.dataset.number) : words.add;
    input.multiple = !retake && "many" in words;
  }

  document.addEventListener("click", (event) => {
    const retake = event.target.closest("a[data-retake]");
    if (!retake || form.querySelector("[data-camera]")) return; // the link leads to a page with the camera
    event.preventDefault();
    settle(retake);
    input.click();
  });
  input.addEventListener("cancel", () => settle());

  // --- 「继续」 waits ------------------------------------------------------------------------------------------------

  if (onward)
    onward.addEventListener("submit", (event) => {
      if (!waiting) return;
      event.preventDefault();
      goOn = true;
      note.textContent = words.wait;
    });

  function take() {
    Bole.take([...input.files]);
    input.value = "";
  }

  input.addEventListener("change", take);
  if (input.files.length) take(); // chosen while this script was still on its way
  Bole.kept.all().then((left) => left.forEach((one) => start({ ...one }, words.last)));
})();
