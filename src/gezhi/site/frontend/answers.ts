// An answer that is being written: standard replies go in at the cursor, and findings show where.

// What a standard reply leaves to be filled in; the server looks for the same.
const PLACE = /[{｛][^{}｛｝\n]{0,20}[}｝]|_{3,}|＿{2,}/;

const draftOf = (part: Element) =>
  part.closest("form")?.querySelector<HTMLTextAreaElement>("textarea[name=answer]") ?? null;

// As if it had been typed, so that Ctrl+Z takes it back.
function type(area: HTMLTextAreaElement, text: string, from: number, to: number): void {
  area.focus();
  area.setSelectionRange(from, to);
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, from, to, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const place = PLACE.exec(text);
  if (place) area.setSelectionRange(from + place.index, from + place.index + place[0].length);
}

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-insert], [data-replace], [data-at]");
  const area = button && draftOf(button);
  if (!button || !area) return;
  const { insert, replace, at } = button.dataset;
  if (insert !== undefined) type(area, insert.replaceAll("\r\n", "\n"), area.selectionStart, area.selectionEnd);
  if (replace !== undefined) type(area, replace.replaceAll("\r\n", "\n"), 0, area.value.length);
  if (at !== undefined) {
    const [from, to] = at.split(",").map(Number);
    area.focus();
    area.setSelectionRange(from ?? 0, to ?? 0);
  }
});
