// The service worker of a page that runs Python without a network (docs/offline.md). It keeps the files of
// one build, named in its own address by the hash of build-info.json, in a cache of that name.
//
// Invariants
//  1. A cache is complete when its worker is installed, and holds files of one build alone.
//  2. A page gets all its files from one worker: a newer one takes over when the pages of the older are closed.

/** The page's own files. */
const PAGE = ["./", "./page.js"];
/** The packages of the lock file that the page imports. */
const PACKAGES = ["six"];

const DIST = new URL("./dist/", location.href);
const INFO = new URL("build-info.json", DIST).href;
const BUILD = new URL(location.href).searchParams.get("build");
const CACHE = `python-${BUILD}`;

/** Asks the server whether what the browser has is still right. */
const ask = (address) => new Request(address, { cache: "no-cache" });

async function wheels() {
  const { packages } = await (await fetch(ask(new URL("pyodide-lock.json", DIST)))).json();
  const names = new Set(PACKAGES);
  for (const name of names) for (const needed of packages[name].depends) names.add(needed);
  return [...names].map((name) => packages[name].file_name);
}

async function install() {
  const core = typeof WebAssembly.Suspending === "function" ? "core.jspi.wasm" : "core.asyncify.wasm";
  const names = ["sospeso.mjs", "core.mjs", core, "python_stdlib.zip", "pyodide-lock.json", "build-info.json"];
  const addresses = [...names, ...(await wheels())].map((name) => new URL(name, DIST));
  await caches.delete(CACHE); // what an install that failed has left
  const cache = await caches.open(CACHE);
  await cache.addAll([...PAGE, ...addresses].map(ask));
  const info = await (await cache.match(INFO)).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", info));
  const found = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (found !== BUILD) throw new Error("the server has another build by now; the next visit keeps that one");
}

async function activate() {
  const old = (await caches.keys()).filter((name) => name.startsWith("python-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await clients.claim();
}

async function answer(request) {
  const cache = await caches.open(CACHE);
  // So that the page sees a new build; everything else is of this one.
  if (request.url === INFO) return fetch(ask(request.url)).catch(() => cache.match(INFO));
  return (await cache.match(request.mode === "navigate" ? "./" : request)) ?? fetch(request);
}

addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("activate", (event) => event.waitUntil(activate()));
addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && new URL(url).origin === location.origin) event.respondWith(answer(event.request));
});
