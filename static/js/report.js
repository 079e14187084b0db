// The report form: photos are sent while the rest is filled in, place and category are chosen by
// words, and what was typed outlives a session that ends or a tab that is closed.
import {caseMap} from "gridcity/map.js";
import {say} from "gridcity/keys.js";
import {all, ask, Choose, field, form, one, trouble} from "gridcity/report_choose.js";
import {word} from "gridcity/words.js";

const KEEP_HOURS = 12;
const STORE = "gridcity.report.";
// Who told of it is kept in this tab only, the rest on this device.
const PERSONAL = ["name", "phone"];

// --- place ---------------------------------------------------------------------------------------

function where() {
  const {value: longitude} = field("longitude");
  const {value: latitude} = field("latitude");
  return longitude && latitude ? {longitude, latitude} : null;
}

async function placed({lon, lat, component = "", quiet = false}) {
  field("longitude").value = Number(lon).toFixed(6);
  field("latitude").value = Number(lat).toFixed(6);
  field("component").value = component;
  one("[data-kept-place]")?.remove();
  mistakeGone("place");
  marks();
  keep();
  try {
    const [words, usual] = await Promise.all([
      ask(form.dataset.here, where()), ask(form.dataset.categories, where()),
    ]);
    one("[data-here-words]").innerHTML = words;
    one("[data-usual]").innerHTML = usual;
    if (!quiet) say(one("[data-here-words] b")?.textContent ?? "");
  } catch (error) {
    trouble(error);
  }
  looksLike();
}

function look(lon, lat) {
  one(".map").dispatchEvent(new CustomEvent("map:go", {detail: {lon, lat, zoom: 18}}));
}

function locate(asked) {
  const note = one("[data-accuracy]");
  if (!navigator.geolocation) {
    if (asked) note.textContent = word("report_no_position");
    return;
  }
  note.textContent = word("report_locating");
  navigator.geolocation.getCurrentPosition(({coords}) => {
    const {longitude: lon, latitude: lat, accuracy} = coords;
    field("position").value = `${lon.toFixed(6)},${lat.toFixed(6)}`;
    field("accuracy").value = Math.round(accuracy);
    note.textContent = word("report_located", {metres: Math.round(accuracy)});
    // A place chosen by hand is not taken away by a device that answers late.
    if (asked || !where() || one("[data-kept-place]")) {
      look(lon, lat);
      placed({lon, lat, quiet: !asked});
    }
  }, () => {
    note.textContent = asked ? word("report_no_position") : "";
  }, {enableHighAccuracy: true, timeout: 10000, maximumAge: 30000});
}

// --- category ------------------------------------------------------------------------------------

async function categorised(code, name, {condition = ""} = {}) {
  field("category").value = code;
  const chosen = one("[data-chosen]");
  chosen.hidden = !code;
  one("b", chosen).textContent = name ?? "";
  for (const tile of all("[data-usual] [data-category]")) {
    tile.setAttribute("aria-pressed", String(tile.dataset.category === code));
  }
  mistakeGone("category");
  marks();
  try {
    one("[data-conditions-list]").innerHTML = code
      ? await ask(form.dataset.conditions, {category: code}) : "";
    const kept = condition && one(`[name=condition][value="${CSS.escape(condition)}"]`);
    if (kept) kept.checked = true;
  } catch (error) {
    trouble(error);
  }
  selfHandled();
  keep();
  looksLike();
}

async function looksLike() {
  const list = one("[data-similar-list]");
  const category = field("category").value;
  if (!category || !where()) {
    list.replaceChildren();
    return;
  }
  try {
    list.innerHTML = await ask(form.dataset.similar, {category, ...where()});
  } catch (error) {
    trouble(error);
  }
}

function selfHandled() {
  const box = one("[data-self-handle]");
  if (!box) return;
  one("[data-after]").hidden = !box.checked;
  const note = one("[data-condition-note]");
  if (note) note.hidden = box.checked;
}

// --- photos --------------------------------------------------------------------------------------

const sending = new Set();

function shot(list, {id = "", picture}) {
  const item = document.createElement("li");
  item.className = "shot-item";
  const image = document.createElement("img");
  Object.assign(image, {src: picture, alt: "", width: 160, height: 120});
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.setAttribute("aria-label", word("report_sending", {name: "", percent: ""}));
  const named = document.createElement("input");
  Object.assign(named, {type: "hidden", name: list.dataset.shots, value: id, disabled: !id});
  const remove = document.createElement("button");
  Object.assign(remove, {type: "button", className: "shot-remove", textContent: "×"});
  remove.dataset.remove = "";
  remove.setAttribute("aria-label", word("report_remove"));
  item.append(image, named, remove);
  if (!id) item.append(bar);
  one(".shot-add", list).before(item);
  return {item, bar, named};
}

