// The desk: the keyboard, opening a case beside the list, choosing rows, news without a reload.
import "./desk.css";

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
  if (focus) row.querySelector<HTMLElement>("a")?.focus({ preventScroll: true });
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

// A row opens beside the list where there is room; a link is a link everywhere else.
document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const link = target.closest<HTMLAnchorElement>("[data-row] > a");
  if (link && isBeside() && !event.ctrlKey && !event.metaKey && event.button === 0) {
    event.preventDefault();
    open(link.closest<HTMLElement>("[data-row]"));
  }
  if (target.closest("[data-cancel]")) closeForm();
  if (target.closest("[data-keys]")) showKeys();
  const key = target.closest<HTMLElement>("[data-suggest]");
  const field = one<HTMLSelectElement>("#id_category");
  if (key && field) {
    field.value = key.dataset.suggest ?? "";
    document.querySelectorAll("[data-suggest]").forEach((each) => each.classList.toggle("active", each === key));
  }
  if (target.closest("[data-fresh]")) location.reload();
  // A menu closes when something else is pressed.
  document.querySelectorAll<HTMLDetailsElement>("details.gz-menu[open]").forEach((menu) => {
    if (!menu.contains(target) || target.closest("[data-move]")) menu.open = false;
  });
});

function closeForm(): void {
  one("#act")?.replaceChildren();
  document.querySelectorAll<HTMLDetailsElement>("details.gz-menu[open]").forEach((menu) => (menu.open = false));
}

function showKeys(): void {
  one<HTMLDialogElement>("#keys")?.showModal();
}

function press(key: string): boolean {
  const button = one<HTMLButtonElement>(`#case [data-key="${key}"]`);
  button?.click();
  return Boolean(button);
}

const KEYS: Record<string, () => boolean | void> = {
  j: () => step(1),
  k: () => step(-1),
  Enter: () => (document.activeElement?.closest("[data-row], button, a, summary") ? false : open(current())),
  a: () => press("a"),
  d: () => press("d"),
  s: () => press("s"),
  e: () => press("e"),
  x: () => current()?.querySelector<HTMLInputElement>("input[type=checkbox]")?.click(),
  "/": () => one<HTMLInputElement>("[data-search]")?.focus(),
  "?": showKeys,
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeForm();
  const typing = (event.target as Element).closest("input:not([type=checkbox]), textarea, select, dialog");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = KEYS[event.key];
  if (act && act() !== false) event.preventDefault();
});

// The filters are fetched when they are first opened.
document.addEventListener(
  "toggle",
  (event) => {
    const menu = (event.target as Element).closest<HTMLDetailsElement>("[data-filter-menu]");
    const body = menu?.querySelector<HTMLElement>("[hx-trigger='gz-open']");
    if (menu?.open && body && !body.dataset.asked) {
      body.dataset.asked = "yes";
      window.htmx.trigger(body, "gz-open");
    }
  },
  true,
);

// Rows that are chosen for a bulk act.
function count(): void {
  const bar = one("[data-bulk]");
  const chosen = document.querySelectorAll("#chosen input[name=number]:checked").length;
  if (!bar) return;
  bar.hidden = chosen === 0;
  const words = bar.querySelector("[data-bulk-count]");
  if (words) words.textContent = String(chosen);
}
document.addEventListener("change", (event) => {
  if ((event.target as Element).closest("#chosen")) count();
});
document.addEventListener("click", (event) => {
  if (!(event.target as Element).closest("[data-bulk-clear]")) return;
  document.querySelectorAll<HTMLInputElement>("#chosen input:checked").forEach((box) => (box.checked = false));
  count();
});

// After an act: the case is shown anew; a row in a working list stays as it was said.
document.body.addEventListener("gz-moved", (event) => {
  const number = (event as CustomEvent<{ number: string }>).detail?.number;
  const shown = one<HTMLElement>(`[data-case="${number}"]`);
  if (shown) window.setTimeout(() => window.htmx.trigger(shown, "gz-reload"), 900);
  const row = one<HTMLElement>(`[data-row="${number}"]`);
  row?.classList.add("is-done");
});
document.addEventListener("htmx:afterSwap", (event) => {
  const target = event.target as HTMLElement;
  if (target.id === "case") {
    target.scrollTop = 0;
    target.classList.toggle("has-bulk", Boolean(target.querySelector(".gz-bulk")));
  }
  if (target.id === "act") {
    target.scrollIntoView({ block: "nearest" });
    target.querySelector<HTMLElement>("select, textarea, input:not([type=hidden])")?.focus();
  }
});

// News: count what came in, and let the person decide when the list changes under their hands.
let fresh = 0;
document.addEventListener("gz:news", (event) => {
  const list = event.target as HTMLElement;
  const button = one<HTMLButtonElement>("[data-fresh]");
  if (!button || !list.dataset.newsWords) return;
  fresh += 1;
  button.textContent = list.dataset.newsWords.replace("{n}", String(fresh));
  button.hidden = false;
});
