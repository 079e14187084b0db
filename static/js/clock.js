// One timer for every clock chip of a page. The server says what was left at a moment (data-at,
// data-left, data-over in seconds; data-open: office hours as epoch seconds, empty when the clock
// runs day and night is told by its absence). Words change each minute, each second below two
// minutes; colour only at 80 and 100 %.
import {word} from "gridcity/words.js";

const SOON = 120;
// The server's clock is the one that counts: how far this machine's is off, in seconds.
let ahead = 0;
let timer = null;

export function span(seconds, worked) {
  if (seconds < SOON && !worked) {
    return seconds < 60
      ? word("seconds", {seconds})
      : word("minutes", {minutes: Math.floor(seconds / 60)});
  }
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (worked) {
    if (hours && rest) return word("work_hours_minutes", {hours, minutes: rest});
    return hours ? word("work_hours", {hours}) : word("work_minutes", {minutes: rest});
  }
  if (minutes >= 48 * 60) {
    return word("days_hours", {days: Math.floor(hours / 24), hours: hours % 24});
  }
  if (hours && rest) return word("hours_minutes", {hours, minutes: rest});
  return hours ? word("hours", {hours}) : word("minutes", {minutes: rest});
}

// How much of the clock's own time has passed between two moments.
function passed(chip, from, to) {
  if (chip.dataset.open === undefined) return to - from;
  let sum = 0;
  for (const piece of chip.dataset.open.split(" ").filter(Boolean)) {
    const [opens, closes] = piece.split("-").map(Number);
    sum += Math.max(0, Math.min(to, closes) - Math.max(from, opens));
  }
  return sum;
}

function showShare(chip, percent) {
  chip.querySelector(".used")?.setAttribute("stroke-dasharray", `${percent} 100`);
  const place = chip.querySelector(".share");
  if (!place) return;
  place.hidden = percent >= 100;
  place.textContent = word("share_used", {share: `${percent} %`});
}

function show(chip, now) {
  const was = chip.dataset.chip;
  if (was === "suspended") return;
  const at = Number(chip.dataset.at);
  const left0 = Number(chip.dataset.left);
  const worked = chip.dataset.open !== undefined;
  const used = passed(chip, at, now);
  const left = left0 - used;
  const over = was === "overdue" ? Number(chip.dataset.over) + (now - at) : Math.max(0, -left);
  const late = was === "overdue" || left < 0;
  const share = Number(chip.dataset.share);
  // What was used at the server's answer and what was left then give the whole budget.
  const budget = share < 100 ? left0 / (1 - share / 100) : 0;
  const state = late ? "overdue" : budget && 1 - left / budget >= 0.8 ? "warning" : was;
  const words = late
    ? word("over", {span: span(over)})
    : word("left", {span: span(left, worked)});
  const place = chip.querySelector(".words");
  if (place.textContent !== words) place.textContent = words;
  showShare(chip, late ? 100 : budget ? Math.floor(100 * (1 - left / budget)) : share);
  if (!chip.classList.contains(state)) {
    chip.classList.remove("running", "warning", "overdue");
    chip.classList.add(state);
    chip.dispatchEvent(new CustomEvent("clock:changed", {bubbles: true, detail: {state}}));
  }
}

export function tick(root = document) {
  const now = Math.floor(Date.now() / 1000) + ahead;
  let soon = false;
  for (const chip of root.querySelectorAll(".chip[data-chip]")) {
    show(chip, now);
    soon ||= Number(chip.dataset.left) - (now - Number(chip.dataset.at)) < SOON;
  }
  return soon;
}

export function run() {
  clearTimeout(timer);
  const soon = tick();
  timer = setTimeout(run, soon ? 1000 : 60_000 - (Date.now() % 60_000));
}

export function agree(serverSeconds) {
  ahead = serverSeconds - Math.floor(Date.now() / 1000);
}
