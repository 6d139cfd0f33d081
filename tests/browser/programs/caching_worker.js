// A service worker that keeps what pages fetch, and answers from what it has kept.

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

const answer = async (request) => {
  const kept = await caches.open("all");
  const found = await kept.match(request);
  if (found) return found;
  const response = await fetch(request);
  await kept.put(request, response.clone());
  return response;
};
addEventListener("fetch", (event) => event.respondWith(answer(event.request)));
