// The board: choosing, previews, keys, several at once, and news that never moves a row.
import {agree, run} from "gridcity/clock.js";
import {bind, on, say, toggle} from "gridcity/keys.js";
import "gridcity/draft.js";
import "gridcity/live.js";
import {word} from "gridcity/words.js";

const queue = document.getElementById("queue");
const preview = document.getElementById("preview");
const bulk = document.getElementById("bulk");
const results = document.getElementById("results");
const atOnce = document.getElementById("at-once");
const fresh = document.getElementById("fresh");
const stale = document.getElementById("bar-stale");
const keys = document.getElementById("keys");
const photos = document.getElementById("photos");
const narrow = matchMedia("(max-width: 1000px)");

const KEPT_MS = 20_000;
const SKELETON_MS = 300;
const WAIT_MS = 10_000;
const kept = new Map();
let current = null;
let wanted = 0;
let waiting = null;
let updated = Date.now();

const rows = () => [...queue.querySelectorAll(".queue-row:not(.gone)")];
const rowOf = (number) => queue.querySelector(`.queue-row[data-row="${CSS.escape(number)}"]`);
const linkOf = (row) => row.querySelector(".row-first a");
// In the city's zone, wherever the page is read.
const clockFace = new Intl.DateTimeFormat("en-GB", {
  timeStyle: "medium", timeZone: queue.dataset.zone || undefined,
});
const time = (at) => clockFace.format(at);

async function ask(url, options = {}) {
  const answer = await fetch(url, {
    headers: {"HX-Request": "true", ...options.headers}, signal: AbortSignal.timeout(WAIT_MS),
    ...options.rest,
  });
  if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
  return answer.text();
}

// --- the address -----------------------------------------------------------------------------

