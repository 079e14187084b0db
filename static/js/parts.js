// Parts of a page, marked data-part, as the server has them now, put in the place of those shown.
export async function fetched(path) {
  const answer = await fetch(path);
  if (!answer.ok || answer.redirected) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// `stays(part)` says which are left alone; so does what they say they show (data-same), where it is
// the same. False where the page is built otherwise by now.
export function replace(page, stays) {
  const fresh = page.querySelectorAll("[data-part]");
  const shown = document.querySelectorAll("[data-part]");
  if (fresh.length !== shown.length) return false;
  shown.forEach((part, place) => {
    if (stays(part) || "same" in part.dataset && part.dataset.same === fresh[place].dataset.same) return;
    part.replaceWith(fresh[place]);
    window.htmx?.process(fresh[place]);
  });
  document.dispatchEvent(new CustomEvent("htmx:afterSettle", {bubbles: true, detail: {}}));
  return true;
}
