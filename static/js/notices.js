// The list of notices: what has come since it was drawn waits above it for a click.
document.addEventListener("gridcity:unread", (event) => {
  const waiting = document.querySelector("[data-new]");
  if (event.detail.more && waiting) waiting.hidden = false;
});
