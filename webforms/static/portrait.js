/* The portrait: the camera's picture with an outline for head and shoulders over it, cut to the photo's own ratio.
   Where no camera may be used (WeChat on some phones, refused, none there) the ordinary way stays as it is. */
(() => {
  "use strict";

  const box = document.querySelector("[data-camera]");
  const devices = navigator.mediaDevices;
  const dialog = box && box.querySelector("dialog");
  if (!box || !devices || !devices.getUserMedia || !dialog.showModal) return;
  const part = (name) => box.querySelector(`[data-${name}]`);
  const [video, canvas, view] = ["video", "canvas", ".view"].map((name) => box.querySelector(name));
  const ratio = Number(box.dataset.wide) / Number(box.dataset.high);
  const HIGHEST = 1600; // pixels: twice what the printed photo can show
  let facing = "user";
  let stream = null;

  box.hidden = false;
  view.style.aspectRatio = `${box.dataset.wide} / ${box.dataset.high}`;

  function stop() {
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = null;
  }

  async function run() {
    stop();
    show(true);
    const wanted = { facingMode: facing, width: { ideal: 1920 }, height: { ideal: 1440 } };
    stream = await devices.getUserMedia({ video: wanted, audio: false });
    video.srcObject = stream;
    video.classList.toggle("mirrored", facing === "user");
    await video.play();
    const cameras = (await devices.enumerateDevices()).filter((one) => one.kind === "videoinput");
    part("switch").hidden = cameras.length < 2;
  }

  function show(live) {
    video.hidden = !live;
    canvas.hidden = live;
    part("live-view").hidden = !live;
    part("still").hidden = live;
  }

  async function begin() {
    part("said").textContent = "";
    try {
      if (!dialog.open) dialog.showModal();
      await run();
    } catch {
      dialog.close();
      part("said").textContent = box.dataset.refused;
    }
  }

  /* What is seen through the outline's window: the middle of the picture, in the photo's ratio, not mirrored. */
  function shoot() {
    const [width, height] = [video.videoWidth, video.videoHeight];
    if (!width) return;
    const cut = Math.min(height, width / ratio);
    canvas.height = Math.round(Math.min(cut, HIGHEST));
    canvas.width = Math.round(canvas.height * ratio);
    const [left, top] = [(width - cut * ratio) / 2, (height - cut) / 2];
    canvas.getContext("2d").drawImage(video, left, top, cut * ratio, cut, 0, 0, canvas.width, canvas.height);
    show(false);
    part("use").focus();
  }

  function use() {
    canvas.toBlob(
      (blob) => {
        dialog.close();
        window.Bole.take([new File([blob], "photo.jpg", { type: "image/jpeg" })]);
      },
      "image/jpeg",
      0.95
    );
  }

  part("open").addEventListener("click", begin);
  part("shoot").addEventListener("click", shoot);
  part("use").addEventListener("click", use);
  part("retry").addEventListener("click", () => show(true));
  part("close").addEventListener("click", () => dialog.close());
  part("switch").addEventListener("click", () => {
    facing = facing === "user" ? "environment" : "user";
    begin();
  });
  dialog.addEventListener("close", stop); // also by the Escape key
  document.addEventListener("visibilitychange", () => document.hidden && dialog.open && dialog.close());
})();
