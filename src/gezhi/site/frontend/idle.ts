// Whoever works here is signed out after a while without use. The page says so before, and nothing
// typed is lost: the page stays as it is, signing in happens in another window.
import { QUIET } from "./quiet";

const TOLD_BEFORE = 120; // seconds
const LOOK_EVERY = 15_000;

const data = () => document.body.dataset;
let endsAt = 0; // as far as this page knows
let touched = 0; // when somebody last typed or clicked
let used = Date.now(); // when the server last heard of it

function left(): number {
  return (endsAt - Date.now()) / 1000;
}

async function ask(isUse: boolean): Promise<void> {
  const headers: Record<string, string> = isUse ? {} : { [QUIET]: "1" };
  try {
    const answer = await fetch(data().stay ?? "", { headers, cache: "no-store" });
    const told = (await answer.json()) as { left: number };
    endsAt = Date.now() + told.left * 1000;
    if (isUse) used = Date.now();
  } catch {
    // No network: what is known stands, and it is asked again.
  }
}

function say(words: string, button: HTMLElement): void {
  const place = document.getElementById("notices");
  if (!place) return;
  const box = document.createElement("div");
  box.className = "gz-notice is-late";
  box.id = "idle-notice";
  box.setAttribute("role", "alert");
  const text = document.createElement("p");
  text.textContent = words;
  box.append(text, button);
  place.replaceChildren(box);
}

function quiet(): void {
  document.getElementById("idle-notice")?.remove();
}

function warn(): void {
  if (document.getElementById("idle-notice")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-primary btn-sm";
  button.textContent = data().wordsStay ?? "";
  button.addEventListener("click", () => void ask(true).then(quiet));
  say(data().wordsIdle ?? "", button);
}

function tellEnded(): void {
  const link = document.createElement("a");
  link.className = "btn btn-primary btn-sm";
  link.href = data().signIn ?? "";
  link.target = "_blank";
  link.rel = "noopener";
  link.textContent = data().wordsSignIn ?? "";
  say(data().wordsEnded ?? "", link);
}

let isEnded = false;
async function look(): Promise<void> {
  if (isEnded || left() > TOLD_BEFORE) {
    // Signed in again in another window?
    if (isEnded) await ask(false);
    if (left() > TOLD_BEFORE) {
      isEnded = false;
      quiet();
    }
    return;
  }
  // Typed here since the server last heard of this page, or used in another window?
  await ask(touched > used);
  if (left() > TOLD_BEFORE) quiet();
  else if (left() > 0) warn();
  else {
    isEnded = true;
    tellEnded();
  }
}

document.addEventListener("htmx:configRequest", (event) => {
  const detail = (event as CustomEvent<{ headers: Record<string, string>; triggeringEvent?: Event }>).detail;
  if (!detail.triggeringEvent?.isTrusted) detail.headers[QUIET] = "1";
});

document.addEventListener("DOMContentLoaded", () => {
  const idle = Number(data().idle ?? 0);
  if (!idle) return;
  endsAt = Date.now() + idle * 1000;
  for (const kind of ["keydown", "pointerdown", "input"]) {
    document.addEventListener(kind, () => (touched = Date.now()), { capture: true, passive: true });
  }
  window.setInterval(() => void look(), Math.min(LOOK_EVERY, (idle * 1000) / 4));
});
