// Builds the entries into the folder named on the command line: node build.mjs OUT
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import * as esbuild from "esbuild";

const out = path.resolve(process.argv[2] ?? "build");
const packageFolder = (name) => path.resolve("node_modules", name);

await esbuild.build({
  entryPoints: {
    site: "site.ts",
    portal: "portal.ts",
    desk: "desk.ts",
    "puzzle-worker": "puzzle-worker.ts",
    map: "map.ts",
    factors: "factors.ts",
    "map-worker": path.join(packageFolder("maplibre-gl"), "dist/maplibre-gl-worker.mjs"),
  },
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2020", "chrome100", "firefox100", "safari15"],
  loader: { ".woff2": "file", ".woff": "file", ".svg": "dataurl", ".png": "dataurl" },
  legalComments: "linked",
  logLevel: "warning",
});

// One sprite of the icons that icons.txt names: <svg class="icon"><use href="…/icons.svg#home"/></svg>
const names = (await readFile("icons.txt", "utf8")).split(/\s+/).filter(Boolean);
const folder = path.join(packageFolder("@tabler/icons"), "icons/outline");
const symbols = await Promise.all(
  names.map(async (name) => {
    const svg = await readFile(path.join(folder, `${name}.svg`), "utf8").catch(() => {
      throw new Error(`icons.txt names "${name}", which @tabler/icons does not have.`);
    });
    const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${inner.trim()}</symbol>`;
  }),
);
await writeFile(
  path.join(out, "icons.svg"),
  `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`,
);
