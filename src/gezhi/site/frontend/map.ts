// The map island: <div data-map …> becomes a map of the deployment's own layers.
//
//   data-map      the address of the county's overview (bounds, layers, relief), say /map/county.json;
//                 the layers lie beside it: areas.geojson, roads.geojson, …
//   data-points   a GeoJSON address of points; properties: state, label, href. Shown as clusters.
//   data-bounds   west,south,east,north instead of the county's     data-mark   lon,lat of one thing
//   data-pick     "#lon,#lat": the two inputs a tap or a drag fills; `gz:picked` follows
//   data-tiles    a raster address with {z}/{x}/{y}, or pmtiles://…, under everything else
import "maplibre-gl/dist/maplibre-gl.css";
import {
  addProtocol, AttributionControl, GeoJSONSource, GeolocateControl, LngLatBounds, Map as GlMap, MapMouseEvent,
  Marker, NavigationControl, Popup, setWorkerUrl, type LayerSpecification, type StyleSpecification,
} from "maplibre-gl";
import { Protocol } from "pmtiles";
import { QUIET } from "./quiet";

const script = document.currentScript as HTMLScriptElement;
setWorkerUrl(new URL("map-worker.js", script.src).href);
addProtocol("pmtiles", new Protocol().tile);

const css = getComputedStyle(document.documentElement);
const token = (name: string, otherwise: string) => css.getPropertyValue(name).trim() || otherwise;
const COLOURS: Record<string, string> = {
  on_time: token("--gz-on-time", "#12704a"),
  soon: token("--gz-soon", "#8a5200"),
  late: token("--gz-late", "#b3261e"),
  paused: token("--gz-paused", "#55606b"),
};
const stateColour = ["match", ["get", "state"], ...Object.entries(COLOURS).flat(), token("--gz-brand", "#1d5fae")];
const FONT = { "text-font": ["Noto Sans CJK SC"] };

interface County {
  revision: string;
  bounds: [number, number, number, number] | null;
  layers: string[];
  relief: [number, number, number, number] | null;
  relief_zoom: number | null;
}

// Levels of areas, fetched when the map is near enough to tell them apart: [level, from zoom, colour, width].
const LEVELS: [string, number, string, number][] = [
  ["county", 0, "#5b6b7b", 2.5], ["town", 0, "#7b8ba0", 1.4], ["village", 11.5, "#9aa9b8", 1], ["grid", 13.5, "#b5c0cc", 0.7],
];