function send(file, list) {
  const {item, bar, named} = shot(list, {picture: URL.createObjectURL(file)});
  const body = new FormData();
  body.append("file", file);
  body.append("key", crypto.randomUUID());
  const request = new XMLHttpRequest();
  item.sent = () => request.abort();
  const said = one("[data-said]");
  const done = () => {
    sending.delete(item);
    waiting();
  };
  const failed = (why) => {
    done();
    bar.remove();
    item.classList.add("failed");
    said.textContent = word("report_failed", {name: file.name, why});
    const again = document.createElement("button");
    Object.assign(again, {type: "button", className: "shot-again", textContent: word("report_retry")});
    again.addEventListener("click", () => {
      item.remove();
      send(file, list);
    });
    item.append(again);
  };
  request.upload.addEventListener("progress", ({loaded, total}) => {
    bar.value = loaded / total * 100;
  });
  request.addEventListener("error", () => failed(word("offline")));
  request.addEventListener("load", () => {
    let answer = {};
    try {
      answer = JSON.parse(request.responseText);
    } catch { /* no answer of ours: the status says it */ }
    if (request.status !== 200) {
      failed(answer.error ?? word(request.status === 401 ? "signed_out" : "went_wrong"));
      return;
    }
    done();
    bar.remove();
    named.value = answer.id;
    named.disabled = false;
    said.textContent = word("report_sent_photo", {name: file.name});
    mistakeGone("evidence");
    marks();
    keep();
    if (answer.position && (!where() || one("[data-kept-place]"))) {
      const [lon, lat] = answer.position;
      look(lon, lat);
      placed({lon, lat, quiet: true});
      one("[data-accuracy]").textContent = word("report_photo_place");
    }
  });
  request.open("POST", form.dataset.upload);
  request.setRequestHeader("X-CSRFToken", field("csrfmiddlewaretoken").value);
  request.setRequestHeader("HX-Request", "true");
  sending.add(item);
  waiting();
  request.send(body);
}

function waiting() {
  const line = one("[data-wait]");
  line.hidden = !sending.size;
  line.textContent = sending.size ? word("report_waits", {count: sending.size}) : "";
  if (!sending.size && form.dataset.sendWhenReady) form.requestSubmit();
}

// --- what is done, what is wrong -----------------------------------------------------------------

function marks() {
  const done = {
    evidence: all('[name="evidence"]:not(:disabled)').length > 0,
    place: Boolean(where()),
    category: Boolean(field("category").value),
    description: Boolean(field("description").value.trim()),
  };
  for (const mark of all("[data-mark]")) {
    mark.dataset.step ??= mark.textContent;
    const isDone = done[mark.dataset.mark];
    mark.classList.toggle("done", isDone);
    mark.textContent = isDone ? "✓" : mark.dataset.step;
  }
}

function mistakeGone(part) {
  const line = document.getElementById(`${part}-error`);
  if (line) line.hidden = true;
  one(`#part-${part} [aria-invalid]`)?.removeAttribute("aria-invalid");
}

// --- the draft -----------------------------------------------------------------------------------

const name = () => STORE + form.dataset.report;

function keep() {
  const values = {at: Date.now(), fields: {}, photos: {}};
  for (const key of ["key", "longitude", "latitude", "component", "category", "description"]) {
    values.fields[key] = field(key).value;
  }
  values.fields.source = one("[name=source]:checked")?.value ?? "";
  values.fields.condition = one("[name=condition]:checked")?.value ?? "";
  values.fields.move = one("[data-self-handle]")?.checked ? "self_handle" : "";
  values.called = one("[data-chosen] b").textContent;
  for (const list of ["evidence", "after"]) {
    values.photos[list] = all(`[name="${list}"]:not(:disabled)`).map((input) => input.value);
  }
  const worth = values.fields.category || values.fields.description.trim()
    || values.photos.evidence.length;
  if (!worth) return;
  localStorage.setItem(name(), JSON.stringify(values));
  const personal = Object.fromEntries(PERSONAL.map((key) => [key, field(key)?.value ?? ""]));
  sessionStorage.setItem(name(), JSON.stringify(personal));
}

function forget(key) {
  localStorage.removeItem(key);
  sessionStorage.removeItem(key);
}

function read(store) {
  try {
    return JSON.parse(store.getItem(name()));
  } catch {
    return null;
  }
}

