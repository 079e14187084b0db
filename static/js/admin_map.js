// Borders, courses and places in the administration, moved on the city's own map. The field below
// has the same as well-known text: what is typed there shows here, and the other way round.
import {caseMap} from "gridcity/map.js";
import {word} from "gridcity/words.js";

const PAIR = /(-?\d+(?:\.\d+)?)\s+(-?\d+(?:\.\d+)?)/g;
// With more corners than this, handles would hide the border and slow the page.
const MOST_CORNERS = 500;
const {L} = window;

// "MULTIPOLYGON (((113.9 30.9, …)))" as [kind, nested lists of [longitude, latitude]].
function read(text) {
  const [, kind, rest] = /^\s*(\w+)\s*(\(.*\))\s*$/s.exec(text) ?? [];
  if (!rest) return null;
  try {
    const lists = rest.replace(PAIR, "[$1,$2]").replaceAll("(", "[").replaceAll(")", "]");
    return [kind.toUpperCase(), JSON.parse(lists)];
  } catch {
    return null;
  }
}

const turned = (list) => (Array.isArray(list[0]) ? list.map(turned) : [list[1], list[0]]);
const spot = ({lat, lng}) => `${Number(lng.toFixed(7))} ${Number(lat.toFixed(7))}`;
const line = (places) => `(${places.map(spot).join(", ")})`;
const ring = (places) => line([...places, places[0]]);

function shapeOf(kind, places, color) {
  const look = {color, weight: 3, fillOpacity: .12};
  if (kind.endsWith("POINT")) return L.circleMarker(places, {...look, radius: 9, fillOpacity: .5});
  return kind.endsWith("POLYGON") ? L.polygon(places, look) : L.polyline(places, look);
}

function shapesOf([kind, lists], color) {
  const parts = kind.startsWith("MULTI") ? lists : [kind === "POINT" ? lists[0] : lists];
  return parts.map((part) => shapeOf(kind, turned(part), color));
}

const colourOf = (element) => getComputedStyle(element).getPropertyValue("--map-chosen");

function lookAt(map, shapes) {
  const bounds = shapes.getBounds();
  if (bounds.isValid()) map.fitBounds(bounds, {maxZoom: 17, padding: [24, 24]});
}

// The handles of corners are the mouse's; whoever works by keys or ears has the text.
function silent(marker) {
  const handle = marker.getElement();
  handle.removeAttribute("tabindex");
  handle.removeAttribute("role");
  handle.setAttribute("aria-hidden", "true");
}

// Only to look at.
function show(element) {
  const found = read(element.dataset.shape);
  const {map} = caseMap(element);
  if (found) lookAt(map, L.featureGroup(shapesOf(found, colourOf(element))).addTo(map));
}

class Sketch {
  constructor(element) {
    this.field = document.getElementById(element.dataset.field);
    this.kind = element.dataset.kind;
    this.map = caseMap(element).map;
    this.shapes = L.featureGroup().addTo(this.map);
    this.note = element.parentElement.querySelector("[data-note]");
    this.colour = colourOf(element);
    this.field.addEventListener("input", () => this.show());
    this.map.on("layeradd", ({layer}) => layer instanceof L.Marker && silent(layer));
    this.map.on("draw:created", ({layer}) => this.drawn(layer));
    this.show(true);
    const draw = element.parentElement.querySelector("[data-draw]");
    draw.hidden = false;
    draw.addEventListener("click", () => this.draw());
  }

  // What the text says, drawn; the map goes there when the page opens.
  show(go = false) {
    const found = read(this.field.value);
    this.note.textContent = found || !this.field.value.trim() ? "" : word("sketch_unread");
    if (!found) return;
    this.shapes.clearLayers();
    for (const shape of shapesOf(found, this.colour)) this.add(shape);
    if (go) lookAt(this.map, this.shapes);
  }

  add(shape) {
    this.shapes.addLayer(shape);
    const corners = shape.getLatLngs?.().flat(2).length ?? 1;
    if (corners > MOST_CORNERS) {
      this.note.textContent = word("sketch_many", {corners});
      return;
    }
    shape.editing.enable();
    shape.on("edit", () => this.write());
  }

  draw() {
    const tool = this.kind.endsWith("POINT") ? L.Draw.Marker
      : this.kind.endsWith("POLYGON") ? L.Draw.Polygon : L.Draw.Polyline;
    new tool(this.map, {shapeOptions: {color: this.colour}}).enable();
    this.note.textContent = word("sketch_how");
    this.map.getContainer().focus();
  }

  drawn(layer) {
    this.note.textContent = "";
    this.shapes.clearLayers();
    this.add(this.kind.endsWith("POINT") ? shapeOf("POINT", layer.getLatLng(), this.colour) : layer);
    this.write();
  }

  write() {
    const shapes = this.shapes.getLayers();
    const texts = {
      POINT: () => `(${spot(shapes[0].getLatLng())})`,
      MULTILINESTRING: () => `(${shapes.map((one) => line(one.getLatLngs())).join(", ")})`,
      MULTIPOLYGON: () => `(${shapes.map((one) => `(${one.getLatLngs().map(ring).join(", ")})`)
        .join(", ")})`,
    };
    this.field.value = `${this.kind} ${texts[this.kind]()}`;
    this.field.dispatchEvent(new Event("change", {bubbles: true}));
  }
}

// The tools' own words are English.
function learnWords() {
  const {handlers} = L.drawLocal.draw;
  for (const tool of [handlers.polygon, handlers.polyline]) {
    Object.assign(tool.tooltip, {start: word("sketch_start"), cont: word("sketch_on"), end: word("sketch_end")});
  }
  handlers.marker.tooltip.start = word("sketch_place");
  handlers.polyline.error = word("sketch_cross");
}

learnWords();
for (const element of document.querySelectorAll(".map[data-field]")) new Sketch(element);
for (const element of document.querySelectorAll(".map[data-shape]")) show(element);
