// Brings up every <div class="map" data-map>: the city's base map with what the element asks for.
//
//   data-lon data-lat data-zoom   what to look at; without them the whole city
//   data-stage data-number        a pin with the stage's character
//   data-grid                     the id of a border of a unit grid: drawn in blue
//   data-layers                   further layers: grids duty_grids components cases, and
//                                 communities, shaded by the classes in #map-shades
//   data-query                    filters of the layer of cases, as in the page's address
//   data-pick="true"              a click, a drag or Enter places a pin: event `map:picked`
//
// `map:picked` bubbles and has detail {lon, lat}. An event `map:go` on the element with detail
// {lon, lat, zoom} looks there and places the pin when the map is one to pick on.
import * as paint from "gridcity/paint.js";
import {learn, word} from "gridcity/words.js";

const MAPS = new Map();
const REFRESH_MS = 60000;
const still = matchMedia("(prefers-reduced-motion: reduce)");

function setting() {
  return JSON.parse(document.getElementById("map-setting").textContent);
}

export function caseMap(element) {
  if (MAPS.has(element)) return MAPS.get(element);
  const shown = new CityMap(element, setting());
  MAPS.set(element, shown);
  return shown;
}

class CityMap {
  constructor(element, given) {
    this.element = element;
    this.given = given;
    const asked = element.dataset;
    this.map = window.L.Map.djangoMap(element, {
      djoptions: given.leaflet,
      globals: false,
      zoomControl: false,
      zoomAnimation: !still.matches,
      fadeAnimation: !still.matches,
      markerZoomAnimation: !still.matches,
      scrollWheelZoom: "page" in asked,
      minZoom: given.zooms[0],
      maxZoom: given.zooms[1],
      maxBoundsViscosity: 1,
    });
    this.map.setMaxBounds(this.farthest());
    window.L.control.zoom({
      zoomInTitle: word("map_closer"), zoomOutTitle: word("map_farther"),
    }).addTo(this.map);
    this.look(asked);
    this.draw();
    if (asked.stage) this.pin(asked.lon, asked.lat, asked.stage);
    if (asked.pick === "true") this.pickable();
    if (this.wants("cases")) this.clickable();
    this.describe();
    // The wheel belongs to the page until somebody works on the map.
    element.addEventListener("focusin", () => this.map.scrollWheelZoom.enable());
    element.addEventListener("map:go", (event) => this.go(event.detail));
    this.resized = new ResizeObserver(() => this.map.invalidateSize({animate: false}));
    this.resized.observe(element);
  }

  // The city and a good piece round it: nobody gets lost, and a small city may lie at an edge.
  farthest() {
    const [[south, west], [north, east]] = this.given.bounds;
    return [[south - .15, west - .15], [north + .15, east + .15]];
  }

  wants(layer) {
    return (this.element.dataset.layers ?? "").split(/\s+/).includes(layer);
  }

  look({lon, lat, zoom, page}) {
    const [kept, z, y, x] = page === undefined ? [] : /^#([\d.]+)\/(-?[\d.]+)\/(-?[\d.]+)$/
      .exec(location.hash) ?? [];
    if (kept) this.map.setView([y, x], z, {animate: false});
    else if (lon && lat) this.map.setView([lat, lon], Number(zoom ?? 17), {animate: false});
    else this.map.fitBounds(this.given.home, {animate: false});
  }

  describe() {
    const {element} = this;
    if (!element.hasAttribute("aria-label")) element.setAttribute("aria-label", word("map"));
    element.setAttribute("role", "region");
    element.dataset.up = "true";
  }

  // All layers anew: at first, and when the theme changes.
  draw() {
    this.ground?.remove();
    const palette = paint.paletteOf(this.element);
    const latitude = (this.given.bounds[0][0] + this.given.bounds[1][0]) / 2;
    const chosen = this.element.dataset.grid ?? "";
    const sources = {base: this.source("base")};
    for (const name of ["communities", "duty_grids", "grids", "components"]) {
      if (this.wants(name)) sources[name] = this.source(name);
    }
    if (chosen && !this.wants("grids")) sources.grids = this.source("grids", `version=${chosen}`);
    const shades = document.getElementById("map-shades");
    const under = sources.communities && shades
      ? paint.communities(palette, JSON.parse(shades.textContent)) : [];
    const base = paint.base(palette, latitude, under);
    const over = paint.grids(palette, chosen).filter((rule) => rule.dataSource in sources);
    this.ground = this.layer({
      sources, paintRules: [...base.paintRules, ...over], labelRules: base.labelRules,
      attribution: this.given.credit, backgroundColor: palette.read("--map-paper"),
    });
    this.drawCases();
  }

