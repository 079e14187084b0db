// What moves elsewhere, as it moves. A page with <body data-live="/live/"> opens one stream of
// server-sent events and dispatches `gridcity:stale` with {names, numbers} on the document, every
// other page with a bell the stream of its notices alone; both `gridcity:notice` with {unread}.
// Where the stream drops, everything is called stale every 15 s until it is back, and
// `gridcity:polled` asks the bell to look. `gridcity:live` says which holds. A page that nobody
// sees lets its stream go after a while: a browser has few of them for all its pages together.
const POLL_MS = 15_000;
// A stream says something at least every 15 s; one that is silent for longer is dead.
const SILENT_MS = 40_000;
const AGAIN_MS = 5_000;
const HIDDEN_MS = 60_000;

const moves = document.body?.dataset.live;
const address = moves ?? document.querySelector("[data-bell]")?.dataset.live;
let source = null;
let polling = null;
let watching = null;
let hiding = null;
let trying = null;

function tell(name, detail) {
  document.dispatchEvent(new CustomEvent(name, {detail}));
}

function stale() {
  if (moves) tell("gridcity:stale", {names: ["*"], numbers: []});
}

function poll() {
  stale();
  tell("gridcity:polled");
}

function close() {
  source?.close();
  source = null;
  clearTimeout(watching);
}

function down() {
  close();
  tell("gridcity:live", {live: false});
  if (!polling) {
    polling = setInterval(poll, POLL_MS);
    poll();
  }
  clearTimeout(trying);
  trying = setTimeout(open, AGAIN_MS);
}

function heard() {
  clearTimeout(watching);
  watching = setTimeout(down, SILENT_MS);
}

function open() {
  if (source || document.hidden) return;
  source = new EventSource(address);
  heard();
  source.addEventListener("hello", (event) => {
    heard();
    clearInterval(polling);
    polling = null;
    tell("gridcity:live", {live: true});
    tell("gridcity:notice", JSON.parse(event.data));
    // Whatever moved between the page, or the last stream, and this one was not heard of.
    stale();
  });
  source.addEventListener("beat", () => {
    heard();
    tell("gridcity:live", {live: true});
  });
  source.addEventListener("stale", (event) => {
    heard();
    tell("gridcity:stale", JSON.parse(event.data));
  });
  source.addEventListener("notice", (event) => {
    heard();
    tell("gridcity:notice", JSON.parse(event.data));
  });
  source.addEventListener("error", down);
}

function hidden() {
  // Asleep rather than down: nobody is told that the connection was lost.
  hiding = setTimeout(() => {
    close();
    clearInterval(polling);
    polling = null;
  }, HIDDEN_MS);
}

if (address) {
  open();
  // A browser knows at once what a silent stream would tell only after a while.
  addEventListener("offline", down);
  addEventListener("online", open);
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) hidden();
    else if (!source) open();
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && open());
}
