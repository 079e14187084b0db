// Names and roles that the administration's libraries leave out; they build their fields late.

function put_right() {
  document.getElementById("main")?.setAttribute("role", "main");
  for (const tool of document.querySelectorAll("ul.object-tools > div")) {
    tool.setAttribute("role", "listitem");
  }
  for (const list of document.querySelectorAll("ul.select2-selection__rendered")) {
    for (const child of list.querySelectorAll(":scope > span")) {
      child.setAttribute("role", "listitem");
    }
  }
  // Boxes that scroll are all landmarks of one English name.
  for (const box of document.querySelectorAll('.simplebar-content-wrapper[role="region"]')) {
    const within = box.closest("#changelist-filter, nav, form") ?? document.body;
    const named = within.getAttribute("aria-label") || within.querySelector("h1, h2, h3, caption")?.textContent;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", named?.trim() || document.title);
  }
  const parts = ".select2-search__field, .select2-selection, .select2-selection__rendered[role=textbox]";
  const nameless = `:is(${parts}):not([aria-label])`;
  for (const field of document.querySelectorAll(nameless)) {
    const select = field.closest(".select2-container")?.previousElementSibling;
    const label = select?.labels?.[0]?.textContent.replace("*", "").trim();
    field.setAttribute("aria-label", label || document.title);
  }
}

document.addEventListener("DOMContentLoaded", () => {
  put_right();
  new MutationObserver(put_right).observe(document.body, { childList: true, subtree: true });
});