function remember() {
  const address = new URL(location.href);
  if (address.pathname !== bulk.dataset.home) address.pathname = bulk.dataset.home;
  const picked = ticked().map((box) => box.value.split(":")[0]);
  for (const [name, value] of [["case", current ?? ""], ["pick", picked.join(",")]]) {
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  history.replaceState(history.state, "", address);
}

// --- one case --------------------------------------------------------------------------------

function fetchPreview(row) {
  const number = row.dataset.row;
  const found = kept.get(number);
  if (found && Date.now() - found.at < KEPT_MS) return found.text;
  const text = ask(linkOf(row).href);
  kept.set(number, {at: Date.now(), text});
  text.catch(() => kept.delete(number));
  return text;
}

function fill(html) {
  preview.innerHTML = html;
  preview.scrollTop = 0;
  window.htmx?.process(preview);
  // Maps, drafts and words are brought up as after any swap of htmx.
  preview.dispatchEvent(new CustomEvent("htmx:afterSettle", {bubbles: true, detail: {elt: preview}}));
  load();
}

function skeleton() {
  const lines = [60, 100, 40, 90, 90, 70].map((share) => {
    const line = document.createElement("div");
    line.className = "skeleton";
    line.style.width = `${share}%`;
    line.style.height = share === 100 ? "260px" : "20px";
    return line;
  });
  preview.replaceChildren(...lines);
}

function trouble(row) {
  const box = document.createElement("div");
  box.className = "notice error";
  box.setAttribute("role", "alert");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = word("board_retry");
  button.addEventListener("click", () => choose(row));
  box.append(word("board_failed"), " ", button);
  preview.replaceChildren(box);
}

async function choose(row, {focus = false} = {}) {
  if (!row) return;
  const number = row.dataset.row;
  mark(row);
  if (focus) row.focus({preventScroll: true});
  row.scrollIntoView({block: "nearest"});
  const mine = ++wanted;
  clearTimeout(waiting);
  waiting = setTimeout(skeleton, SKELETON_MS);
  try {
    const html = await fetchPreview(row);
    if (mine !== wanted) return;
    fill(html);
  } catch {
    if (mine === wanted) trouble(row);
  } finally {
    if (mine === wanted) clearTimeout(waiting);
  }
  kept.delete(number);
  const following = next(row, 1);
  if (following) fetchPreview(following).catch(() => {});
}

function mark(row) {
  for (const other of queue.querySelectorAll(".queue-row.current")) {
    other.classList.remove("current");
    linkOf(other).removeAttribute("aria-current");
  }
  current = row?.dataset.row ?? null;
  row?.classList.add("current");
  if (row) linkOf(row).setAttribute("aria-current", "true");
  remember();
}

function next(row, step) {
  const all = rows();
  return all[all.indexOf(row) + step];
}

function go(step) {
  const row = current && rowOf(current);
  const target = row && !row.classList.contains("gone") ? next(row, step) : rows()[0];
  if (narrow.matches) target?.focus();
  else choose(target, {focus: true});
}

preview.addEventListener("click", (event) => {
  if (event.target.closest("[data-aside]")) putAside();
  else if (event.target.matches(".shot img")) openPhotos();
});

// How much the unit that is chosen has to do, and when it would have to be done with it.
function load() {
  const tool = preview.querySelector("[data-aside]");
  if (tool) tool.hidden = !(current && rowOf(current));
  const told = preview.querySelector("[data-load]");
  const data = document.getElementById("board-loads");
  if (!told || !data) return;
  const loads = JSON.parse(data.textContent);
  const unit = preview.querySelector(".move-form select[name=unit]")?.value;
  const [open, overdue, due] = loads[unit] ?? [0, 0, ""];
  const dueWith = preview.querySelector("[data-due-with]");
  if (dueWith) dueWith.textContent = due || "–";
  told.textContent = unit ? word("board_load", {open, overdue}) : "–";
}
preview.addEventListener("change", (event) => {
  if (event.target.name === "unit") load();
});

queue.addEventListener("click", (event) => {
  const more = event.target.closest("[data-more]");
  if (more) {
    event.preventDefault();
    append(more);
    return;
  }
  const row = event.target.closest(".queue-row");
  if (!row || event.target.closest(".tick") || event.ctrlKey || event.metaKey) return;
  if (narrow.matches) {
    if (!event.target.closest("a")) linkOf(row).click();
    return;
  }
  event.preventDefault();
  choose(row, {focus: true});
});

async function append(more) {
  more.setAttribute("aria-busy", "true");
  try {
    const page = parse(await ask(more.href));
    const first = page.querySelector(".queue-row")?.dataset.row;
    more.replaceWith(...page.children);
    run();
    if (first) rowOf(first)?.focus();
  } catch {
    more.removeAttribute("aria-busy");
    say(word("went_wrong"));
  }
}

function parse(html) {
  const page = document.createElement("template");
  page.innerHTML = html;
  return page.content.querySelector(".list");
}

// --- after a move ----------------------------------------------------------------------------

function leave(numbers) {
  const stay = current && numbers.includes(current) ? next(rowOf(current), 1) : null;
  for (const number of numbers) {
    kept.delete(number);
    rowOf(number)?.remove();
  }
  for (const group of queue.querySelectorAll("ul.queue-rows:empty")) {
    if (group.previousElementSibling?.matches(".group")) group.previousElementSibling.remove();
    group.remove();
  }
  return stay ?? rows()[0];
}

document.addEventListener("board:moved", (event) => {
  const {number, words} = event.detail;
  say(words);
  toast(words);
  if (!rowOf(number)) return;
  const following = leave([number]);
  if (narrow.matches) location.assign(bulk.dataset.home);
  else if (following) choose(following, {focus: true});
  else mark(null);
  pick();
  refresh();
});

function toast(words, undo = null) {
  const box = document.createElement("div");
  box.className = "board-toast";
  box.append(words);
  if (undo) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = word("board_undo");
    button.addEventListener("click", () => {
      box.remove();
      undo();
    });
    box.append(button);
  }
  document.querySelector(".board-toast")?.remove();
  document.body.append(box);
  setTimeout(() => box.remove(), undo ? 10_000 : 4_000);
}

// --- several at once -------------------------------------------------------------------------

