// What moves elsewhere, as it moves: <body data-live="/live/"> opens one stream of server-sent
// events and dispatches `gridcity:stale` with {names, numbers} on the document. Where the stream
// drops, everything is called stale every 15 s until it is back. `gridcity:live` says which holds.
const POLL_MS = 15_000;
// A stream says something at least every 15 s; one that is silent for longer is dead.
const SILENT_MS = 40_000;
const AGAIN_MS = 5_000;

let source = null;
let polling = null;
let watching = null;

function tell(name, detail) {
  document.dispatchEvent(new CustomEvent(name, {detail}));
}

function poll() {
  tell("gridcity:stale", {names: ["*"], numbers: []});
}

function down() {
  source?.close();
  source = null;
  clearTimeout(watching);
  tell("gridcity:live", {live: false});
  if (!polling) {
    polling = setInterval(poll, POLL_MS);
    poll();
  }
  setTimeout(open, AGAIN_MS);
}

function heard() {
  clearTimeout(watching);
  watching = setTimeout(down, SILENT_MS);
}

function open() {
  if (source || document.hidden) return;
  source = new EventSource(document.body.dataset.live);
  heard();
  source.addEventListener("hello", () => {
    heard();
    clearInterval(polling);
    polling = null;
    tell("gridcity:live", {live: true});
    // Whatever moved between the page, or the last stream, and this one was not heard of.
    poll();
  });
  source.addEventListener("beat", () => {
    heard();
    tell("gridcity:live", {live: true});
  });
  source.addEventListener("stale", (event) => {
    heard();
    tell("gridcity:stale", JSON.parse(event.data));
  });
  source.addEventListener("error", down);
}

if (document.body?.dataset.live) {
  open();
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && !source) open();
  });
  addEventListener("pagehide", () => source?.close());
}
