// Pages of scores: a figure opens its drawer beside the table, and the address says which.
import {bind} from "gridcity/keys.js";

const drawer = document.getElementById("drawer");
const body = document.getElementById("scores-body");
let opener = null;

// /scores/<kind>/<key>/<CODE>/?period=… is a figure by itself; "kind:key:CODE:period" names it.
function nameOf(url) {
  const [, kind, key, code] = url.pathname.match(/\/scores\/([^/]+)\/([^/]+)\/([A-Z_]+)\/$/) ?? [];
  return kind && [kind, key, code, url.searchParams.get("period") ?? ""].join(":");
}

function urlOf(name) {
  const [kind, key, code, period] = name.split(":");
  const path = `/scores/${[kind, key, code].map(encodeURIComponent).join("/")}/`;
  return `${path}?period=${encodeURIComponent(period ?? "")}`;
}

function mark() {
  const open = new URLSearchParams(location.search).get("open");
  for (const link of document.querySelectorAll("a.figure")) {
    const here = !drawer.contains(link) && nameOf(new URL(link.href)) === open;
    if (here) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

async function show(url, focus) {
  await htmx.ajax("GET", url, {target: drawer, swap: "innerHTML"});
  drawer.hidden = false;
  body.classList.add("with-drawer");
  mark();
  if (focus) drawer.querySelector("#drawer-title")?.focus();
}

function hide() {
  drawer.hidden = true;
  drawer.replaceChildren();
  body.classList.remove("with-drawer");
  mark();
}

function close() {
  if (drawer.hidden) return;
  const address = new URL(location.href);
  address.searchParams.delete("open");
  history.pushState(null, "", address);
  hide();
  if (opener?.isConnected) opener.focus();
}

function follow() {
  const open = new URLSearchParams(location.search).get("open");
  if (open) show(urlOf(open), false);
  else hide();
}

if (drawer) {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) return close();
    const link = event.target.closest("a.figure");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const name = nameOf(new URL(link.href));
    if (!name) return;
    event.preventDefault();
    if (!drawer.contains(link)) opener = link;
    const address = new URL(location.href);
    address.searchParams.set("open", name);
    history.pushState(null, "", address);
    show(link.href, true);
  });
  bind("Escape", close);
  addEventListener("popstate", follow);
  if (new URLSearchParams(location.search).has("open")) follow();
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => print());
}
