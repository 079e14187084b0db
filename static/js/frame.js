// Every page for members: clocks run, "/" goes to the search, a failed request says so in words, and
// of a refused form the first thing that is wrong is brought into sight.
import "gridcity/bell.js";
import * as clock from "gridcity/clock.js";
import {bind} from "gridcity/keys.js";
import {learn, word} from "gridcity/words.js";

bind("/", () => document.getElementById("search")?.focus());

// On a phone the bar scrolls sideways: the page that is open is brought into view.
document.querySelector(".items [aria-current]")
  ?.scrollIntoView({inline: "nearest", block: "nearest"});

clock.run();
document.addEventListener("visibilitychange", () => document.hidden || clock.run());
document.addEventListener("htmx:afterSettle", (event) => {
  learn(event.target);
  clock.run();
});

document.addEventListener("change", ({target}) => {
  const names = target.closest?.(".file-pick")?.querySelector("[data-file-names]");
  if (names) names.textContent = [...target.files].map((file) => file.name).join(", ");
});

// A long form is refused with its faults out of sight, above all on a phone: the page goes to the
// first of them and the keyboard with it. A list of all the faults, where there is one, is first.
const FIELD = ":is(input:not([type=hidden]), select, textarea)";
const POSTED = 'form:not([method="get"])';
const FAULT = `[data-errors], ${POSTED} ${FIELD}[aria-invalid="true"], ${POSTED} .field-error:not([hidden])`;

function showFault(root) {
  const fault = [...root.querySelectorAll(FAULT)].find((each) => each.textContent || each.matches(FIELD));
  if (!fault) return;
  for (let box = fault.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  const place = fault.closest(".field, fieldset, [role=group]");
  const field = fault.matches(`${FIELD}, [data-errors]`) ? fault : place?.querySelector(FIELD);
  field?.focus({preventScroll: true});
  fault.scrollIntoView({block: "center"});
}
showFault(document.getElementById("main"));
document.addEventListener("htmx:afterSettle", ({target, detail}) => {
  if (detail?.requestConfig?.verb === "post") showFault(target);
});

// A photo that does not come leaves words in its place, not the browser's torn picture.
function lost(image) {
  if (image.classList.contains("lost") || !image.alt) return;
  const words = document.createElement("span");
  words.className = "lost-photo";
  words.textContent = word("photo_lost");
  words.title = image.alt;
  image.classList.add("lost");
  image.after(words);
}
function found(image) {
  if (!image.classList.contains("lost")) return;
  image.classList.remove("lost");
  image.nextElementSibling?.matches(".lost-photo") && image.nextElementSibling.remove();
}
for (const image of document.images) if (image.complete && !image.naturalWidth) lost(image);
document.addEventListener("error", ({target}) => target.tagName === "IMG" && lost(target), true);
document.addEventListener("load", ({target}) => target.tagName === "IMG" && found(target), true);

// Said aloud and seen, until something works again.
function tell(words) {
  const place = document.getElementById("trouble");
  place.textContent = words;
  place.hidden = false;
}
function calm() {
  document.getElementById("trouble").hidden = true;
}
document.addEventListener("htmx:afterOnLoad", ({detail}) => detail.successful && calm());
addEventListener("online", calm);
document.addEventListener("htmx:sendError", () => tell(word("offline")));
document.addEventListener("htmx:responseError", (event) => {
  const {xhr} = event.detail;
  const fault = xhr.getResponseHeader("X-Fault");
  const words = word(xhr.status === 401 ? "signed_out" : "went_wrong");
  tell(fault ? `${words} (${fault})` : words);
});
