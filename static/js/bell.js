// The bell of every page: how many notices are not read, as they come. The stream of a page that
// has none of its own carries notices alone.
import "gridcity/live.js";
import {say} from "gridcity/keys.js";
import {word} from "gridcity/words.js";

const MOST = 99;
// One polite word at a time (interface guide, section 7).
const QUIET_MS = 10_000;
const bell = document.querySelector("[data-bell]");
const count = bell?.querySelector("[data-unread]");
let said = -QUIET_MS;

function show(unread) {
  const before = Number(count.dataset.unread);
  if (unread === before) return;
  count.dataset.unread = unread;
  count.textContent = unread > MOST ? `${MOST}+` : unread;
  if (unread > before && performance.now() - said > QUIET_MS) {
    said = performance.now();
    say(word("new_notices", {number: count.textContent}));
  }
  document.dispatchEvent(new CustomEvent("gridcity:unread", {detail: {unread, more: unread > before}}));
}

async function ask() {
  try {
    const answer = await fetch(bell.dataset.bell, {headers: {"HX-Request": "true"}});
    if (answer.ok) show((await answer.json()).unread);
  } catch {
    // Away for now: the next time tells.
  }
}

if (count) {
  document.addEventListener("gridcity:notice", (event) => show(event.detail.unread));
  document.addEventListener("gridcity:polled", ask);
}
