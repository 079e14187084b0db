// Closing approval: compare the photos, the keys, and the ring of what is allowed on the map.
import {bind} from "gridcity/keys.js";
import {caseMap} from "gridcity/map.js";

const BLINK_MS = 900;
const still = matchMedia("(prefers-reduced-motion: reduce)");

class Look {
  constructor(element) {
    this.element = element;
    this.slider = element.querySelector("[data-slider]");
    this.buttons = [...element.querySelectorAll(".look-modes button")];
    for (const button of this.buttons) {
      button.addEventListener("click", () => this.mode(button.dataset.mode));
    }
    this.slider?.addEventListener("input", () => this.at(this.slider.value));
    for (const link of element.querySelectorAll("[data-photo]")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.show(link);
      });
    }
    this.drag(element.querySelector(".look-frame"));
  }

  at(percent) {
    this.element.style.setProperty("--at", `${percent}%`);
  }

  mode(name) {
    this.element.dataset.mode = name;
    for (const button of this.buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === name));
    }
    clearInterval(this.blinking);
    if (name !== "blink") return;
    this.element.dataset.shown = "before";
    const turn = () => {
      const {dataset} = this.element;
      dataset.shown = dataset.shown === "before" ? "after" : "before";
    };
    // Who wants no motion turns the photo by pressing the button again.
    if (still.matches) turn();
    else this.blinking = setInterval(turn, BLINK_MS);
  }

  show(link) {
    const {side, label, caption} = link.dataset;
    const photo = this.element.querySelector(`.look-photo.${side}`);
    const picture = photo.querySelector("img");
    if (!picture) {
      location.href = link.href;
      return;
    }
    picture.src = link.href;
    picture.alt = link.querySelector("img").alt;
    photo.querySelector(".look-label").textContent = label;
    photo.querySelector("figcaption").textContent = caption;
    for (const other of this.element.querySelectorAll(`[data-photo][data-side="${side}"]`)) {
      other.removeAttribute("aria-current");
    }
    link.setAttribute("aria-current", "true");
  }

  drag(frame) {
    const move = (event) => {
      if (this.element.dataset.mode !== "slide" || !this.slider) return;
      const box = frame.getBoundingClientRect();
      const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
      this.slider.value = share * 100;
      this.at(share * 100);
    };
    frame.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      frame.setPointerCapture(event.pointerId);
      move(event);
      frame.addEventListener("pointermove", move);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      frame.addEventListener(end, () => frame.removeEventListener("pointermove", move));
    }
  }
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function ring(element) {
  const {map} = caseMap(element);
  const {lon, lat, photoLon, photoLat, tolerance} = element.dataset;
  const {L} = window;
  L.circle([lat, lon], {
    radius: Number(tolerance), color: colour("--good"), weight: 2, dashArray: "5 4",
    fillOpacity: .1, interactive: false,
  }).addTo(map);
  if (!photoLon) return;
  L.circleMarker([photoLat, photoLon], {
    radius: 8, color: "#fff", weight: 2, fillColor: colour("--stage-4"), fillOpacity: 1,
    interactive: false,
  }).addTo(map);
  map.fitBounds(L.latLngBounds([[lat, lon], [photoLat, photoLon]]), {
    maxZoom: 18, padding: [50, 50], animate: false,
  });
}

for (const element of document.querySelectorAll("[data-look]")) new Look(element);
for (const element of document.querySelectorAll("[data-look-map]")) ring(element);

const once = new WeakSet();
for (const form of document.querySelectorAll("#close, #send-back")) {
  form.addEventListener("submit", (event) => {
    if (once.has(form)) event.preventDefault();
    once.add(form);
    document.querySelector(`[form="${form.id}"]`)?.classList.add("busy");
  });
}
// Back from the next page: what was sent may be sent anew.
addEventListener("pageshow", (event) => event.persisted && location.reload());

function sendBack() {
  const form = document.getElementById("send-back");
  if (form.querySelector("[name=why]:checked")) form.requestSubmit();
  else form.querySelector("[name=why]").focus();
}

document.querySelector("[data-send-back]")?.addEventListener("click", (event) => {
  event.preventDefault();
  sendBack();
});
bind("a", () => document.querySelector("[data-approve]")?.click());
bind("d", sendBack);
bind("s", () => document.querySelector("[data-later]")?.click());
bind("j", () => document.querySelector(".after-conflict .primary, [data-later]")?.click());
bind("o", () => document.querySelector("[data-open]")?.click());
bind("p", () => {
  const buttons = [...document.querySelectorAll(".look-modes button")];
  const here = buttons.findIndex((button) => button.ariaPressed === "true");
  buttons[(here + 1) % buttons.length]?.click();
});
