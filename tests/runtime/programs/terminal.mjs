// Programs of test_terminal.py: a fake terminal, and what is done with it.

import { globalOf } from "./globals.mjs";

export async function attach_a_fake({ pyodide, session }, url) {
  const { attachTerminal } = await import(url);
  const listeners = { data: new Set(), resize: new Set() };
  const on = (name) => (listener) => {
    listeners[name].add(listener);
    return { dispose: () => listeners[name].delete(listener) };
  };
  const decoder = new TextDecoder();
  const term = {
    cols: 80,
    rows: 24,
    screen: "",
    held: [],
    slow: false,
    onData: on("data"),
    onBinary: on("data"),
    onResize: on("resize"),
    write(data, done) {
      this.screen += typeof data === "string" ? data : decoder.decode(data, { stream: true });
      if (this.slow) this.held.push(done);
      else setTimeout(done, 0);
    },
    type: (text) => listeners.data.forEach((listener) => listener(text)),
    resize(cols, rows) {
      Object.assign(this, { cols, rows });
      listeners.resize.forEach((listener) => listener({ cols, rows }));
    },
  };
  session.term = term;
  session.attached = attachTerminal(pyodide, term);
  session.listeners = listeners;
}

export async function type_keys({ session }, text) {
  session.term.type(text);
}

/** Waits until the number of printed lines was the same at some looks in a row. */
export async function stand_still({ pyodide, until }) {
  let seen;
  let looks = 0;
  await until(() => {
    const printed = globalOf(pyodide, "printed");
    looks = printed !== undefined && printed === seen ? looks + 1 : 0;
    seen = printed;
    return looks > 10;
  });
}
