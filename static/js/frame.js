// Every page for members: clocks run, "/" goes to the search, a failed request says so in words.
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
