// The desk: the keyboard, opening a case beside the list, choosing rows, news without a reload.
import "./desk.css";
import "./answers";
import "./choosing";
import { QUIET } from "./quiet";

const one = <T extends HTMLElement>(query: string): T | null => document.querySelector<T>(query);
const pane = () => one("#case");
const rows = () => [...document.querySelectorAll<HTMLElement>("[data-row]")];
const current = () => one("[data-row].is-current");
const isBeside = () => Boolean(one(".gz-inbox") && pane()?.offsetParent);

function mark(row: HTMLElement | undefined, focus = true): void {
  if (!row) return;
  rows().forEach((each) => {
    each.classList.toggle("is-current", each === row);
    const link = each.querySelector("a");
    if (each === row) link?.setAttribute("aria-current", "true");
    else link?.removeAttribute("aria-current");
  });
  row.scrollIntoView({ block: "nearest" });
  const first = row.querySelector<HTMLElement>("[data-first]") ?? row.querySelector<HTMLElement>("a");
  if (focus) first?.focus({ preventScroll: true });
}

function open(row: HTMLElement | null): void {
  const link = row?.querySelector<HTMLAnchorElement>("a");
  if (!row || !link) return;
  mark(row, false);
  if (!isBeside()) {
    location.href = link.href;
    return;
  }
  void window.htmx.ajax("get", `${new URL(link.href).pathname}panel/`, { target: "#case", swap: "innerHTML" });
}

function step(by: number): void {
  const all = rows();
  const at = all.findIndex((row) => row.classList.contains("is-current"));
  mark(all[Math.min(all.length - 1, Math.max(0, at + by))]);
}

// What is suggested beside a list is chosen in it with one press.
function takeSuggestion(target: Element, name: string, list: string): void {
  const key = target.closest<HTMLElement>(`[${name}]`);
  const field = one<HTMLSelectElement>(list);
  if (!key || !field) return;
  field.value = key.getAttribute(name) ?? "";
  field.dispatchEvent(new Event("change", { bubbles: true })); // its questions follow
  document.querySelectorAll(`[${name}]`).forEach((each) => each.classList.toggle("active", each === key));
}

// A row opens beside the list where there is room; a link is a link everywhere else.
document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const link = target.closest<HTMLAnchorElement>("[data-row] > a");
  if (link && isBeside() && !event.ctrlKey && !event.metaKey && event.button === 0) {
    event.preventDefault();
    open(link.closest<HTMLElement>("[data-row]"));
  }
  if (target.closest("[data-cancel]")) closeForm(target);
  if (target.closest("[data-keys]")) showKeys();
  const copied = target.closest<HTMLElement>("[data-copy-link]");
  if (copied) void copyLink(copied);
  takeSuggestion(target, "data-suggest", "#id_category");
  takeSuggestion(target, "data-suggest-path", "#id_path");
  if (target.closest("[data-fresh]")) location.reload();
  // A menu closes when something else is pressed.
  document.querySelectorAll<HTMLDetailsElement>("details.gz-menu[open]").forEach((menu) => {
    if (!menu.contains(target) || target.closest("[data-move]")) menu.open = false;
  });
});

function closeForm(from: Element): void {
  one("#act")?.replaceChildren();
  document.querySelectorAll<HTMLDetailsElement>("details.gz-menu[open]").forEach((menu) => (menu.open = false));
  const own = from.closest<HTMLDetailsElement>("details.gz-visit-form[open]");
  if (!own) return;
  own.open = false;
  own.querySelector<HTMLElement>("summary")?.focus();
}

// The search of the page: of cases where there is one, else of the list that the page shows.
function searchHere(): HTMLInputElement | undefined {
  const fields = "[data-search], form[role=search] input:not([type=hidden], [type=checkbox])";
  return [...document.querySelectorAll<HTMLInputElement>(fields)].find((field) => field.offsetParent);
}

// The address of one case, for a message to a colleague; without a safe connection in the old way.
async function copyLink(button: HTMLElement): Promise<void> {
  const address = button.dataset.copyLink ?? "";
  try {
    await navigator.clipboard.writeText(address);
  } catch {
    const field = document.createElement("textarea");
    field.value = address;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    button.focus();
  }
  document.dispatchEvent(new CustomEvent("gz:say", { detail: button.dataset.copied }));
}

