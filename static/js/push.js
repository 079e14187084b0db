// Notices while no page is open: this browser is asked, and says to the server where it is reached.
import {word} from "gridcity/words.js";

const place = document.querySelector("[data-push]");
const state = place.querySelector("[data-push-state]");
const on = place.querySelector("[data-push-on]");
const off = place.querySelector("[data-push-off]");
const token = document.querySelector("[name=csrfmiddlewaretoken]").value;

function show(key, {may = false, has = false} = {}) {
  state.textContent = word(key);
  on.hidden = !may;
  off.hidden = !has;
}

function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function send(fields) {
  return fetch(place.dataset.push, {
    method: "POST",
    headers: {"X-CSRFToken": token},
    body: new URLSearchParams(fields),
  });
}

function registered() {
  return navigator.serviceWorker.register(place.dataset.worker, {scope: "/notices/"});
}

async function look() {
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) {
    show("push_none");
    return;
  }
  if (Notification.permission === "denied") {
    show("push_denied");
    return;
  }
  const known = await navigator.serviceWorker.getRegistration("/notices/");
  const has = Boolean(await known?.pushManager.getSubscription());
  show(has ? "push_on" : "push_off", {may: !has, has});
}

on.addEventListener("click", async () => {
  on.disabled = true;
  try {
    const allowed = await Notification.requestPermission();
    if (allowed === "granted") {
      const worker = await registered();
      const subscription = await worker.pushManager.subscribe({
        userVisibleOnly: true,
        applicationServerKey: bytes(place.dataset.key),
      });
      const {endpoint, keys} = subscription.toJSON();
      const answer = await send({endpoint, p256dh: keys.p256dh, auth: keys.auth});
      if (!answer.ok) {
        await subscription.unsubscribe();
        show("push_failed", {may: true});
        return;
      }
    }
    await look();
  } catch {
    show("push_failed", {may: true});
  } finally {
    on.disabled = false;
  }
});

off.addEventListener("click", async () => {
  const known = await navigator.serviceWorker.getRegistration("/notices/");
  const subscription = await known?.pushManager.getSubscription();
  if (subscription) {
    await send({endpoint: subscription.endpoint, off: "1"});
    await subscription.unsubscribe();
  }
  await look();
});

look();
