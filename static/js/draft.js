// What somebody types outlives a session that ends: forms with data-draft are kept in this tab's
// storage until what they are for is done. Files and secrets are never kept.
import {word} from "gridcity/words.js";

const STORE = "gridcity.draft.";
const KEPT = "textarea[name], select[name], input[name]";
const NEVER = new Set(["hidden", "password", "file", "submit", "button"]);

const keyOf = (form) => STORE + form.dataset.draft;
const fieldsOf = (form) => [...form.querySelectorAll(KEPT)].filter((f) => !NEVER.has(f.type));

function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

function valueOf(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked;
  return field.multiple ? [...field.selectedOptions].map((o) => o.value) : field.value;
}

function put(field, value) {
  if (field.type === "checkbox" || field.type === "radio") field.checked = value;
  else if (field.multiple) {
    for (const option of field.options) option.selected = value.includes(option.value);
  } else field.value = value;
}

// The place of a field among those of its name: radio buttons share one.
function place(form, field) {
  const same = fieldsOf(form).filter((other) => other.name === field.name);
  return `${field.name}/${same.indexOf(field)}`;
}

export function keep(form, sent = false) {
  const values = Object.fromEntries(fieldsOf(form).map((f) => [place(form, f), valueOf(f)]));
  const draft = {values, version: form.dataset.version ?? "", sent};
  sessionStorage.setItem(keyOf(form), JSON.stringify(draft));
}

export function drop(form) {
  sessionStorage.removeItem(keyOf(form));
}

function differs(form, values) {
  return fieldsOf(form).some((f) => {
    const value = values[place(form, f)];
    return value !== undefined && JSON.stringify(value) !== JSON.stringify(valueOf(f));
  });
}

function note(form) {
  const words = document.createElement("p");
  words.className = "notice draft-note";
  words.setAttribute("role", "status");
  const said = document.createElement("span");
  said.textContent = word("draft_restored");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet";
  button.textContent = word("draft_discard");
  button.addEventListener("click", () => {
    form.reset();
    drop(form);
    words.remove();
  });
  words.append(said, button);
  form.prepend(words);
}

function restore(form) {
  const draft = read(keyOf(form));
  if (!draft) return;
  // Sent, and the case has gone on since without a word of refusal: it was done.
  if (draft.sent && draft.version !== (form.dataset.version ?? "") && !("refused" in form.dataset)) {
    drop(form);
    return;
  }
  if ("refused" in form.dataset || !differs(form, draft.values)) return;
  for (const field of fieldsOf(form)) {
    const value = draft.values[place(form, field)];
    if (value !== undefined) put(field, value);
  }
  note(form);
}

const signedIn = document.body.hasAttribute("hx-headers");

// Drafts whose form is nowhere on a page that follows sending were done.
function sweep() {
  if (!signedIn) return;
  const here = new Set([...document.querySelectorAll("form[data-draft]")].map(keyOf));
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(STORE) && !here.has(key) && read(key)?.sent) sessionStorage.removeItem(key);
  }
}

export function watch(root = document) {
  for (const form of root.querySelectorAll("form[data-draft]:not([data-drafted])")) {
    form.dataset.drafted = "";
    restore(form);
  }
}

function changed(event) {
  const form = event.target.closest?.("form[data-draft]");
  if (form && !NEVER.has(event.target.type)) keep(form);
}

// A link to sign in again beside the form whose sending was answered with 401.
function signInBeside(form) {
  if (form.querySelector(".draft-sign-in")) return;
  const words = document.createElement("p");
  words.className = "notice warning draft-note draft-sign-in";
  words.setAttribute("role", "alert");
  const link = document.createElement("a");
  link.className = "button";
  const move = form.querySelector("input[name=move]")?.value;
  const back = move ? `${form.getAttribute("action")}?move=${move}` : location.pathname;
  link.href = `/?next=${encodeURIComponent(back)}`;
  link.textContent = word("draft_sign_in");
  const said = document.createElement("span");
  said.textContent = word("signed_out");
  words.append(said, link);
  form.prepend(words);
}

document.addEventListener("input", changed);
document.addEventListener("change", changed);
document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-draft]")) keep(event.target, true);
  // Who signs out on purpose leaves nothing behind for the next one at this desk.
  if (event.target.action?.endsWith("/leave/")) {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(STORE)) sessionStorage.removeItem(key);
    }
  }
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches?.("form[data-draft]")) keep(event.target, true);
});
document.addEventListener("htmx:responseError", (event) => {
  const form = event.target.closest?.("form[data-draft]");
  if (!form) return;
  keep(form);
  if (event.detail.xhr.status === 401) signInBeside(form);
});
document.addEventListener("htmx:afterSettle", (event) => {
  watch();
  // A move that was made may be offered no more: its form does not come back with the answer.
  if (event.detail.requestConfig?.elt?.matches?.("form[data-draft]")) sweep();
});
watch();
sweep();
