// Boxes in groups that are closed: one box for the whole group, and beside its name how many.
const boxesOf = (group: Element) => [...group.querySelectorAll<HTMLInputElement>("input[name]")];

function tell(group: Element): void {
  const boxes = boxesOf(group);
  const chosen = boxes.filter((box) => box.checked).length;
  const whole = group.querySelector<HTMLInputElement>("[data-whole] input");
  const said = group.querySelector("[data-chosen]");
  if (whole) {
    whole.checked = chosen === boxes.length;
    whole.indeterminate = chosen > 0 && chosen < boxes.length;
  }
  if (said) said.textContent = String(chosen);
}

document.addEventListener("change", (event) => {
  const box = event.target as HTMLInputElement;
  const group = box.closest?.("[data-group]");
  if (!group) return;
  if (box.closest("[data-whole]")) boxesOf(group).forEach((each) => (each.checked = box.checked));
  tell(group);
});

// Without a script there is no such box. On the way back a browser ticks boxes after it has loaded.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("[data-group]").forEach((group) => {
    group.querySelector("[data-whole]")?.removeAttribute("hidden");
    tell(group);
  });
});
