/* One photo in parts (the protocol is described in webforms/apply_uploads.py). The server's offset is the only state:
   whatever breaks, the photo is announced again under the same key and goes on where the server says. */
(() => {
  "use strict";

  const Bole = (window.Bole = window.Bole || {});
  const PART = 256 * 1024;
  const LEAST = 16 * 1024; // on the worst of lines
  const MOST = 1024 * 1024; // on good ones; as much as the server takes at once
  const QUICK = 1500; // ms for a part: the next may be larger
  const TRIES = 7; // in a row, without a byte getting through
  const LONGEST_PAUSE = 30000;
  const PATIENCE = 60000; // ms for one answer

  // --- SHA-256: the browser's own, which plain http lacks, else ours -------------------------------------------------

  const hex = (words) => [...words].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");

  /* Fractions of the square and cube roots of the first primes, as FIPS 180-4 has them. */
  function constants() {
    const roots = [[], []];
    for (let n = 2; roots[1].length < 64; n += 1) {
      if ([...Array(n).keys()].slice(2).some((d) => n % d === 0)) continue;
      if (roots[0].length < 8) roots[0].push(((Math.sqrt(n) % 1) * 2 ** 32) | 0);
      roots[1].push(((Math.cbrt(n) % 1) * 2 ** 32) | 0);
    }
    return roots;
  }

  function ownSum(bytes) {
    const [start, k] = constants();
    const h = Int32Array.from(start);
    const w = new Int32Array(64);
    const padded = new Uint8Array(((bytes.length + 72) >> 6) << 6);
    padded.set(bytes);
    padded[bytes.length] = 128;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
    view.setUint32(padded.length - 4, bytes.length << 3);
    const turn = (x, n) => (x >>> n) | (x << (32 - n));
    for (let at = 0; at < padded.length; at += 64) {
      for (let i = 0; i < 16; i += 1) w[i] = view.getInt32(at + 4 * i);
      for (let i = 16; i < 64; i += 1) {
        const [a, b] = [w[i - 15], w[i - 2]];
        w[i] = w[i - 16] + w[i - 7] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10));
      }
      let [a, b, c, d, e, f, g, last] = h;
      for (let i = 0; i < 64; i += 1) {
        const one = (last + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + k[i] + w[i]) | 0;
        const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        [a, b, c, d, e, f, g, last] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g];
      }
      [a, b, c, d, e, f, g, last].forEach((word, i) => (h[i] += word));
    }
    return hex(h);
  }

  async function sum(blob) {
    const bytes = await new Response(blob).arrayBuffer();
    if (!(window.crypto && crypto.subtle)) return ownSum(new Uint8Array(bytes));
    const digest = new DataView(await crypto.subtle.digest("SHA-256", bytes));
    return hex(Array.from({ length: 8 }, (_, i) => digest.getUint32(4 * i)));
  }
  Bole.ownSum = ownSum;

  // --- the three answers -------------------------------------------------------------------------------------------

  /* What the person is told; trying again changes nothing. */
  class Refused extends Error {}
  Bole.Refused = Refused;

  function ask(address, fields, progress) {
    return new Promise((done, failed) => {
      const body = new FormData();
      for (const [name, value] of Object.entries(fields)) body.append(name, value);
      const request = new XMLHttpRequest();
      request.open("POST", address);
      request.setRequestHeader("Accept", "application/json");
      request.responseType = "json";
      request.timeout = PATIENCE;
      if (progress) request.upload.addEventListener("progress", (event) => event.lengthComputable && progress(event.loaded / event.total));
      request.addEventListener("load", () => {
        const answer = request.response || {};
        if (request.status === 200 && typeof answer.offset === "number") done(answer);
        else if ([401, 403, 413, 422].includes(request.status)) failed(new Refused(answer.error || ""));
        else failed(new Error("again"));
      });
      for (const trouble of ["error", "timeout", "abort"]) request.addEventListener(trouble, () => failed(new Error("again")));
      request.send(body);
    });
  }

  /* Waits longer each time, never quite as long as others do; a network that comes back ends it. */
  const pause = (attempt) =>
    new Promise((done) => {
      const most = Math.min(1000 * 2 ** attempt, LONGEST_PAUSE);
      const timer = setTimeout(ended, most * (0.5 + Math.random() / 2));
      function ended() {
        clearTimeout(timer);
        window.removeEventListener("online", ended);
        done();
      }
      window.addEventListener("online", ended);
    });

  const connected = () =>
    navigator.onLine ? Promise.resolve() : new Promise((done) => window.addEventListener("online", done, { once: true }));

  /* Send `blob` under `key`; resolves when the server has it whole, and has said so with its sum. `say` is told
     "uploading", "retrying" or "waiting", and what share has arrived. Throws Refused with a sentence, or Error. */
  Bole.send = async ({ blob, key, replaces, address, ticket, say }) => {
    const sha256 = await sum(blob);
    let now = null;
    let size = PART;
    let furthest = 0;
    let restarts = 0;
    for (let attempt = 0; attempt < TRIES; ) {
      if (!navigator.onLine) {
        say("waiting");
        await connected();
      }
      say(attempt ? "retrying" : "uploading", furthest / blob.size);
      try {
        if (!now) {
          now = await ask(address, { _ticket: ticket, key, size: blob.size, sha256, replaces });
          if (now.offset < furthest) restarts += 1; // the whole was not what its sum says
          if (restarts === 3) break;
          furthest = now.offset;
        }
        if (!now.page) {
          const { offset } = now;
          const began = performance.now();
          const part = blob.slice(offset, offset + size);
          const fields = { _ticket: ticket, offset, sha256: await sum(part), part };
          now = await ask(`${address}/${now.upload}`, fields, (share) => say("uploading", (offset + share * part.size) / blob.size));
          if (performance.now() - began < QUICK) size = Math.min(size * 2, MOST);
        }
        if (now.page && now.sha256 === sha256) return;
        if (now.page || now.offset <= furthest) throw new Error("again"); // not what was sent
        furthest = now.offset;
        attempt = 0;
      } catch (trouble) {
        if (trouble instanceof Refused) throw trouble;
        now = null;
        attempt += 1;
        size = Math.max(size / 2, LEAST);
        if (attempt === TRIES) break;
        say("retrying");
        await pause(attempt - 1);
      }
    }
    throw new Error("given up");
  };
})();
