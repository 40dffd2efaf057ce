// What every page needs: htmx, notices that can be closed, forms that survive, news from the book.
import "./trusted";
import "./idle";
import "./site.css";
import htmx from "htmx.org";

declare global {
  interface Window {
    htmx: typeof htmx;
  }
}
window.htmx = htmx;

// Refusals (4xx) are answers and are shown; the server says where with HX-Retarget.
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "4..", swap: true, error: false },
  { code: "5..", swap: false, error: true },
];
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0;
htmx.config.attributesToSettle = ["class", "width", "height"]; // not "style": see below

// What is swapped in answers at once: a key pressed while it settled sent its form without htmx.
htmx.config.defaultSettleDelay = 0;

// Lengths of bars and places on a clock come as data-style: the policy of the pages lets no style
// attribute in, so that nothing that slips into a page can dress it up as another.
function dress(place: ParentNode & Node): void {
  if (place instanceof HTMLElement && place.dataset.style) place.style.cssText = place.dataset.style;
  place.querySelectorAll<HTMLElement>("[data-style]").forEach((one) => (one.style.cssText = one.dataset.style ?? ""));
}
new MutationObserver((changes) => {
  for (const change of changes) {
    if (change.type === "attributes") dress(change.target as HTMLElement);
    change.addedNodes.forEach((node) => node instanceof Element && dress(node));
  }
}).observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["data-style"] });
dress(document);

// A wide table scrolls by the keyboard too: what is wider than its place can be reached by Tab.
const widths = new ResizeObserver((seen) => {
  for (const { target } of seen) {
    if (target.scrollWidth > target.clientWidth) target.setAttribute("tabindex", "0");
    else target.removeAttribute("tabindex");
  }
});
htmx.onLoad((part) => {
  const place = part as HTMLElement;
  if (place.matches(".table-responsive")) widths.observe(place);
  place.querySelectorAll(".table-responsive").forEach((one) => widths.observe(one));
});

// What only informs goes by itself, but not while somebody reads it; what went wrong stays.
const SHOWN_FOR = 6000;
function passes(box: HTMLElement): void {
  let timer = 0;
  const wait = () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => box.remove(), SHOWN_FOR);
  };
  const stay = () => window.clearTimeout(timer);
  box.addEventListener("pointerenter", stay);
  box.addEventListener("focusin", stay);
  const go = () => box.matches(":hover, :focus-within") || wait();
  box.addEventListener("pointerleave", () => window.setTimeout(go));
  box.addEventListener("focusout", () => window.setTimeout(go));
  go();
}
function passAll(): void {
  document.querySelectorAll<HTMLElement>("#notices .gz-notice:not(.is-late)").forEach(passes);
}
document.addEventListener("DOMContentLoaded", passAll);
document.addEventListener("gz:say", (event) => notice((event as CustomEvent<string>).detail, false));

function notice(words: string, isWrong = true): void {
  const place = document.getElementById("notices");
  if (!place) return;
  const box = document.createElement("div");
  box.className = isWrong ? `gz-notice is-late${navigator.onLine ? "" : " is-offline"}` : "gz-notice";
  box.setAttribute("role", isWrong ? "alert" : "status");
  const text = document.createElement("p");
  text.textContent = words;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-sm";
  close.dataset.close = "";
  close.textContent = document.body.dataset.wordsClose ?? "×";
  box.append(text, close);
  place.replaceChildren(box);
  if (!isWrong) passes(box);
}

document.addEventListener("gz:notice", (event) => notice((event as CustomEvent<string>).detail));
document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest("[data-close]");
  button?.closest(".gz-notice")?.remove();
});
document.addEventListener("htmx:sendError", () => notice(document.body.dataset.wordsOffline ?? ""));
window.addEventListener("online", () => document.querySelector("#notices .is-offline")?.remove());
document.addEventListener("htmx:responseError", () => notice(document.body.dataset.wordsBroken ?? ""));

// A form is not sent into a dead network; what is in it stays. Browsers are wrong about being
// offline often enough (a machine with odd adapters) that the site itself is asked before.
const LONGEST_ASKING = 5000;
let hasAnswered = false; // so the form that is being sent now goes
document.addEventListener(
  "submit",
  (event) => {
    if (navigator.onLine || hasAnswered) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const send = () => {
      hasAnswered = true;
      (event.target as HTMLFormElement).requestSubmit(event.submitter);
      hasAnswered = false;
    };
    // AbortSignal.timeout is younger than the oldest browsers that are built for.
    const patience = new AbortController();
    window.setTimeout(() => patience.abort(), LONGEST_ASKING);
    const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]");
    fetch(icon?.href ?? "/", { method: "HEAD", cache: "no-store", signal: patience.signal }).then(send, () =>
      notice(document.body.dataset.wordsOffline ?? ""),
    );
  },
  true,
);

// A form that was sent is not sent twice by an impatient second press.
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (form.dataset.sent === "yes" && !form.hasAttribute("hx-post")) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll<HTMLFormElement>("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

// What was filled in before the scripts had come is told them: where they are slow, a page's first words
// are typed and its photo is chosen by then, and a search or a draft would wait for the next key.
type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
function isFilledIn(field: Field): boolean {
  if (field instanceof HTMLSelectElement) {
    const given = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(0, given);
  }
  if (field.type === "checkbox" || field.type === "radio") {
    return (field as HTMLInputElement).checked !== (field as HTMLInputElement).defaultChecked;
  }
  return field.value !== field.defaultValue;
}
document.addEventListener("DOMContentLoaded", () => {
  for (const field of document.querySelectorAll<Field>("input, textarea, select")) {
    if (isFilledIn(field)) ["input", "change"].forEach((name) => htmx.trigger(field, name));
  }
});

// News: pages that carry data-news="case_assigned,…" get the event `gz:news` on that element.
function listen(): void {
  const address = document.body.dataset.live;
  if (!address || !document.querySelector("[data-news]")) return;
  const url = address.startsWith(":")
    ? `${location.protocol}//${location.hostname}${address}`
    : address;
  const source = new EventSource(url, { withCredentials: true });
  const state = (word: string) => (document.body.dataset.liveState = word);
  source.onopen = () => state("on");
  source.onerror = () => state("off");
  source.addEventListener("line", (event) => {
    const news = JSON.parse((event as MessageEvent<string>).data) as { kind: string; about: string };
    document.querySelectorAll<HTMLElement>("[data-news]").forEach((place) => {
      const wanted = (place.dataset.news ?? "").split(",").filter(Boolean);
      if (wanted.length === 0 || wanted.includes(news.kind)) {
        place.dispatchEvent(new CustomEvent("gz:news", { detail: news, bubbles: true }));
      }
    });
  });
  window.addEventListener("pagehide", () => source.close());
}
document.addEventListener("DOMContentLoaded", listen);
