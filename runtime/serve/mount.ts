/*
 * A path of the page that leads to a server inside: the page's half of the service worker (worker.ts).
 *
 * The worker gets the requests of the browser; it sends each to the page that has the runtime, over a channel of its
 * own, and gets the answer back. Used by serve.ts.
 */

/** Options of ServedApp.mount(). */
export interface MountOptions {
  /** The service worker's script, which imports dist/serve-worker.js; default "./sospeso-sw.js". */
  worker?: string | URL;
}

/** A path that leads to a server. */
export interface Mounted {
  /** Where it is. */
  readonly url: string;
  /** Requests below it are the network's again. */
  unmount(): Promise<void>;
}

/** What the worker sends of a request. */
export interface Passed {
  readonly sospeso: "request";
  readonly scope: string;
  readonly method: string;
  readonly url: string;
  readonly headers: readonly [string, string][];
  readonly body: ArrayBuffer | null;
}

/** What the page sends of the answer. */
export type Returned =
  | { readonly status: number; readonly statusText: string; readonly headers: readonly [string, string][]; readonly body: ArrayBuffer | null }
  | { readonly error: string };

/** @throws Error where there are no service workers, or the worker's script cannot be had. */
export async function mount(
  path: string,
  { worker = "./sospeso-sw.js" }: MountOptions,
  answer: (request: Request) => Promise<Response>,
): Promise<Mounted> {
  const { navigator } = globalThis as { navigator?: Navigator };
  const container = navigator?.serviceWorker;
  if (container === undefined) throw new Error("mount() needs service workers: a page over https or on localhost, not Node, not a worker");
  const scope = new URL(path.endsWith("/") ? path : `${path}/`, document.baseURI).href;
  const registration = await container.register(worker, { scope });
  const onMessage = ({ data, ports }: MessageEvent): void => {
    const passed = data as Passed | undefined;
    if (passed?.sospeso !== "request" || passed.scope !== scope) return;
    const [port] = ports;
    void returned(passed, scope, answer).then((back) => port?.postMessage(back, "body" in back && back.body ? [back.body] : []));
  };
  container.addEventListener("message", onMessage);
  container.startMessages();
  await activated(registration);
  registration.active?.postMessage({ sospeso: "here", scope });
  return {
    url: scope,
    async unmount() {
      container.removeEventListener("message", onMessage);
      await registration.unregister();
    },
  };
}

async function returned(passed: Passed, scope: string, answer: (request: Request) => Promise<Response>): Promise<Returned> {
  try {
    // Below the path it is the server's own.
    const target = new URL(passed.url.slice(scope.length - 1), "http://localhost");
    const init: RequestInit = { method: passed.method, headers: [...passed.headers].map(([name, value]) => [name, value]), redirect: "manual" };
    if (passed.body !== null) init.body = passed.body;
    const response = await answer(new Request(target, init));
    const { status, statusText } = response;
    const headers = [...response.headers].map(([name, value]): [string, string] => [name, name === "location" ? below(value, scope) : value]);
    const body = response.body === null ? null : await response.arrayBuffer();
    return { status, statusText, headers, body };
  } catch (error) {
    return { error: String(error) };
  }
}

/** A redirect of the server to itself is one below the path. */
function below(location: string, scope: string): string {
  return location.startsWith("/") && !location.startsWith("//") ? scope + location.slice(1) : location;
}

function activated(registration: ServiceWorkerRegistration): Promise<void> {
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (worker === null || worker.state === "activated") resolve();
      else if (worker.state === "redundant") reject(new Error("the service worker could not be installed"));
    };
    worker?.addEventListener("statechange", look);
    look();
  });
}
