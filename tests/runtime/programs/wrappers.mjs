// Programs of test_wrappers.py.

export async function dispatch_to_a_listener_that_waits({ pyodide, until }, program) {
  const target = new EventTarget();
  const names = pyodide.toPy({});
  names.set("target", target);
  pyodide.runPython(program, { globals: names });
  const event = new Event("ping", { cancelable: true });
  target.dispatchEvent(event);
  const prevented = event.defaultPrevented;
  await until(() => pyodide.runPython("'after' in seen", { globals: names }));
  const seen = pyodide.runPython("remove_event_listener(target, 'ping', listener); str(seen)", { globals: names });
  names.destroy();
  return [prevented, seen].join();
}
