// The board: keys, several at once, and what happens after a move. board_queue.js has the queue and
// the preview, board_news.js what moves elsewhere.
import {agree, run} from "gridcity/clock.js";
import {bind, on, say, toggle} from "gridcity/keys.js";
import "gridcity/draft.js";
import "gridcity/live.js";
import {count, down, newest, refresh, show} from "gridcity/board_news.js";
import {
  ask, atOnce, begun, bulk, choose, current, go, leave, load, mark, narrow, linkOf, parse, pick,
  preview, putAside, queue, rowOf, rows, setAside, ticked, toast,
} from "gridcity/board_queue.js";
import {word} from "gridcity/words.js";

const results = document.getElementById("results");
const keys = document.getElementById("keys");
const photos = document.getElementById("photos");

// --- the pointer ---------------------------------------------------------------------------------

preview.addEventListener("click", (event) => {
  if (event.target.closest("[data-aside]")) putAside();
  else if (event.target.matches(".shot img")) openPhotos();
});

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

// --- after a move --------------------------------------------------------------------------------

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

// --- several at once -----------------------------------------------------------------------------

queue.addEventListener("change", (event) => {
  if (!event.target.closest(".tick")) return;
  reasonMissing(false);
  pick();
});
document.getElementById("unpick")?.addEventListener("click", () => {
  for (const box of ticked()) box.checked = false;
  for (const row of queue.querySelectorAll(".refused")) row.classList.remove("refused");
  results.replaceChildren();
  pick();
});

function reasonMissing(missing) {
  const field = atOnce.querySelector("[name=reason]");
  atOnce.querySelector("#reason-missing").hidden = !missing;
  field.ariaInvalid = missing ? "true" : null;
  if (missing) field.focus();
}
atOnce?.addEventListener("input", (event) => event.target.name === "reason" && reasonMissing(false));

bulk.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.submitter;
  const reason = atOnce.querySelector("[name=reason]");
  reasonMissing("reason" in button.dataset && !reason.value.trim());
  if (reason.ariaInvalid) return;
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
  begun(preview.querySelector("[data-preview]")?.dataset.preview ?? null);
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
