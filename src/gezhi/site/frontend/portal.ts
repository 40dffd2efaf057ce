// The residents' pages. Everything here is help: each page works without it.
import "./portal.css";

const one = <T extends HTMLElement>(selector: string, within: ParentNode = document) => within.querySelector<T>(selector);
const all = <T extends HTMLElement>(selector: string, within: ParentNode = document) => [...within.querySelectorAll<T>(selector)];

// Old browsers don't know :has(); the size of letters is set on the root for them.
if (document.body.classList.contains("gz-big")) document.documentElement.dataset.letters = "big";

// What was typed stays on this phone until it is sent.
const KEPT = "gz-kept:";
const keptName = (field: HTMLElement) => `${KEPT}${field.dataset.keep}:${field.dataset.keep === "what" || field.dataset.keep === "place" ? "report" : location.pathname.split("/")[2] ?? ""}`;
function keepTyped(): void {
  for (const field of all<HTMLInputElement | HTMLTextAreaElement>("[data-keep]")) {
    try {
      if (!field.value) field.value = localStorage.getItem(keptName(field)) ?? "";
      field.addEventListener("input", () => localStorage.setItem(keptName(field), field.value));
    } catch {
      return; // Storage is forbidden: the server keeps the draft anyway.
    }
  }
}
function forgetTyped(): void {
  if (!one("[data-clear-kept]")) return;
  try {
    Object.keys(localStorage).filter((name) => name.startsWith(KEPT)).forEach((name) => localStorage.removeItem(name));
  } catch {
    // Nothing was kept.
  }
}

function countLetters(): void {
  for (const place of all("[data-count-for]")) {
    const field = document.getElementById(place.dataset.countFor ?? "") as HTMLTextAreaElement | null;
    if (!field) continue;
    const most = Number(field.dataset.count);
    const show = () => {
      const left = most - field.value.length;
      const words = left < 0 ? place.dataset.over : left <= 200 ? place.dataset.left : "";
      place.textContent = (words ?? "").replace("{n}", String(Math.abs(left)));
      place.classList.toggle("is-over", left < 0);
    };
    field.addEventListener("input", show);
    show();
  }
}

const say = (words: string) => document.dispatchEvent(new CustomEvent("gz:notice", { detail: words }));

// Photos: made smaller here, sent as soon as they are chosen.
const LONGEST = 2560;
const LARGE = 8 * 1024 * 1024;
async function smaller(file: File): Promise<File> {
  if (!file.type.startsWith("image/")) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const longest = Math.max(picture.width, picture.height);
    if (longest <= LONGEST && file.size < LARGE) return file;
    const share = Math.min(1, LONGEST / longest);
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * share);
    canvas.height = Math.round(picture.height * share);
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return blob && blob.size < file.size ? new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }) : file;
  } catch {
    return file; // Not a picture this browser can open: the server says so in words.
  }
}
async function sendFiles(url: string, form: HTMLFormElement, name: string, files: File[]): Promise<boolean> {
  const body = new FormData();
  body.append("csrfmiddlewaretoken", one<HTMLInputElement>("[name=csrfmiddlewaretoken]", form)?.value ?? "");
  for (const file of files) body.append(name, file);
  const answer = await fetch(url, { method: "POST", body });
  if (answer.status !== 200 && answer.status !== 422) return false;
  const part = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("files");
  if (!part) return false;
  document.getElementById("files")?.replaceWith(part);
  return true;
}
function uploadAtOnce(): void {
  const input = one<HTMLInputElement>("input[type=file][data-upload]");
  const state = one("[data-upload-state]");
  if (!input?.form || !state) return;
  const form = input.form;
  let running: Promise<void> = Promise.resolve();
  const upload = async (files: File[]) => {
    const answered = [...document.querySelectorAll(".gz-problem, .gz-wrong")];
    state.textContent = input.dataset.busy ?? "";
    const small = [];
    for (const file of files) small.push(await smaller(file));
    let sent = false;
    try {
      sent = await sendFiles(input.dataset.upload ?? "", form, input.name, small);
    } catch {
      sent = false;
    }
    state.textContent = sent ? "" : (input.dataset.failed ?? "");
    if (!sent) return;
    input.value = "";
    // A photo says what is wrong as well as words do: the complaints of before are answered.
    answered.forEach((said) => said.remove());
    form.querySelectorAll(".is-wrong").forEach((field) => field.classList.remove("is-wrong"));
  };
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    if (files.length) running = running.then(() => upload(files));
  });
  // "Next" waits for photos that are still on their way.
  form.addEventListener("submit", (event) => {
    if (!state.textContent || state.textContent !== input.dataset.busy) return;
    event.preventDefault();
    event.stopPropagation(); // it was not sent yet: the guard against a second press must not see it
    void running.then(() => {
      // What was refused is read first.
      const refused = one("#files .gz-wrong");
      if (refused) refused.scrollIntoView({ block: "center" });
      else form.requestSubmit();
    });
  });
}

