// Keeps the pages of visits that were taken along, and what they are made of, on this device: with a network everything
// comes from the server; without one the kept page is shown. Signing out empties it (keep.js).
"use strict";
var KEPT = "duban-visits";

self.addEventListener("install", function () { self.skipWaiting(); });
self.addEventListener("activate", function (event) { event.waitUntil(self.clients.claim()); });

self.addEventListener("message", function (event) {
  var wanted = event.data && event.data.take;
  if (!wanted) return;
  event.waitUntil(caches.open(KEPT).then(function (kept) {
    return Promise.all(wanted.map(function (address) {
      return fetch(address, {credentials: "same-origin", redirect: "error"}).then(function (answer) {
        if (!answer.ok) throw new Error(String(answer.status));
        return kept.put(address, answer);
      });
    }));
  }).then(
    function () { event.source.postMessage({taken: true}); },
    function () { event.source.postMessage({taken: false}); }
  ));
});

self.addEventListener("fetch", function (event) {
  var request = event.request;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  event.respondWith(fetch(request).catch(function (problem) {
    return caches.open(KEPT).then(function (kept) {
      return kept.match(request.url, {ignoreVary: true}).then(function (answer) {
        if (answer) return answer;
        throw problem;
      });
    });
  }));
});
