/* Photos that are on their way are kept on the phone until they have arrived, so that a page that was closed or loaded
   anew goes on with them. No names are kept; what is older than a day goes. Without a database nothing is kept. */
(() => {
  "use strict";

  const Bole = (window.Bole = window.Bole || {});
  const DAY = 24 * 3600 * 1000;
  const whose = `${document.body.dataset.held || ""} ${location.pathname}`;

  const asked = (request) =>
    new Promise((done, failed) => {
      request.onsuccess = () => done(request.result);
      request.onerror = () => failed(request.error);
    });

  let opening;
  async function table(mode) {
    opening =
      opening ||
      new Promise((done, failed) => {
        const request = indexedDB.open("bole-photos", 1);
        request.onupgradeneeded = () => request.result.createObjectStore("photos", { keyPath: "key" });
        request.onsuccess = () => done(request.result);
        request.onerror = request.onblocked = () => failed(request.error);
      });
    return (await opening).transaction("photos", mode).objectStore("photos");
  }

  async function quietly(work, otherwise) {
    try {
      return await work();
    } catch {
      return otherwise; // private windows, full disks: the photo is sent all the same
    }
  }

  Bole.kept = {
    put: (key, blob, replaces) =>
      quietly(async () => asked((await table("readwrite")).put({ key, blob, replaces, whose, at: Date.now() }))),
    drop: (key) => quietly(async () => asked((await table("readwrite")).delete(key))),
    /* What was on its way for this document of this application; whatever is too old is removed. */
    all: () =>
      quietly(async () => {
        const found = await asked((await table("readonly")).getAll());
        const old = found.filter((one) => Date.now() - one.at > DAY);
        await Promise.all(old.map((one) => Bole.kept.drop(one.key)));
        return found.filter((one) => one.whose === whose && !old.includes(one));
      }, []),
  };
})();
