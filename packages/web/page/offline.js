// Keeps the page's files: once opened, it works without a network. packages/web/page.sh fills in which.
const FILES = [@files@];
const CACHE = 'fovea-@version@';

self.addEventListener('install', (event) => {
    event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});
self.addEventListener('activate', (event) => {
    event.waitUntil(caches.keys()
        .then((names) => Promise.all(names.filter((name) => name.startsWith('fovea-') && name !== CACHE).map((name) => caches.delete(name))))
        .then(() => self.clients.claim()));
});
// The page's own files from the cache; anything else is refused here too.
self.addEventListener('fetch', (event) => {
    if (new URL(event.request.url).origin !== location.origin) return event.respondWith(Response.error());
    event.respondWith(caches.match(event.request, { ignoreSearch: true }).then((found) => found || fetch(event.request)));
});
