// The case page: comparing photos, how long a name stays unmasked, printing, drafts.
import "gridcity/draft.js";
import "gridcity/live.js";
import {say} from "gridcity/keys.js";
import {fetched, replace} from "gridcity/parts.js";
import {word} from "gridcity/words.js";

const BLINK_MS = 800;

function show(figure, link) {
  const image = figure.querySelector("img");
  if (!image) return;
  image.src = link.dataset.shown;
  image.alt = link.querySelector("img").alt;
  figure.querySelector(".shot-label").textContent = link.dataset.label;
  figure.querySelector(".shot-failed").hidden = !link.dataset.failed;
  figure.querySelector("figcaption").textContent = link.dataset.caption;
}

function compare(box) {
  const modes = box.querySelector(".modes");
  const slider = box.querySelector(".slider");
  const pair = box.querySelector(".pair");
  let blinking = null;

  function turn() {
    box.dataset.blink = box.dataset.blink === "before" ? "after" : "before";
  }
  function choose(mode) {
    box.dataset.mode = mode;
    slider.hidden = mode !== "slide";
    clearInterval(blinking);
    if (mode === "blink") {
      box.dataset.blink = "after";
      // Who asked for less motion turns the photos by pressing the button again.
      if (!matchMedia("(prefers-reduced-motion: reduce)").matches) {
        blinking = setInterval(turn, BLINK_MS);
      }
    }
    for (const button of modes.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    }
  }
  if (modes) {
    modes.hidden = false;
    modes.addEventListener("click", (event) => {
      const mode = event.target.closest("button")?.dataset.mode;
      if (!mode) return;
      if (mode === "blink" && box.dataset.mode === "blink") turn();
      else choose(mode);
    });
    slider.querySelector("input").addEventListener("input", (event) => {
      pair.style.setProperty("--at", `${event.target.value}%`);
    });
  }
  box.querySelector(".strip")?.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const side = link.dataset.side;
    if (!pair.querySelector(`.shot.${side} img`)) return;
    event.preventDefault();
    show(pair.querySelector(`.shot.${side}`), link);
    for (const other of box.querySelectorAll(`.strip a[data-side="${side}"]`)) {
      other.removeAttribute("aria-current");
    }
    link.setAttribute("aria-current", "true");
  });
}

// Full values go away by themselves; the server is asked for the masked ones.
function forget(root) {
  const shown = root.querySelector?.("#reporter[data-seconds]");
  if (!shown) return;
  setTimeout(() => {
    if (!shown.isConnected) return;
    for (const value of shown.querySelectorAll("dd")) value.textContent = "***";
    window.htmx?.ajax("GET", shown.dataset.masked, {target: "#reporter", swap: "outerHTML"});
  }, Number(shown.dataset.seconds) * 1000);
}

// A phone knows where it is: a button writes it where the form asks for it.
function locate(root = document) {
  if (!navigator.geolocation) return;
  for (const field of root.querySelectorAll(".move-form input[name=position]:not([data-device])")) {
    field.dataset.device = "";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = word("use_position");
    button.addEventListener("click", () => {
      navigator.geolocation.getCurrentPosition(
        ({coords}) => {
          field.value = `${coords.longitude.toFixed(6)}, ${coords.latitude.toFixed(6)}`;
          field.dispatchEvent(new Event("input", {bubbles: true}));
        },
        () => say(word("no_position")),
        {enableHighAccuracy: true, timeout: 10_000},
      );
    });
    field.after(button);
  }
}

// Somebody moved the case: what only shows is replaced, what somebody writes in never is.
let asking = false;

function touched(field) {
  if (field.type === "checkbox" || field.type === "radio") {
    return field.checked !== field.defaultChecked;
  }
  if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
  const options = [...field.options];
  const given = options.some((option) => option.defaultSelected);
  if (!given) return field.multiple ? field.selectedIndex >= 0 : field.selectedIndex > 0;
  return options.some((option) => option.selected !== option.defaultSelected);
}

// What was refused stands there as the server gave it back: it is no less somebody's own.
const KEPT = ".conflict, .notice[role=alert], [aria-invalid=true]";

function typedIn(part) {
  const fields = part.querySelectorAll("textarea, input:not([type=hidden]), select");
  return part.contains(document.activeElement) || part.querySelector(KEPT) || [...fields].some(touched);
}

// How many cases wait, in the bar.
function recount(page) {
  const [shown, fresh] = [document, page].map((each) => each.querySelector("[data-waiting]"));
  if (fresh) shown?.replaceWith(fresh);
  else shown?.remove();
}

async function renew() {
  const head = document.querySelector(".case-head[data-version]");
  if (asking || !head) return;
  asking = true;
  try {
    const page = await fetched(location.pathname.replace(/move\/$/, ""));
    const version = page?.querySelector(".case-head[data-version]")?.dataset.version;
    if (!version || version === head.dataset.version) return;
    const typed = (part) => "typed" in part.dataset && typedIn(part);
    recount(page);
    if (replace(page, typed)) say(word("case_moved"));
  } finally {
    asking = false;
  }
}

document.addEventListener("gridcity:stale", (event) => {
  const number = document.querySelector(".case-number")?.textContent.trim();
  const {names, numbers} = event.detail;
  if (names.includes("*") || numbers.includes(number)) renew();
});

function compareAll() {
  for (const box of document.querySelectorAll("[data-evidence]:not([data-up])")) {
    box.dataset.up = "";
    compare(box);
  }
}

compareAll();
locate();
document.addEventListener("htmx:afterSettle", () => {
  compareAll();
  locate();
});
document.querySelector("[data-print]")?.addEventListener("click", () => print());
forget(document);
document.addEventListener("htmx:afterSwap", () => forget(document));
// The keyboard goes on in the form of the move that was chosen.
document.addEventListener("htmx:afterSettle", (event) => {
  const moves = event.detail?.elt?.closest?.(".moves") ?? document.querySelector(".moves");
  const first = moves?.querySelector(".move-form :is(textarea, select, input:not([type=hidden]))");
  const {path, verb} = event.detail?.requestConfig ?? {};
  if (verb === "get" && path.includes("/move/")) first?.focus();
});
