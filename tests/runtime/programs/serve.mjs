// Programs of test_serve.py: JavaScript reaches servers inside.

async function withServer(pyodide, start, stop, use) {
  const app = await pyodide.serve(await pyodide.runPythonAsync(start));
  try {
    return await use(app);
  } finally {
    await pyodide.runPythonAsync(stop);
  }
}

export function fetchFromHttp({ pyodide, same, failure }, start, stop) {
  return withServer(pyodide, start, stop, async (app) => {
    const echo = await app.fetch("/echo?a=1", { headers: { "X-Word": "word" } });
    same([echo.status, echo.ok, await echo.text(), echo.url], [200, true, "word /echo?a=1", `${app.origin}/echo?a=1`]);
    const missing = await app.fetch(new URL("/nothing", app.origin));
    same([missing.status, missing.statusText, await missing.text()], [404, "Not Found", "nothing here"]);
    const posted = await app.fetch(new Request(`${app.origin}/`, { method: "POST", body: "x".repeat(300_000) }));
    same((await posted.text()) === "X".repeat(300_000), true);
    const head = await app.fetch("/echo", { method: "HEAD" });
    same([head.headers.get("content-length"), await head.text()], ["10", ""]);
    const chunked = await (await app.fetch("/chunked")).text();
    same([chunked.slice(0, 9), chunked.length], ["one two x", 100_008]);
    const short = await failure((await app.fetch("/short")).text());
    same(short.name, "TypeError"); // its text is the engine's: Chromium says "network error"
    return "done";
  });
}

export function keepCookiesAndFollow({ pyodide, same, failure }, start, stop) {
  return withServer(pyodide, start, stop, async (app) => {
    const after = await app.fetch("/login");
    same([await after.text(), after.redirected, after.url], ["session=abc", true, `${app.origin}/cookies`]);
    same(await (await app.fetch("/cookies")).text(), "session=abc");
    const seen = await app.fetch("/login", { redirect: "manual" });
    same([seen.status, seen.headers.get("location")], [303, "/cookies"]);
    same((await failure(app.fetch("/login", { redirect: "error" }))).name, "TypeError");
    same(/without end/.test((await failure(app.fetch("/loop"))).message), true);
    return "done";
  });
}

export function manyAtOnceAndAborted({ pyodide, same, failure }, start, stop) {
  return withServer(pyodide, start, stop, async (app) => {
    const texts = await Promise.all(Array.from({ length: 20 }, async (_, i) => (await app.fetch(`/echo?${i}`)).text()));
    same(texts, Array.from({ length: 20 }, (_, i) => `None /echo?${i}`));
    const { body } = await app.fetch("/chunked");
    const reader = body.getReader();
    await reader.read();
    await reader.cancel();
    const control = new AbortController();
    control.abort();
    same((await failure(app.fetch("/echo", { signal: control.signal }))).name, "AbortError");
    return "done";
  });
}

export async function nobodyListens({ pyodide, failure }) {
  const late = await failure(pyodide.serve(5999, { timeout: 50 }));
  const wrong = await failure(pyodide.serve(0));
  return [late.name, /start the server/.test(late.message), wrong.name];
}

export function talkByWebSocket({ pyodide, same }, start, stop) {
  return withServer(pyodide, start, stop, async (app) => {
    const socket = app.webSocket("/chat", ["chat"]);
    socket.binaryType = "arraybuffer";
    const events = [];
    const next = (name) => new Promise((resolve) => socket.addEventListener(name, resolve, { once: true }));
    socket.onopen = () => events.push("open");
    await next("open");
    same([socket.protocol, socket.readyState], ["chat", 1]);
    same((await next("message")).data, "pong hi");
    let message = next("message");
    socket.send("grüße");
    same((await message).data, "grüße");
    message = next("message");
    socket.send(new Uint8Array(1000).fill(7));
    const { data } = await message;
    same([data.byteLength, new Uint8Array(data)[999]], [1000, 7]);
    const closed = next("close");
    socket.close(3000, "enough");
    const { code, reason, wasClean } = await closed;
    same([code, reason, wasClean, socket.readyState, events], [3000, "enough", true, 3, ["open"]]);
    return "done";
  });
}