// Lowest first; each source is the file of that name beside the overview.
const STYLES: [string, object][] = [
  ["water", { id: "water-fill", type: "fill", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": "#b8d9ee" } }],
  ["water", {
    id: "water-line", type: "line", filter: ["==", ["geometry-type"], "LineString"],
    paint: { "line-color": "#8fc1e3", "line-width": ["interpolate", ["linear"], ["zoom"], 8, 1, 14, 6] },
  }],
  ["roads", {
    id: "roads-line", type: "line", layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": "#c9a46a", "line-width": ["interpolate", ["linear"], ["zoom"], 8, 0.6, 14, 3, 17, 9] },
  }],
  ["buildings", {
    id: "buildings-solid", type: "fill-extrusion", minzoom: 13,
    paint: {
      "fill-extrusion-color": "#d8d2c8", "fill-extrusion-opacity": 0.9,
      "fill-extrusion-height": ["coalesce", ["get", "height"], 4],
    },
  }],
  ["places", {
    id: "places-name", type: "symbol", minzoom: 12,
    layout: { ...FONT, "text-field": ["get", "name"], "text-size": 13 },
    paint: { "text-color": "#2b3a48", "text-halo-color": "#ffffff", "text-halo-width": 1.5 },
  }],
];

const numbers = (text: string | undefined) => (text ?? "").split(",").map(Number).filter(Number.isFinite);

function bareStyle(tiles: string | undefined): StyleSpecification {
  const style: StyleSpecification = {
    version: 8, sources: {},
    layers: [{ id: "ground", type: "background", paint: { "background-color": "#e9eef0" } }],
  };
  if (tiles) {
    style.sources.tiles = tiles.startsWith("pmtiles://")
      ? { type: "raster", url: tiles, tileSize: 256 }
      : { type: "raster", tiles: [tiles], tileSize: 256 };
    style.layers.push({ id: "tiles", type: "raster", source: "tiles" });
  }
  return style;
}

function addLayers(map: GlMap, overview: string, county: County): void {
  const beside = (name: string, level = "") => {
    const url = new URL(name, new URL(overview, location.href));
    url.searchParams.set("v", county.revision);
    const near = new URL(overview, location.href).searchParams.get("in");
    if (near) url.searchParams.set("in", near);
    if (level) url.searchParams.set("level", level);
    return url.href;
  };
  if (county.relief) {
    // With the revision in its address a tile is fetched once for good.
    map.addSource("relief", {
      type: "raster-dem", tiles: [decodeURI(beside("relief/{z}/{x}/{y}.png"))], tileSize: 256,
      maxzoom: county.relief_zoom ?? 13, encoding: "terrarium", bounds: county.relief,
    });
    map.addLayer({
      id: "relief-shade", type: "hillshade", source: "relief",
      paint: { "hillshade-exaggeration": 0.35, "hillshade-shadow-color": "#6b7c70" },
    });
  }
  for (const name of county.layers) map.addSource(name, { type: "geojson", data: beside(`${name}.geojson`) });
  for (const [name, style] of STYLES) {
    if (county.layers.includes(name)) map.addLayer({ ...style, source: name } as LayerSpecification);
  }
  const addLevels = () => {
    for (const [level, from, colour, width] of LEVELS) {
      if (map.getZoom() >= from && !map.getSource(`areas-${level}`)) {
        addLevel(map, level, beside("areas.geojson", level), from, colour, width);
      }
    }
  };
  addLevels();
  map.on("zoomend", addLevels);
}

function addLevel(map: GlMap, level: string, url: string, from: number, colour: string, width: number): void {
  const source = `areas-${level}`;
  map.addSource(source, { type: "geojson", data: url });
  const below = map.getLayer("clusters") ? "clusters" : undefined;
  map.addLayer({ id: `${source}-line`, type: "line", source, minzoom: from, paint: { "line-color": colour, "line-width": width } }, below);
  if (level === "county") return;
  map.addLayer({
    id: `${source}-name`, type: "symbol", source, minzoom: from,
    layout: { ...FONT, "text-field": ["coalesce", ["get", "short_name"], ["get", "name"]], "text-size": 12 },
    paint: { "text-color": "#3c4a58", "text-halo-color": "#ffffff", "text-halo-width": 1.4 },
  }, below);
}

function addPoints(map: GlMap, url: string): void {
  map.addSource("points", { type: "geojson", data: url, cluster: true, clusterRadius: 46, clusterMaxZoom: 15 });
  map.addLayer({
    id: "clusters", type: "circle", source: "points", filter: ["has", "point_count"],
    paint: {
      "circle-color": token("--gz-brand", "#1d5fae"), "circle-stroke-color": "#fff", "circle-stroke-width": 2,
      "circle-radius": ["step", ["get", "point_count"], 15, 20, 20, 100, 26, 1000, 32],
    },
  });
  map.addLayer({
    id: "cluster-count", type: "symbol", source: "points", filter: ["has", "point_count"],
    layout: { ...FONT, "text-field": ["get", "point_count_abbreviated"], "text-size": 13 } as never,
    paint: { "text-color": "#ffffff" },
  });
  map.addLayer({
    id: "point", type: "circle", source: "points", filter: ["!", ["has", "point_count"]],
    paint: {
      "circle-color": stateColour as never, "circle-radius": 8, "circle-stroke-color": "#ffffff", "circle-stroke-width": 2,
    },
  });
  map.on("click", "clusters", async (event) => {
    const feature = event.features?.[0];
    if (feature?.geometry.type !== "Point") return;
    const source = map.getSource("points") as GeoJSONSource;
    const zoom = await source.getClusterExpansionZoom(feature.properties.cluster_id as number);
    map.easeTo({ center: feature.geometry.coordinates as [number, number], zoom });
  });
  map.on("click", "point", (event) => {
    const feature = event.features?.[0];
    if (feature?.geometry.type !== "Point") return;
    const link = document.createElement(feature.properties.href ? "a" : "span");
    if (link instanceof HTMLAnchorElement) link.href = String(feature.properties.href);
    link.textContent = String(feature.properties.label ?? "");
    new Popup().setLngLat(feature.geometry.coordinates as [number, number]).setDOMContent(link).addTo(map);
  });
  for (const layer of ["clusters", "point"]) {
    map.on("mouseenter", layer, () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", layer, () => (map.getCanvas().style.cursor = ""));
  }
}

const NEAR_ENOUGH = 13;

function letPick(map: GlMap, box: HTMLElement, inputs: string): void {
  const [lonInput, latInput] = inputs.split(",").map((name) => document.querySelector<HTMLInputElement>(name));
  if (!lonInput || !latInput) return;
  const pin = new Marker({ draggable: true, color: token("--gz-late", "#b3261e") });
  const set = (lon: number, lat: number, byHand: boolean) => {
    pin.setLngLat([lon, lat]).addTo(map);
    lonInput.value = lon.toFixed(6);
    latInput.value = lat.toFixed(6);
    if (byHand) box.dispatchEvent(new CustomEvent("gz:picked", { detail: { lon, lat }, bubbles: true }));
  };
  if (lonInput.value && latInput.value) set(Number(lonInput.value), Number(latInput.value), false);
  // On the whole county a fingertip covers a village: come near first, then say where.
  map.on("click", (event: MapMouseEvent) => {
    if (map.getZoom() < NEAR_ENOUGH) map.easeTo({ center: event.lngLat, zoom: map.getZoom() + 4 });
    else set(event.lngLat.lng, event.lngLat.lat, true);
  });
  pin.on("dragend", () => set(pin.getLngLat().lng, pin.getLngLat().lat, true));
  // Another part of the page (the "where am I" button, an address search) may place the pin.
  box.addEventListener("gz:place", (event) => {
    const { lon, lat } = (event as CustomEvent<{ lon: number; lat: number }>).detail;
    set(lon, lat, true);
    map.easeTo({ center: [lon, lat], zoom: Math.max(map.getZoom(), 15) });
  });
}

function frame(map: GlMap, box: HTMLElement, county: County | null): void {
  const mark = numbers(box.dataset.mark);
  const given = numbers(box.dataset.bounds);
  const bounds = given.length === 4 ? given : (county?.bounds ?? []);
  if (mark.length === 2) {
    new Marker({ color: token("--gz-late", "#b3261e") }).setLngLat([mark[0], mark[1]]).addTo(map);
    map.jumpTo({ center: [mark[0], mark[1]], zoom: Number(box.dataset.zoom ?? 15) });
  } else if (bounds.length === 4) {
    map.fitBounds(new LngLatBounds([bounds[0], bounds[1], bounds[2], bounds[3]]), { padding: 16, animate: false });
  }
}

async function overviewOf(box: HTMLElement): Promise<County | null> {
  if (!box.dataset.map) return null;
  const answer = await fetch(box.dataset.map, { headers: { [QUIET]: "1" } });
  if (answer.status === 404) return null; // a county without outlines
  if (!answer.ok) throw new Error(`${answer.status} ${box.dataset.map}`);
  return (await answer.json()) as County;
}

// Layers and points are fetched by the map itself; another host's tiles are asked for as they are.
function quietly(url: string): { url: string; headers?: Record<string, string> } {
  const isOwn = new URL(url, location.href).origin === location.origin;
  return isOwn ? { url, headers: { [QUIET]: "1" } } : { url };
}

function makeMap(box: HTMLElement): GlMap | null {
  try {
    return new GlMap({
      container: box, style: bareStyle(box.dataset.tiles), attributionControl: false, maxPitch: 60, fadeDuration: 0,
      transformRequest: quietly,
    });
  } catch (error) {
    console.warn("No map:", error); // no WebGL: forms go on without a map
    return null;
  }
}

// On a slow network a map says that it is coming, and that it did not come.
const SOON = 700; // milliseconds within which nothing need be said
function saying(box: HTMLElement): (words?: string) => void {
  const label = document.createElement("p");
  label.className = "gz-map-says";
  label.setAttribute("role", "status");
  const timer = window.setTimeout(() => {
    label.textContent = document.body.dataset.wordsMapComes ?? "";
    box.append(label);
  }, SOON);
  return (words) => {
    window.clearTimeout(timer);
    label.remove();
    if (!words) return;
    label.textContent = words;
    box.append(label);
  };
}

async function start(box: HTMLElement): Promise<void> {
  if (box.dataset.mapReady) return;
  box.dataset.mapReady = "starting";
  const words = box.querySelector<HTMLElement>("[data-map-words]");
  const map = makeMap(box);
  if (words) words.hidden = map !== null;
  if (!map) {
    box.dataset.mapReady = "none";
    return;
  }
  map.addControl(new AttributionControl({ compact: true, customAttribution: box.dataset.attribution ?? "" }));
  map.addControl(new NavigationControl({ visualizePitch: true }), "top-right");
  if (box.dataset.pick) {
    map.addControl(new GeolocateControl({ positionOptions: { enableHighAccuracy: true } }), "top-right");
  }
  const say = saying(box);
  try {
    await fill(map, box);
    say();
  } catch (error) {
    console.warn("No map:", error);
    say(document.body.dataset.wordsMapLost);
  }
}

async function fill(map: GlMap, box: HTMLElement): Promise<void> {
  const loaded = new Promise((done) => map.once("load", done));
  const county = await overviewOf(box);
  frame(map, box, county);
  await loaded;
  if (county) addLayers(map, box.dataset.map ?? "", county);
  if (box.dataset.points) addPoints(map, box.dataset.points);
  if (box.dataset.pick) letPick(map, box, box.dataset.pick);
  box.addEventListener("gz:refresh", () => {
    (map.getSource("points") as GeoJSONSource | undefined)?.setData(box.dataset.points ?? "");
  });
  box.dataset.mapReady = "yes";
}

const startAll = () => document.querySelectorAll<HTMLElement>("[data-map]").forEach((box) => void start(box));
startAll();
document.addEventListener("htmx:afterSettle", startAll);
