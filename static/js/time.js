// The outlook renews itself: some seconds after something moved, and each minute, since time alone
// moves a case from "within four hours" to "overdue". What somebody stands on comes back under them.
import "gridcity/live.js";
import {fetched, replace} from "gridcity/parts.js";

const SOON_MS = 3_000;
const EACH_MS = 60_000;
let soon = null;

async function renew() {
  soon = null;
  if (document.hidden) return;
  const page = await fetched(location.href).catch(() => null);
  if (!page) return;
  const here = document.activeElement?.getAttribute("href");
  replace(page, () => false);
  if (here && !document.activeElement?.getAttribute("href")) {
    document.querySelector(`[data-part] [href="${CSS.escape(here)}"]`)?.focus({preventScroll: true});
  }
}

document.addEventListener("gridcity:stale", () => {
  soon ??= setTimeout(renew, SOON_MS);
});
setInterval(renew, EACH_MS);