function showKeys(): void {
  one<HTMLDialogElement>("#keys")?.showModal();
}

function press(key: string): boolean {
  const button = one<HTMLButtonElement>(`#case [data-key="${key}"]`);
  button?.click();
  return Boolean(button);
}

// Without a proposal there is nothing to take: the form is opened that would say what it is.
function openMove(act: string): boolean {
  const button = one<HTMLButtonElement>(`#case [data-move="${act}"]`);
  button?.click();
  return Boolean(button);
}

// The act that a list offers on what is ticked; where nothing is, on the row one stands at.
function pressBulk(key: string, alone: boolean): boolean {
  const button = one<HTMLButtonElement>(`[data-bulk] [data-bulk-key="${key}"]`);
  const boxes = [...document.querySelectorAll<HTMLInputElement>("#chosen input[name=number]")];
  const here = current()?.querySelector<HTMLInputElement>("input[name=number]");
  const isTicked = boxes.some((box) => box.checked);
  if (!button || (!isTicked && (!alone || !here))) return false;
  if (!isTicked && here) {
    here.checked = true;
    count();
  }
  button.click();
  return true;
}

// Where the list offers an act and there is nothing to do it to: what to do first.
function sayWhyNot(): boolean {
  const words = one<HTMLElement>("[data-bulk]")?.dataset.nothing;
  if (words) document.dispatchEvent(new CustomEvent("gz:say", { detail: words }));
  return Boolean(words);
}

// In the list of return visits the form lies in the row.
function openVisit(): boolean {
  const form = current()?.querySelector<HTMLDetailsElement>("details.gz-visit-form");
  if (form) form.open = true;
  return Boolean(form);
}

const KEYS: Record<string, () => boolean | void> = {
  j: () => step(1),
  k: () => step(-1),
  Enter: () => (document.activeElement?.closest("[data-row], button, a, summary") ? false : open(current())),
  a: () => press("a") || openMove("accept"),
  d: () => press("d"),
  s: () => pressBulk("s", false) || press("s") || pressBulk("s", true) || sayWhyNot(),
  e: () => press("e"),
  g: () => press("g"),
  f: () => press("f"),
  v: () => press("v"),
  r: () => press("r") || openVisit(),
  m: () => press("m"),
  1: () => press("1"),
  2: () => press("2"),
  3: () => press("3"),
  x: () => current()?.querySelector<HTMLInputElement>("input[type=checkbox]")?.click(),
  "/": () => searchHere()?.focus(),
  "?": showKeys,
};

// What is saved while it is typed says so, and says when it couldn't be.
document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful } = (event as CustomEvent<{ elt: Element; successful?: boolean }>).detail;
  const place = elt.matches("[name=what]") && elt.closest("form")?.querySelector<HTMLElement>("[data-kept]");
  if (!place) return;
  place.textContent = (successful ? place.dataset.kept : place.dataset.unkept) ?? "";
  place.toggleAttribute("data-lacks", !successful);
});
document.addEventListener("submit", () => document.querySelector("[data-lacks]")?.removeAttribute("data-lacks"));
window.addEventListener("beforeunload", (event) => document.querySelector("[data-lacks]") && event.preventDefault());

// While somebody types, Alt and a key press what the page names for it; a field is gone to.
function pressAlt(code: string): boolean {
  const found = [...document.querySelectorAll<HTMLElement>(`[data-alt="${code}"]`)].find((each) => each.offsetParent);
  if (found?.matches("input, textarea, select")) found.focus();
  else found?.click();
  return Boolean(found);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeForm(event.target as Element);
  if (event.altKey && !event.repeat && !event.ctrlKey && !event.metaKey && pressAlt(event.code)) event.preventDefault();
  const form = (event.target as Element).closest<HTMLFormElement>("form.gz-move, form.gz-bulk, form[data-hotline]");
  if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  const typing = (event.target as Element).closest("input:not([type=checkbox]), textarea, select, dialog");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = KEYS[event.key];
  if (act && act() !== false) event.preventDefault();
});