  drawCases() {
    if (!this.wants("cases")) return;
    const palette = paint.paletteOf(this.element);
    const coming = this.layer({
      sources: {cases: this.source("cases", this.element.dataset.query)},
      paintRules: paint.cases(palette, this.given.stages), attribution: "", zIndex: 20,
    });
    this.coming?.remove();
    if (!this.cases) {
      this.cases = coming;
      return;
    }
    // What is seen stays, and can be opened, until the new is there.
    this.coming = coming;
    coming.once("load", () => {
      this.cases.remove();
      this.cases = coming;
      this.coming = null;
    });
  }

  source(name, query = "") {
    const url = this.given.tiles.replace("LAYER", name) + (query ? `?${query}` : "");
    return {url, maxDataZoom: 16};
  }

  layer(options) {
    const layer = window.protomapsL.leafletLayer(options);
    for (const view of layer.views.values()) {
      const {source} = view.tileCache;
      const get = source.get.bind(source);
      source.get = (...asked) => get(...asked).catch((error) => {
        if (error.name === "AbortError") throw error;
        this.trouble();
        return new Map();
      });
    }
    return layer.addTo(this.map);
  }

  // Some of the map could not be had: says so, and offers to try again.
  trouble() {
    if (this.element.querySelector(".map-trouble")) return;
    const box = document.createElement("div");
    box.className = "map-trouble";
    box.setAttribute("role", "status");
    box.append(word("map_trouble"));
    const again = document.createElement("button");
    again.className = "button";
    again.type = "button";
    again.textContent = word("map_again");
    again.addEventListener("click", (event) => {
      event.stopPropagation();
      box.remove();
      this.draw();
    });
    box.append(again);
    this.element.append(box);
  }

  pin(lon, lat, stage = "") {
    const {number, letter} = this.given.stages[stage] ?? {number: "", letter: ""};
    const icon = window.L.divIcon({
      className: `map-pin ${number ? `s${number}` : ""}`,
      html: '<svg viewBox="0 0 36 46" width="36" height="46" aria-hidden="true">'
        + '<path d="M18 45C12 35 2 28 2 17.5a16 16 0 0 1 32 0C34 28 24 35 18 45Z"/>'
        + (letter ? '<text x="18" y="23.5"></text>' : '<circle cx="18" cy="17.5" r="5.5"/>')
        + "</svg>",
      iconSize: [36, 46],
      iconAnchor: [18, 45],
    });
    const pickable = this.element.dataset.pick === "true";
    this.marker?.remove();
    this.marker = window.L.marker([lat, lon], {
      icon, draggable: pickable, keyboard: false, interactive: pickable,
      alt: this.element.dataset.number ?? "",
    }).addTo(this.map);
    const text = this.marker.getElement().querySelector("text");
    if (text) text.textContent = letter;
    this.marker.on("dragend", () => this.picked(this.marker.getLatLng()));
  }

