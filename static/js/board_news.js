// News of the board: what came, changed or went is shown without moving a row under the pointer.
import {agree, run} from "gridcity/clock.js";
import {say} from "gridcity/keys.js";
import {ask, current, kept, linkOf, mark, parse, pick, queue, rowOf, rows, setAside, ticked}
  from "gridcity/board_queue.js";
import {word} from "gridcity/words.js";

const fresh = document.getElementById("fresh");
const stale = document.getElementById("bar-stale");
let updated = Date.now();
// In the city's zone, wherever the page is read.
const clockFace = new Intl.DateTimeFormat("en-GB", {
  timeStyle: "medium", timeZone: queue.dataset.zone || undefined,
});
const time = (at) => clockFace.format(at);

let news = null;
let asking = false;
let again = false;

export function count(list) {
  for (const badge of document.querySelectorAll("[data-count]")) {
    const number = list.getAttribute(`data-tab-${badge.dataset.count}`);
    if (number === null) continue;
    badge.textContent = number;
    badge.classList.toggle("none", number === "0");
  }
  const bar = document.querySelector("[data-waiting]");
  const mine = list.getAttribute("data-tab-mine");
  if (bar?.firstChild && mine !== null) bar.firstChild.textContent = mine;
}

// The first page as it is now, beside the rows as they stand: what stays is brought up to date in
// its place, what went is greyed, what is new waits above for a click or G.
export async function refresh() {
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  try {
    const list = parse(await ask(queue.dataset.url));
    fineAgain();
    agree(Number(list.dataset.now));
    count(list);
    compare(list);
    run();
  } catch {
    down();
  } finally {
    asking = false;
    if (again) {
      again = false;
      refresh();
    }
  }
}

function compare(list) {
  const shown = new Map([...queue.querySelectorAll(".queue-row")].map((row) => [row.dataset.row, row]));
  if (shown.size === 0) {
    show(list);
    return;
  }
  const now = new Map([...list.querySelectorAll(".queue-row")].map((row) => [row.dataset.row, row]));
  for (const [number, row] of shown) {
    const other = now.get(number);
    if (other) renew(row, other);
  }
  // Only a whole queue tells what left it; of a first page the rest is not known.
  if (!list.querySelector("[data-more]")) {
    for (const [number, row] of shown) if (!now.has(number)) wentOn(row);
  }
  news = list;
  const number = [...now.keys()].filter((each) => !shown.has(each)).length;
  const arrived = number && !(queue.querySelector("[data-more]") && onlyBelow(list, shown));
  fresh.hidden = !arrived;
  if (arrived) {
    fresh.textContent = word("board_new", {number});
    say(fresh.textContent);
  }
}

// Rows that slid up from the next page because others left are no news.
function onlyBelow(list, shown) {
  const all = [...list.querySelectorAll(".queue-row")].map((row) => shown.has(row.dataset.row));
  return all.indexOf(false) > all.lastIndexOf(true);
}

function renew(row, other) {
  if (row.dataset.version !== other.dataset.version) {
    kept.delete(row.dataset.row);
    const box = row.querySelector(".tick input");
    box.value = other.querySelector(".tick input").value;
    row.querySelector(".row-words").replaceWith(other.querySelector(".row-words").cloneNode(true));
    row.dataset.version = other.dataset.version;
    row.dataset.stage = other.dataset.stage;
    if (row.dataset.row === current) linkOf(row).setAttribute("aria-current", "true");
  }
  const chip = row.querySelector(".chip");
  if (chip) chip.replaceWith(other.querySelector(".chip").cloneNode(true));
  row.classList.remove("gone");
  row.querySelector(".tick input").disabled = false;
  row.querySelector(".went")?.remove();
}

function wentOn(row) {
  // What was refused stays ticked until somebody has looked at why.
  if (row.classList.contains("gone") || row.classList.contains("refused")) return;
  row.classList.add("gone");
  const box = row.querySelector(".tick input");
  box.checked = false;
  box.disabled = true;
  const told = document.createElement("span");
  told.className = "tag went";
  told.textContent = word("board_gone");
  row.querySelector(".row-first").append(told);
  kept.delete(row.dataset.row);
}

export function show(list) {
  if (!list) return;
  const picked = new Set(ticked().map((box) => box.value.split(":")[0]));
  queue.replaceChildren(list);
  news = null;
  fresh.hidden = true;
  for (const row of rows()) {
    if (picked.has(row.dataset.row)) row.querySelector(".tick input").checked = true;
  }
  const row = current && rowOf(current);
  if (row) mark(row);
  setAside();
  pick();
  run();
}

export async function newest() {
  try {
    show(news ?? parse(await ask(queue.dataset.url)));
    rows()[0]?.scrollIntoView({block: "nearest"});
  } catch {
    down();
  }
}
fresh.addEventListener("click", newest);

export function down() {
  stale.textContent = word("stale", {time: time(updated)});
  stale.hidden = false;
  document.body.classList.add("is-stale");
  for (const button of document.querySelectorAll(".move-form .send, #at-once [name=move]")) {
    button.setAttribute("aria-disabled", "true");
  }
}

function fineAgain() {
  updated = Date.now();
  stale.hidden = true;
  document.body.classList.remove("is-stale");
  for (const button of document.querySelectorAll('.move-form .send, #at-once [name=move]')) {
    button.removeAttribute("aria-disabled");
  }
  state();
}
document.addEventListener("click", (event) => {
  if (event.target.closest('[aria-disabled="true"]')) {
    event.preventDefault();
    say(stale.textContent);
  }
}, true);

let live = false;
function state() {
  const place = document.getElementById("live-state");
  place.dataset.state = live ? "live" : "polling";
  const words = word(live ? "board_live" : "board_polling", {time: time(updated)});
  document.getElementById("live-state-words").textContent = words;
}
document.addEventListener("gridcity:live", (event) => {
  live = event.detail.live;
  if (live && stale.hidden) updated = Date.now();
  state();
});

let soon = null;
document.addEventListener("gridcity:stale", (event) => {
  const {names, numbers} = event.detail;
  for (const number of numbers) kept.delete(number);
  if (names.includes("*")) kept.clear();
  // Many moves at once are one question.
  clearTimeout(soon);
  soon = setTimeout(refresh, names.includes("*") ? 0 : 400);
});