// The menus of filters are fetched when they are first opened; the form of a visit is ready to be typed in.
document.addEventListener(
  "toggle",
  (event) => {
    const visit = (event.target as Element).closest<HTMLDetailsElement>("details.gz-visit-form");
    if (visit?.open) visit.querySelector<HTMLElement>(".gz-move input:not([type=hidden])")?.focus();
    const menu = (event.target as Element).closest<HTMLDetailsElement>("[data-asks-when-opened]");
    const body = menu?.querySelector<HTMLElement>("[hx-trigger='gz-open']");
    if (menu?.open && body && !body.dataset.asked) {
      body.dataset.asked = "yes";
      window.htmx.trigger(body, "gz-open");
    }
  },
  true,
);

// Rows that are chosen for a bulk act, and of these the ones whose proposal is taken.
function count(): void {
  const bar = one("[data-bulk]");
  const chosen = document.querySelectorAll("#chosen input[name=number]:checked").length;
  const taking = document.querySelectorAll("[data-taking] input[name=number]:checked").length;
  document.querySelectorAll("[data-taking-count]").forEach((place) => (place.textContent = String(taking)));
  document.querySelectorAll<HTMLButtonElement>("[data-taking] button[type=submit]").forEach((button) => {
    button.disabled = taking === 0;
  });
  if (!bar) return;
  bar.hidden = chosen === 0;
  const words = bar.querySelector("[data-bulk-count]");
  if (words) words.textContent = String(chosen);
}
document.addEventListener("change", (event) => {
  if ((event.target as Element).closest("#chosen, [data-taking]")) count();
});
function tick(isTicked: boolean): void {
  document.querySelectorAll<HTMLInputElement>("#chosen input[name=number]").forEach((box, at) => {
    box.checked = isTicked && at < MOST_AT_ONCE;
  });
  count();
}
document.addEventListener("click", (event) => {
  const target = event.target as Element;
  if (target.closest("[data-bulk-clear]")) tick(false);
  if (target.closest("[data-bulk-all]")) tick(true);
});

// The proof that a form asks for: said to be there once it is chosen.
document.addEventListener("change", (event) => {
  const form = (event.target as Element).closest("form.gz-move");
  form?.querySelectorAll<HTMLElement>("[data-lacks]").forEach((line) => {
    const names = (line.dataset.lacks ?? "").split(" ").filter(Boolean);
    const isChosen = (name: string) => form.querySelector<HTMLInputElement>(`input[type=file][name=${name}]`)?.files?.length;
    const ready = line.querySelector<HTMLElement>("[data-ready]");
    const missing = line.querySelector<HTMLElement>("span:not([data-ready])");
    const isReady = names.length > 0 && names.every(isChosen);
    if (ready) ready.hidden = !isReady;
    if (missing) missing.hidden = isReady;
  });
});

// How rows stand now: those on the screen are written anew where they are, also when they have
// left the list. What comes back are those the list would show that are not on the screen.
const MOST_AT_ONCE = 200;
async function look(name: "number" | "case", asked: string[]): Promise<string[]> {
  const list = one<HTMLElement>("#rows[data-now]");
  if (!list?.dataset.now || asked.length === 0) return [];
  const body = new URLSearchParams(asked.slice(0, MOST_AT_ONCE).map((each) => [name, each]));
  const headers = {
    ...JSON.parse(document.body.getAttribute("hx-headers") ?? "{}"), "HX-Request": "true", [QUIET]: "1",
  };
  const answer = await fetch(list.dataset.now, { method: "POST", headers, body });
  if (!answer.ok || answer.redirected) throw new Error(`rows: ${answer.status}`);
  const page = document.createElement("template");
  page.innerHTML = await answer.text();
  const elsewhere: string[] = [];
  page.content.querySelectorAll<HTMLElement>("[data-row]").forEach((fresh) => {
    const number = fresh.dataset.row ?? "";
    const old = list.querySelector<HTMLElement>(`[data-row="${CSS.escape(number)}"]`);
    if (old) replace(old, fresh);
    else if (!fresh.hasAttribute("data-gone")) elsewhere.push(number);
  });
  count();
  return elsewhere;
}

function replace(old: HTMLElement, fresh: HTMLElement): void {
  const isTicked = old.querySelector<HTMLInputElement>("input[type=checkbox]")?.checked ?? false;
  const hadFocus = old.contains(document.activeElement);
  old.replaceWith(fresh);
  const box = fresh.querySelector<HTMLInputElement>("input[type=checkbox]");
  if (box) box.checked = isTicked;
  if (old.classList.contains("is-current")) mark(fresh, hadFocus);
}