function ticked() {
  return [...queue.querySelectorAll(".tick input:checked")];
}

function pick() {
  const boxes = ticked();
  for (const row of queue.querySelectorAll(".queue-row")) {
    row.classList.toggle("picked", row.querySelector(".tick input").checked);
  }
  if (atOnce) {
    atOnce.hidden = boxes.length === 0;
    const stages = new Set(boxes.map((box) => box.closest(".queue-row").dataset.stage));
    let first = true;
    for (const button of atOnce.querySelectorAll("[data-stages]")) {
      const from = button.dataset.stages.split(" ");
      button.hidden = ![...stages].every((stage) => from.includes(stage));
      button.classList.toggle("primary", !button.hidden && first);
      button.querySelector("kbd")?.toggleAttribute("hidden", !first);
      first &&= button.hidden;
    }
    const offered = [...atOnce.querySelectorAll("[data-stages]:not([hidden])")];
    atOnce.querySelector("[name=unit]")?.toggleAttribute(
      "hidden", !offered.some((button) => button.value === "dispatch"));
    atOnce.querySelector("[name=reason]").hidden = !offered.some((b) => "reason" in b.dataset);
    document.getElementById("picked").textContent = word("board_picked", {number: boxes.length});
  }
  remember();
}
queue.addEventListener("change", (event) => event.target.closest(".tick") && pick());
document.getElementById("unpick")?.addEventListener("click", () => {
  for (const box of ticked()) box.checked = false;
  for (const row of queue.querySelectorAll(".refused")) row.classList.remove("refused");
  results.replaceChildren();
  pick();
});

bulk.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.submitter;
  const reason = atOnce.querySelector("[name=reason]");
  if ("reason" in button.dataset && !reason.value.trim()) {
    reason.focus();
    return;
  }
  const body = new FormData(bulk, button);
  const buttons = [...atOnce.querySelectorAll("button")];
  for (const each of buttons) each.disabled = true;
  button.classList.add("busy");
  say(word("board_moving", {number: ticked().length}));
  try {
    const html = await ask(bulk.action, {rest: {method: "POST", body, signal: AbortSignal.timeout(60_000)}});
    results.innerHTML = html;
    const done = [...results.querySelectorAll("[data-done]")].map((li) => li.dataset.number);
    const following = leave(done);
    for (const row of queue.querySelectorAll(".queue-row.picked")) row.classList.add("refused");
    if (done.includes(current) && !narrow.matches) choose(following);
    reason.value = "";
    await refresh();
    say(results.textContent.trim());
  } catch (error) {
    say(word(error.message === "401" ? "signed_out" : "offline"));
    toast(word("offline"));
  } finally {
    for (const each of buttons) each.disabled = false;
    button.classList.remove("busy");
    pick();
  }
});

// --- news ------------------------------------------------------------------------------------

let news = null;
let asking = false;
let again = false;

