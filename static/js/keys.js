// Single keys, off while somebody types, and switched off for good by whoever wants so.
import {word} from "gridcity/words.js";

const STORE = "gridcity.keys";
const bound = new Map();

export function typing(event) {
  const at = event.target;
  return at.isContentEditable || /^(textarea|select)$/i.test(at.tagName)
    || (at.tagName === "INPUT" && !/^(checkbox|radio|button|submit|range)$/.test(at.type));
}

export function on() {
  return localStorage.getItem(STORE) !== "off";
}

export function toggle() {
  localStorage.setItem(STORE, on() ? "off" : "on");
  say(word(on() ? "keys_on" : "keys_off"));
}

// bind("j", handler); "Shift+Enter" as it reads.
export function bind(key, handler) {
  bound.set(key.toLowerCase(), handler);
}

export function say(words) {
  const place = document.getElementById("live-words");
  if (place) place.textContent = words;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const name = (event.shiftKey && event.key.length > 1 ? "shift+" : "") + event.key.toLowerCase();
  if (name !== "escape" && (typing(event) || !on())) return;
  // Enter on a link or button does what the link or button says.
  if (name === "enter" && event.target.closest("a, button, summary, [type=checkbox]")) return;
  const handler = bound.get(name);
  if (!handler) return;
  event.preventDefault();
  handler(event);
});
