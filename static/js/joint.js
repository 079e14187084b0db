/* An arrival takes the phone's position along, if the phone gives it within five seconds. */
const WAIT_MS = 5000;

function fillIn(form, here) {
  form.elements.longitude.value = here.coords.longitude;
  form.elements.latitude.value = here.coords.latitude;
}

for (const form of document.querySelectorAll("form[data-position]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.asked || !navigator.geolocation) return;
    event.preventDefault();
    form.dataset.asked = "yes";
    const button = form.querySelector("button");
    button.classList.add("busy");
    const send = () => form.submit();
    navigator.geolocation.getCurrentPosition(
      (here) => { fillIn(form, here); send(); },
      send,
      { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: 0 },
    );
  });
}