  pickable() {
    this.element.classList.add("pick");
    const cross = document.createElement("div");
    cross.className = "map-cross";
    this.element.append(cross);
    const place = ({lat, lng}) => {
      this.pin(lng, lat);
      this.picked({lat, lng});
    };
    const {lon, lat, stage} = this.element.dataset;
    if (lon && lat && !stage) this.pin(lon, lat);
    this.map.on("click", (event) => place(event.latlng));
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target !== this.element) return;
      event.preventDefault();
      place(this.map.getCenter());
    });
  }

  picked({lat, lng}) {
    const detail = {lon: Number(lng.toFixed(6)), lat: Number(lat.toFixed(6))};
    this.element.dispatchEvent(new CustomEvent("map:picked", {detail, bubbles: true}));
  }

  go({lon, lat, zoom}) {
    this.map.setView([lat, lon], zoom ?? Math.max(this.map.getZoom(), 17),
      {animate: !still.matches});
    if (this.element.dataset.pick === "true") this.pin(lon, lat);
  }

  // The cases, or the counts of cases, under a place of the map; the nearest to it last.
  under({lat, lng}) {
    const found = this.cases.queryTileFeaturesDebug(lng, lat, 26).get("cases") ?? [];
    const seen = new Map();
    for (const {feature, layerName} of found) {
      seen.set(feature.props.number ?? feature, {...feature.props, layerName});
    }
    return [...seen.values()];
  }

  clickable() {
    const {map} = this;
    map.on("mousemove", (event) => {
      this.element.classList.toggle("over", this.under(event.latlng).length > 0);
    });
    map.on("click", (event) => this.open(event.latlng));
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target !== this.element) return;
      event.preventDefault();
      this.open(map.getCenter());
    });
    const cross = document.createElement("div");
    cross.className = "map-cross";
    this.element.append(cross);
    if ("page" in this.element.dataset) map.on("moveend", () => this.keepAddress());
    this.ticking = setInterval(() => document.hidden || this.drawCases(), REFRESH_MS);
  }

  keepAddress() {
    const {lat, lng} = this.map.getCenter();
    const hash = `#${this.map.getZoom()}/${lat.toFixed(5)}/${lng.toFixed(5)}`;
    history.replaceState(history.state, "", hash);
  }

  open(place) {
    const found = this.under(place);
    if (!found.length) {
      // What is still on its way is opened when it is there.
      if (this.cases.isLoading()) this.cases.once("load", () => this.open(place));
      return;
    }
    if (found.some((one) => one.layerName === "clusters")) {
      this.map.setView(place, this.map.getZoom() + 2, {animate: !still.matches});
      return;
    }
    const list = document.createElement("ul");
    list.className = "map-cases";
    for (const one of found.reverse().slice(0, 6)) list.append(this.entry(one));
    if (found.length > 6) {
      const more = document.createElement("li");
      more.textContent = word("map_more", {count: found.length - 6});
      list.append(more);
    }
    window.L.popup({closeButton: true, maxWidth: 300, minWidth: 220, autoPanPadding: [16, 16]})
      .setLatLng(place).setContent(list).openOn(this.map);
    list.querySelector("a")?.focus();
  }

  entry({number, name, stage, light}) {
    const item = document.createElement("li");
    const {number: five, letter} = this.given.stages[stage];
    const square = document.createElement("span");
    square.className = `mark-stage s${five}`;
    square.setAttribute("aria-hidden", "true");
    square.textContent = letter;
    const link = document.createElement("a");
    link.href = this.given.page.replace("NUMBER", encodeURIComponent(number));
    link.textContent = name || number;
    const line = document.createElement("span");
    line.append(`${this.given.stages[stage].word} · ${this.given.lights[light]}`,
      document.createElement("br"), number);
    item.append(square, link, line);
    return item;
  }

  remove() {
    clearInterval(this.ticking);
    this.resized.disconnect();
    this.map.remove();
    MAPS.delete(this.element);
  }
}

function bringUp() {
  learn();
  for (const [element, shown] of MAPS) if (!element.isConnected) shown.remove();
  for (const element of document.querySelectorAll(".map[data-map]")) {
    caseMap(element);
  }
  drawLegends();
}

// The legend's own marks are drawn by what draws the map's.
function drawLegends() {
  for (const canvas of document.querySelectorAll("canvas[data-mark]")) {
    const stage = setting().stages[canvas.dataset.stage || "reported"];
    const sharp = devicePixelRatio;
    canvas.width = canvas.height = 26 * sharp;
    const ctx = canvas.getContext("2d");
    ctx.scale(sharp, sharp);
    ctx.translate(13, 13);
    paint.mark(ctx, paint.paletteOf(canvas), canvas.dataset.mark,
      {...stage, letter: canvas.dataset.stage ? stage.letter : ""});
  }
}

function repaint() {
  for (const shown of MAPS.values()) shown.draw();
  drawLegends();
}

bringUp();
document.addEventListener("htmx:afterSettle", bringUp);
document.addEventListener("gridcity:stale", () => {
  for (const shown of MAPS.values()) shown.drawCases();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
