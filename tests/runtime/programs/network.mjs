// Programs of test_network.py.

/** Run a Python program that calls js.listening(port), and talk to it from outside, over Node's own sockets. */
export async function reachFromOutside({ pyodide }, code, host, text) {
  const { connect } = await import("node:net");
  const port = new Promise((resolve) => (globalThis.listening = resolve));
  const running = pyodide.runPythonAsync(code);
  const client = connect(await Promise.race([port, running]), host);
  client.end(text);
  let got = "";
  for await (const part of client) got += part;
  const value = await running;
  delete globalThis.listening;
  return [got, value];
}

/** The same with a datagram. */
export async function sendFromOutside({ pyodide }, code, host, text) {
  const { createSocket } = await import("node:dgram");
  const port = new Promise((resolve) => (globalThis.listening = resolve));
  const running = pyodide.runPythonAsync(code);
  const client = createSocket("udp4");
  const answer = new Promise((resolve) => client.once("message", resolve));
  client.send(text, await Promise.race([port, running]), host);
  const got = String(await answer);
  client.close();
  const value = await running;
  delete globalThis.listening;
  return [got, value];
}

/** A destroyed runtime leaves nothing open: neither its server nor its connections. */
export async function destroyWhileItListens({ pyodide, until }, code, dist, core) {
  const { connect } = await import("node:net");
  const { loadPyodide } = await import(`${dist}/sospeso.mjs`);
  const other = await loadPyodide({ core, network: "host" });
  const port = await other.runPythonAsync(code);
  const client = connect(port, "127.0.0.1");
  client.on("error", () => undefined);
  await new Promise((resolve) => client.once("data", resolve));
  let closed = false;
  client.once("close", () => (closed = true));
  other.destroy();
  await until(() => closed);
  return new Promise((resolve) => connect(port, "127.0.0.1").once("error", (error) => resolve(/** @type {any} */ (error).code)));
}
