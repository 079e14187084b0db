// The queue and the case beside it: what is chosen, ticked, set aside, or gone.
import {run} from "gridcity/clock.js";
import {say} from "gridcity/keys.js";
import {word} from "gridcity/words.js";

export const queue = document.getElementById("queue");
export const preview = document.getElementById("preview");
export const bulk = document.getElementById("bulk");
export const atOnce = document.getElementById("at-once");
export const narrow = matchMedia("(max-width: 1000px)");

const KEPT_MS = 20_000;
const SKELETON_MS = 300;
const WAIT_MS = 10_000;
// Previews that were fetched lately or beforehand.
export const kept = new Map();
export let current = null;
let wanted = 0;
let waiting = null;

export const rows = () => [...queue.querySelectorAll(".queue-row:not(.gone)")];
export const rowOf = (number) => queue.querySelector(`.queue-row[data-row="${CSS.escape(number)}"]`);
export const linkOf = (row) => row.querySelector(".row-first a");

export async function ask(url, options = {}) {
  const answer = await fetch(url, {
    headers: {"HX-Request": "true", ...options.headers}, signal: AbortSignal.timeout(WAIT_MS),
    ...options.rest,
  });
  if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
  return answer.text();
}

// --- the address -----------------------------------------------------------------------------

export function remember() {
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

export async function choose(row, {focus = false} = {}) {
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

export function mark(row) {
  for (const other of queue.querySelectorAll(".queue-row.current")) {
    other.classList.remove("current");
    linkOf(other).removeAttribute("aria-current");
  }
  current = row?.dataset.row ?? null;
  row?.classList.add("current");
  if (row) linkOf(row).setAttribute("aria-current", "true");
  remember();
}

export function next(row, step) {
  const all = rows();
  return all[all.indexOf(row) + step];
}

export function go(step) {
  const row = current && rowOf(current);
  const target = row && !row.classList.contains("gone") ? next(row, step) : rows()[0];
  if (narrow.matches) target?.focus();
  else choose(target, {focus: true});
}

// How much the unit that is chosen has to do, and when it would have to be done with it.
export function load() {
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
// What was chosen when the page came.
export function begun(number) {
  current = number;
}

export function parse(html) {
  const page = document.createElement("template");
  page.innerHTML = html;
  return page.content.querySelector(".list");
}

// --- what went, what is told --------------------------------------------------------------------

export function leave(numbers) {
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

export function toast(words, undo = null) {
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

// --- what is ticked -----------------------------------------------------------------------------

export function ticked() {
  return [...queue.querySelectorAll(".tick input:checked")];
}

export function pick() {
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

// --- set aside -------------------------------------------------------------------------------

const ASIDE = "gridcity.aside";
const aside = () => JSON.parse(sessionStorage.getItem(ASIDE) ?? "[]");

export function setAside() {
  for (const number of aside()) {
    const row = rowOf(number);
    if (!row) continue;
    row.classList.add("aside");
    row.closest("ul").append(row);
  }
}

export function putAside() {
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