function recordVoice(): void {
  const box = one("[data-recorder]");
  const button = one<HTMLButtonElement>("button", box ?? document);
  const form = box?.closest("form");
  const kind = ["audio/webm", "audio/ogg", "audio/mp4"].find((type) => window.MediaRecorder?.isTypeSupported(type));
  if (!box || !button || !form || !kind || !navigator.mediaDevices) return;
  box.hidden = false;
  const label = one("span", button);
  const state = one("[data-recorder-state]", box);
  const show = (words: string | undefined) => state && (state.textContent = words ?? "");
  let recorder: MediaRecorder | undefined;
  const stop = async (pieces: Blob[]) => {
    recorder?.stream.getTracks().forEach((track) => track.stop());
    recorder = undefined;
    button.classList.remove("is-on");
    if (label) label.textContent = box.dataset.start ?? "";
    const file = new File(pieces, kind === "audio/ogg" ? "voice.ogg" : "voice.webm", { type: kind });
    const sent = await sendFiles(box.dataset.upload ?? "", form, "voice", [file]).catch(() => false);
    show(sent ? "" : box.dataset.failed);
  };
  button.addEventListener("click", async () => {
    if (recorder) return recorder.stop();
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      recorder = new MediaRecorder(stream, { mimeType: kind, audioBitsPerSecond: 32000 });
    } catch {
      return show(box.dataset.refused);
    }
    const pieces: Blob[] = [];
    recorder.ondataavailable = (event) => pieces.push(event.data);
    recorder.onstop = () => void stop(pieces);
    recorder.start();
    window.setTimeout(() => recorder?.stop(), 120_000);
    button.classList.add("is-on");
    if (label) label.textContent = box.dataset.stop ?? "";
    show("");
  });
}

// Where: the device's position, or a pin on the map.
function position(found: (lon: number, lat: number) => void, refused: () => void): void {
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => found(coords.longitude, coords.latitude),
    refused,
    { enableHighAccuracy: true, timeout: 12_000, maximumAge: 30_000 },
  );
}
function choosePlace(): void {
  const form = one<HTMLFormElement>("form[data-where]");
  if (!form) return;
  const words = form.dataset;
  const lonInput = one<HTMLInputElement>("#id_lon", form);
  const latInput = one<HTMLInputElement>("#id_lat", form);
  const shown = one("[data-found]", form);
  const cancel = one<HTMLButtonElement>("[data-unpick]", form);
  const mapFrame = one("[data-map-src]", form);
  const box = one("[data-map-later]", form);
  const openButton = one<HTMLButtonElement>("[data-open-map]", form);
  if (!lonInput || !latInput || !shown || !cancel) return;

  const show = (text: string | undefined, bad = false) => {
    shown.hidden = false;
    shown.classList.toggle("is-bad", bad);
    const place = one("span", shown);
    if (place) place.textContent = text ?? "";
    cancel.hidden = !lonInput.value;
  };
  const name = async (lon: number, lat: number) => {
    lonInput.value = lon.toFixed(6);
    latInput.value = lat.toFixed(6);
    try {
      const answer = await fetch(`${words.locate}?lon=${lon}&lat=${lat}`);
      if (answer.ok) return show(((await answer.json()) as { words: string }).words);
      lonInput.value = latInput.value = "";
      show(words.outside, true);
    } catch {
      show(words.unknown);
    }
  };
  const openMap = () => {
    if (!mapFrame || !box || !mapFrame.hidden) return;
    mapFrame.hidden = false;
    if (openButton) openButton.hidden = true;
    box.dataset.map = box.dataset.mapLater ?? "";
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = mapFrame.dataset.mapCss ?? "";
    const script = document.createElement("script");
    script.src = mapFrame.dataset.mapSrc ?? "";
    document.head.append(style, script);
  };
  const toMap = (lon: number, lat: number) => {
    if (!box) return;
    const place = () => box.dispatchEvent(new CustomEvent("gz:place", { detail: { lon, lat } }));
    if (box.dataset.mapReady === "yes") return place();
    const wait = window.setInterval(() => {
      if (box.dataset.mapReady === "yes") place();
      if (box.dataset.mapReady === "yes" || box.dataset.mapReady === "none") window.clearInterval(wait);
    }, 200);
  };

  if (openButton) {
    openButton.hidden = false;
    openButton.addEventListener("click", () => {
      openMap();
      if (lonInput.value) toMap(Number(lonInput.value), Number(latInput.value));
    });
  }
  box?.addEventListener("gz:picked", (event) => {
    const { lon, lat } = (event as CustomEvent<{ lon: number; lat: number }>).detail;
    void name(lon, lat);
  });
  cancel.addEventListener("click", () => {
    lonInput.value = latInput.value = "";
    shown.hidden = true;
  });
  cancel.hidden = !lonInput.value;
  const here = one<HTMLButtonElement>("[data-here]", form);
  if (!here || !navigator.geolocation || !window.isSecureContext) return;
  here.hidden = false;
  here.addEventListener("click", () => {
    show(words.seeking);
    position(
      (lon, lat) => {
        openMap();
        void name(lon, lat).then(() => lonInput.value && toMap(lon, lat));
      },
      () => show(words.refused, true),
    );
  });
}
function lookNearby(): void {
  for (const button of all<HTMLButtonElement>("[data-near]")) {
    if (!navigator.geolocation || !window.isSecureContext) continue;
    button.hidden = false;
    button.addEventListener("click", () =>
      position(
        // A hundred metres are near enough, and say less about who asks.
        (lon, lat) => location.assign(`${button.dataset.near}?lon=${lon.toFixed(3)}&lat=${lat.toFixed(3)}`),
        () => say(button.dataset.refused ?? ""),
      ),
    );
  }
}

