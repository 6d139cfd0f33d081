// Programs of test_serve.py: a path of the page leads to a server inside.

export async function mountAndVisit(core, start, stop) {
  const { loadPyodide } = await import("/dist/sospeso.mjs");
  const pyodide = await loadPyodide({ core });
  const app = await pyodide.serve(await pyodide.runPythonAsync(start));
  const mounted = await app.mount("/app/", { worker: "/serve-worker.js" });
  const frame = document.createElement("iframe");
  frame.src = "/app/redirect";
  const loaded = new Promise((resolve) => (frame.onload = resolve));
  document.body.append(frame);
  await loaded;
  const seen = frame.contentWindow;
  const out = [seen.location.pathname, seen.document.body.textContent.trim()];
  const posted = await seen.fetch("/app/shout", { method: "POST", body: "loud" });
  out.push(String(posted.status), await posted.text());
  const missing = await seen.fetch("missing");
  out.push(String(missing.status));
  frame.remove();
  await mounted.unmount();
  await pyodide.runPythonAsync(stop);
  pyodide.destroy();
  return [out, new URL(mounted.url).pathname];
}