function restore() {
  const kept = read(localStorage);
  if (!kept || Date.now() - kept.at > KEEP_HOURS * 3600_000) return false;
  const {fields, photos, called} = kept;
  for (const key of ["key", "longitude", "latitude", "component", "description"]) {
    if (fields[key]) field(key).value = fields[key];
  }
  const source = one(`[name=source][value="${CSS.escape(fields.source ?? "")}"]`);
  if (source) source.checked = true;
  const box = one("[data-self-handle]");
  if (box) box.checked = fields.move === "self_handle";
  for (const [key, value] of Object.entries(read(sessionStorage) ?? {})) {
    if (field(key)) field(key).value = value;
  }
  for (const [list, ids] of Object.entries(photos)) {
    const place = one(`[data-shots="${list}"]`);
    for (const id of place ? ids : []) {
      const {item} = shot(place, {id, picture: `/api/evidence/${id}/thumbnail/`});
      // A photo that nobody named for a day is swept; it is no part of the draft then.
      one("img", item).addEventListener("error", () => item.remove());
    }
  }
  if (where()) {
    look(fields.longitude, fields.latitude);
    placed({lon: fields.longitude, lat: fields.latitude, component: fields.component, quiet: true});
  }
  if (fields.category) categorised(fields.category, called, fields);
  document.getElementById("report-kept").hidden = false;
  return true;
}

// --- all together --------------------------------------------------------------------------------

function begin() {
  caseMap(one(".map"));
  new Choose(one('[data-choose="places"]'), {
    address: form.dataset.places,
    more: () => ({}),
    chosen: ({lon, lat, name: called, component, category, categoryName}) => {
      one("#id_place").value = called;
      look(lon, lat);
      placed({lon, lat, component});
      if (category) categorised(category, categoryName);
      one("#id_category").focus();
    },
  });
  const categories = new Choose(one('[data-choose="categories"]'), {
    address: form.dataset.categories,
    more: () => where() ?? {},
    chosen: ({category, name: called}) => {
      one("#id_category").value = "";
      categorised(category, called);
      one("#id_description").focus();
    },
  });
  one("[data-all]").addEventListener("click", () => {
    categories.input.focus();
    categories.now({all: 1});
  });
  one("[data-unchoose]").addEventListener("click", () => {
    categorised("", "");
    categories.input.focus();
  });
  form.addEventListener("click", (event) => {
    const tile = event.target.closest("[data-usual] [data-category]");
    if (tile) categorised(tile.dataset.category, tile.dataset.name);
    const remove = event.target.closest("[data-remove]");
    if (!remove) return;
    const item = remove.closest("li");
    item.sent?.();
    sending.delete(item);
    item.remove();
    waiting();
    marks();
    keep();
  });
  for (const input of all("[data-add]")) {
    input.addEventListener("change", () => {
      const list = input.closest(".shots");
      for (const file of input.files) send(file, list);
      input.value = "";
    });
  }
  one("[data-self-handle]")?.addEventListener("change", selfHandled);
  one("[data-locate]").addEventListener("click", () => locate(true));
  form.addEventListener("map:picked", ({detail}) => placed(detail));
  for (const key of ["longitude", "latitude"]) {
    field(key).addEventListener("change", () => {
      if (!where()) return;
      const {longitude: lon, latitude: lat} = where();
      look(lon, lat);
      placed({lon, lat});
    });
  }
  form.addEventListener("input", () => {
    marks();
    keep();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey) {
      event.preventDefault();
      one("[data-send]").click();
    } else if (event.key === "Enter" && event.target.matches("input:not([type=search])")) {
      // Enter in a field goes on; only the button, or Ctrl and Enter, sends.
      event.preventDefault();
    }
  });
  form.addEventListener("submit", submitted);
  document.querySelector("[data-forget]").addEventListener("click", () => {
    forget(name());
    location.href = form.getAttribute("action");
  });
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  document.querySelector("[data-errors]")?.focus();
  const again = !("refused" in form.dataset) && restore();
  marks();
  selfHandled();
  if ("patrol" in form.dataset) locate(false);
  else if (!again && !form.dataset.refused) one("#id_place").focus();
}

let gone = false;

function submitted(event) {
  if (gone) {
    event.preventDefault();
    return;
  }
  keep();
  if (sending.size) {
    // Sent by itself as soon as the last photo is in.
    event.preventDefault();
    form.dataset.sendWhenReady = "yes";
    return;
  }
  gone = true;
  one("[data-send]").classList.add("busy");
}

if (form) begin();
const sent = document.querySelector("[data-sent]");
if (sent) forget(STORE + sent.dataset.sent);