function copyWords(): void {
  for (const button of all<HTMLButtonElement>("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy ?? "");
      button.textContent = button.dataset.copied ?? "";
    });
  }
}

// A mobile number with a digit too few or too many is worth a second look; it may be sent all the same.
const isOddMobile = (typed: string) => {
  if (/^\s*(\+|00)(?!86)/.test(typed)) return false;
  const digits = typed.replace(/\D/g, "").replace(/^(00)?86(?=1)/, "");
  return /^1[3-9]/.test(digits) && digits.length !== 11;
};
function lookAtPhone(): void {
  const place = one("[data-hint-for]");
  const words = one("template[data-hint-words]") as unknown as HTMLTemplateElement | null;
  const field = document.getElementById(place?.dataset.hintFor ?? "") as HTMLInputElement | null;
  if (!place || !words || !field) return;
  const show = (odd: boolean) => place.replaceChildren(...(odd ? [words.content.cloneNode(true)] : []));
  field.addEventListener("change", () => show(isOddMobile(field.value)));
  // While a number is being mended the hint only goes away.
  field.addEventListener("input", () => isOddMobile(field.value) || show(false));
}

// While very many report, the phone shows that it is one by working for a moment (see puzzle-worker.ts).
// It begins at once; whoever is quicker than it sees a line that says so, and the form goes by itself.
function solvePuzzle(): void {
  const box = one("[data-puzzle]");
  const form = box?.closest("form");
  const words = one("[data-puzzle-words]");
  const line = one("[data-puzzle-line]");
  const solution = form?.querySelector<HTMLInputElement>("[name=solution]");
  if (!box || !form || !words || !line || !solution || !window.Worker) return;
  const started = Date.now();
  let waits = box.dataset.go !== undefined;
  let worker: Worker;
  try {
    worker = new Worker(box.dataset.worker ?? "");
  } catch {
    return; // the question in words stays
  }
  const show = () => {
    line.hidden = !waits || solution.value !== "" || Date.now() - started < 1000;
  };
  words.hidden = true;
  const timer = window.setInterval(show, 250);
  const end = () => {
    window.clearInterval(timer);
    worker.terminate();
    line.hidden = true;
  };
  worker.onerror = () => {
    end();
    words.hidden = false;
    waits = false;
  };
  worker.onmessage = (event: MessageEvent<{ done: number; solution?: string }>) => {
    const bar = line.querySelector("progress");
    if (bar) bar.value = event.data.done;
    if (!event.data.solution) return;
    solution.value = event.data.solution;
    end();
    if (waits) form.requestSubmit();
  };
  form.addEventListener("submit", (event) => {
    if (solution.value || !words.hidden) return;
    event.preventDefault();
    event.stopPropagation();
    waits = true;
    show();
  });
  worker.postMessage({ nonce: box.dataset.puzzle, bits: Number(box.dataset.bits), parts: Number(box.dataset.parts) });
}

forgetTyped();
keepTyped();
countLetters();
uploadAtOnce();
recordVoice();
choosePlace();
lookNearby();
copyWords();
lookAtPhone();
solvePuzzle();
one("[data-focus], .is-wrong input, .is-wrong textarea, .is-wrong select")?.focus();
// With large letters the field fills the page: the words say what is wrong with it, so they lead.
one(".is-wrong .gz-wrong, .gz-wrong, .gz-problem")?.scrollIntoView({ block: "center" });
