// The desk: rows can be walked with j and k, opened with Enter, searched with /.
import "./desk.css";

function rows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-row]")];
}

function step(by: number): void {
  const all = rows();
  if (all.length === 0) return;
  const at = all.findIndex((row) => row.classList.contains("is-current"));
  const next = all[Math.min(all.length - 1, Math.max(0, at + by))];
  all.forEach((row) => row.classList.toggle("is-current", row === next));
  next.scrollIntoView({ block: "nearest" });
  next.querySelector<HTMLElement>("a")?.focus();
}

document.addEventListener("keydown", (event) => {
  if ((event.target as Element).closest("input, textarea, select") || event.ctrlKey || event.metaKey) return;
  if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key === "/") {
    document.querySelector<HTMLInputElement>("[data-search]")?.focus();
    event.preventDefault();
  }
});