// After an act: the case is shown anew, and its row; a row in a working list stays as it was said.
document.body.addEventListener("gz-moved", (event) => {
  const number = (event as CustomEvent<{ number: string }>).detail?.number;
  const shown = one<HTMLElement>(`[data-case="${number}"]`);
  if (shown) window.setTimeout(() => window.htmx.trigger(shown, "gz-reload"), 900);
  const row = one<HTMLElement>(`[data-row="${number}"]`);
  if (row?.closest("#rows")) lookUntilSeen([number]);
  else row?.classList.add("is-done");
});
document.body.addEventListener("gz-bulk", (event) => {
  const numbers = (event as CustomEvent<{ numbers: string[] }>).detail?.numbers ?? [];
  const done = new Set(numbers);
  document.querySelectorAll<HTMLInputElement>("#chosen input[name=number]:checked").forEach((box) => {
    if (done.has(box.value)) box.checked = false;
  });
  count();
  lookUntilSeen(numbers);
});
document.addEventListener("htmx:afterSwap", (event) => {
  const target = event.target as HTMLElement;
  if (target.id === "case") {
    target.scrollTop = 0;
    const bulk = target.querySelector<HTMLElement>(".gz-bulk");
    target.classList.toggle("has-bulk", Boolean(bulk));
    bulk?.querySelector<HTMLElement>("select, textarea, input:not([type=hidden])")?.focus();
    if (bulk && !isBeside()) target.scrollIntoView();
  }
  if (target.id === "act") {
    target.scrollIntoView({ block: "nearest" });
    target.querySelector<HTMLElement>("select, textarea, input:not([type=hidden])")?.focus();
  }
});

// News: rows on the screen follow; what belongs to this list and is not on the screen is counted,
// and the person decides when the list changes under their hands.
const fresh = new Set<string>();
const heard = new Set<string>();
const unseen = new Set<string>(); // numbers of rows that an act has changed
let timer = 0;
let failures = 0;
function attend(): void {
  if (heard.size + unseen.size === 0 || timer || document.hidden) return;
  const wait = Math.min(60_000, 2500 * 2 ** failures);
  timer = window.setTimeout(() => void tell().finally(() => ((timer = 0), attend())), wait);
}
async function tell(): Promise<void> {
  await ask("number", unseen);
  (await ask("case", heard)).forEach((number) => fresh.add(number));
  const button = one<HTMLButtonElement>("[data-fresh]");
  const words = one<HTMLElement>("[data-news-words]")?.dataset.newsWords;
  if (!button || !words || fresh.size === 0) return;
  button.textContent = words.replace("{n}", String(fresh.size));
  button.hidden = false;
}
// What could not be asked for stays asked for; a person hears of it once, not every time.
async function ask(name: "number" | "case", waiting: Set<string>): Promise<string[]> {
  const asked = [...waiting].slice(0, MOST_AT_ONCE);
  try {
    const found = await look(name, asked);
    asked.forEach((each) => waiting.delete(each));
    if (asked.length) failures = 0;
    return found;
  } catch {
    failures = Math.min(5, failures + 1);
    if (name === "number" && failures === 1) document.dispatchEvent(new Event(navigator.onLine ? "htmx:responseError" : "htmx:sendError"));
    return [];
  }
}
function lookUntilSeen(numbers: string[]): void {
  numbers.forEach((each) => unseen.add(each));
  void ask("number", unseen).then(attend);
}
document.addEventListener("gz:news", (event) => {
  const about = (event as CustomEvent<{ about: string }>).detail?.about ?? "";
  if (!about.startsWith("case:")) return;
  heard.add(about.slice(5));
  attend();
});
document.addEventListener("visibilitychange", attend);

// The bell: notices are written a moment after the news they come from, so it looks soon after each, and
// goes on looking for a while after the last.
const SOON = 600;
const AWHILE = 4000;
let newest = 0;
let looking = 0;
function lookAtBell(): void {
  looking = 0;
  if (document.hidden) return;
  window.htmx.trigger(document.body, "gz-heard");
  if (Date.now() - newest < AWHILE) looking = window.setTimeout(lookAtBell, SOON);
}
function heardOf(): void {
  newest = Date.now();
  looking ||= window.setTimeout(lookAtBell, SOON);
}
document.addEventListener("gz:news", heardOf);
document.addEventListener("visibilitychange", () => document.hidden || heardOf());
