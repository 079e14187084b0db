// Runs without a page: shows a notice when the push service brings one, and opens what it is about.
// The same notice brought twice is shown once: its tag is the message's id.
self.addEventListener("push", (event) => {
  const {title, body, url, tag} = event.data.json();
  event.waitUntil(self.registration.showNotification(title, {body, tag, data: {url}}));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(event.notification.data.url));
});
