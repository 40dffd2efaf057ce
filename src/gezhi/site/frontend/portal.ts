// The residents' pages.
import "./portal.css";

// Large letters are remembered on this device.
const wanted = localStorage.getItem("gz-letters");
if (wanted === "big") document.documentElement.dataset.letters = "big";
document.addEventListener("click", (event) => {
  if (!(event.target as Element).closest("[data-letters-switch]")) return;
  const big = document.documentElement.dataset.letters !== "big";
  if (big) document.documentElement.dataset.letters = "big";
  else delete document.documentElement.dataset.letters;
  localStorage.setItem("gz-letters", big ? "big" : "normal");
});
