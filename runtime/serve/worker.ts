/*
 * The service worker that leads a path of a site to a server inside a page: dist/serve-worker.js.
 *
 * A site has a script of its own beside its pages, whose one line is importScripts("./dist/serve-worker.js"); mount()
 * registers it for the path. It passes each request on to the page that has mounted it last and still lives.
 */

import type { Passed, Returned } from "./mount.ts";

/** As much of a service worker's global object as is used. */
interface ServiceWorkerScope {
  readonly registration: { readonly scope: string };
  readonly clients: {
    claim(): Promise<void>;
    get(id: string): Promise<Page | undefined>;
    matchAll(options: { includeUncontrolled: boolean; type: "window" }): Promise<readonly Page[]>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(name: string, listener: (event: never) => void): void;
}

interface Page {
  readonly id: string;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

const worker = globalThis as unknown as ServiceWorkerScope;
const ANSWER_MS = 60_000;
/** The page that has mounted it. The engine may end this worker at any time: then all pages are asked. */
let host: string | undefined;

worker.addEventListener("install", () => void worker.skipWaiting());
worker.addEventListener("activate", (event: { waitUntil(work: Promise<unknown>): void }) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("message", ({ data, source }: { data?: { sospeso?: string }; source?: Page }) => {
  if (data?.sospeso === "here") host = source?.id;
});
worker.addEventListener("fetch", (event: { request: Request; respondWith(answer: Promise<Response>): void }) => {
  const { scope } = worker.registration;
  if (event.request.url.startsWith(scope)) event.respondWith(answer(event.request, scope));
});

async function answer(request: Request, scope: string): Promise<Response> {
  const { method, url, headers } = request;
  const hasBody = method !== "GET" && method !== "HEAD";
  const passed: Passed = { sospeso: "request", scope, method, url, headers: [...headers], body: hasBody ? await request.arrayBuffer() : null };
  const known = host === undefined ? undefined : await worker.clients.get(host);
  const pages = known === undefined ? await worker.clients.matchAll({ includeUncontrolled: true, type: "window" }) : [known];
  const back = await firstAnswer(pages, passed);
  if (back === undefined) return new Response("The page that runs this server is not open any more.", { status: 503 });
  if ("error" in back) return new Response(back.error, { status: 502 });
  const { status, statusText, headers: names, body } = back;
  const location = names.find(([name]) => name === "location")?.[1];
  if (location !== undefined && status >= 300 && status < 400) return Response.redirect(new URL(location, url), status);
  return new Response(body, { status, statusText, headers: names.map(([name, value]): [string, string] => [name, value]) });
}

/** Pages that have mounted nothing do not answer. */
function firstAnswer(pages: readonly Page[], passed: Passed): Promise<Returned | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), pages.length === 0 ? 0 : ANSWER_MS);
    for (const page of pages) {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => {
        clearTimeout(timer);
        resolve(data as Returned);
      };
      page.postMessage(passed, [port2]);
    }
  });
}