function count(list) {
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
async function refresh() {
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
    for (const part of [".row-words", ".row-end"]) {
      row.querySelector(part).replaceWith(other.querySelector(part).cloneNode(true));
    }
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

function show(list) {
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

async function newest() {
  try {
    show(news ?? parse(await ask(queue.dataset.url)));
    rows()[0]?.scrollIntoView({block: "nearest"});
  } catch {
    down();
  }
}
fresh.addEventListener("click", newest);

function down() {
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

// --- set aside -------------------------------------------------------------------------------

const ASIDE = "gridcity.aside";
const aside = () => JSON.parse(sessionStorage.getItem(ASIDE) ?? "[]");

function setAside() {
  for (const number of aside()) {
    const row = rowOf(number);
    if (!row) continue;
    row.classList.add("aside");
    row.closest("ul").append(row);
  }
}

function putAside() {
  const row = current && rowOf(current);
  if (!row) return;
  const place = row.nextElementSibling;
  const list = row.closest("ul");
  const following = next(row, 1);
  sessionStorage.setItem(ASIDE, JSON.stringify([...new Set([...aside(), current])]));
  const number = current;
  row.classList.add("aside");
  list.append(row);
  if (following) choose(following, {focus: true});
  toast(word("board_aside", {number: number.slice(-4)}), () => {
    sessionStorage.setItem(ASIDE, JSON.stringify(aside().filter((each) => each !== number)));
    row.classList.remove("aside");
    list.insertBefore(row, place);
    choose(row, {focus: true});
  });
}

// --- keys ------------------------------------------------------------------------------------

function send() {
  const button = preview.querySelector(".move-form .send");
  if (button) button.click();
  else if (current && rowOf(current)) choose(rowOf(current));
  else go(1);
}

function openPhotos() {
  const shots = [...preview.querySelectorAll(".shot img")].map((image) => {
    const copy = image.cloneNode();
    copy.removeAttribute("loading");
    return copy;
  });
  if (!shots.length) return;
  photos.querySelector(".photos-all").replaceChildren(...shots);
  photos.showModal();
}

function form(...moves) {
  for (const move of moves) {
    const open = preview.querySelector(`.move-form input[name=move][value=${move}]`);
    if (open) return open.form;
    const link = preview.querySelector(`[data-move=${move}]`);
    if (link) {
      link.click();
      return null;
    }
  }
  return null;
}

function escape() {
  if (document.querySelector("dialog[open]")) {
    for (const each of document.querySelectorAll("dialog[open]")) each.close();
  } else if (document.activeElement?.matches("input, textarea, select")) {
    document.activeElement.blur();
    rowOf(current ?? "")?.focus();
  } else document.getElementById("unpick")?.click();
}

function openKeys() {
  document.getElementById("keys-on").checked = on();
  if (!keys.open) keys.showModal();
}

bind("j", () => go(1));
bind("k", () => go(-1));
bind("x", () => {
  const box = current && rowOf(current)?.querySelector(".tick input");
  if (!box || box.disabled || !atOnce) return;
  box.checked = !box.checked;
  pick();
});
bind("Enter", send);
bind("Shift+Enter", () => atOnce?.querySelector("[data-stages].primary:not([hidden])")?.click());
bind("u", () => {
  const unit = preview.querySelector(".move-form select[name=unit]");
  if (unit) unit.focus();
  else form("dispatch", "adjudicate");
});
bind("s", putAside);
bind("p", openPhotos);
bind("o", () => preview.querySelector("[data-open]")?.click());
bind("g", newest);
bind("a", () => form("close", "grant")?.querySelector(".send").click());
bind("d", () => form("send_back", "refuse", "rework", "hand_back", "dismiss"));
bind("?", openKeys);
bind("Escape", escape);
document.getElementById("keys-open").addEventListener("click", openKeys);
document.getElementById("keys-on").addEventListener("change", toggle);
for (const button of document.querySelectorAll("dialog [data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}

// --- the beginning ---------------------------------------------------------------------------

const filters = document.getElementById("filters");
filters.addEventListener("change", (event) => event.target.matches("select") && filters.requestSubmit());
// Empty filters are no part of an address.
filters.addEventListener("submit", () => {
  for (const field of filters.elements) field.disabled = field.name && !field.value;
});
addEventListener("pageshow", () => {
  for (const field of filters.elements) field.disabled = false;
});
filters.querySelector(".go").classList.add("unseen");

async function begin() {
  const list = queue.querySelector(".list");
  current = preview.querySelector("[data-preview]")?.dataset.preview ?? null;
  if ("unasked" in list.dataset) {
    if (narrow.matches) return;
    try {
      const asked = parse(await ask(queue.dataset.url));
      count(asked);
      agree(Number(asked.dataset.now));
      show(asked);
    } catch {
      down();
    }
  } else {
    count(list);
    agree(Number(list.dataset.now));
    setAside();
  }
  pick();
  load();
  if (current || narrow.matches) return;
  const chosen = new URL(location.href).searchParams.get("case");
  choose((chosen && rowOf(chosen)) || rows()[0]);
}
begin();
