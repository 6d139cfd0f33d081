/*
 * What the benchmark of the console page asks the page: `watch()` gives the milliseconds from the
 * next key event until what is drawn satisfies a test, `coreName()` the name of the page's core.
 * A classic script, which console.py puts into the page.
 */
{
  const element = document.querySelector("sospeso-console");
  const { terminal } = element;

  const line = () => {
    const { active } = terminal.buffer;
    return active.getLine(active.baseY + active.cursorY)?.translateToString(true) ?? "";
  };

  globalThis.watch = (test) =>
    new Promise((resolve) => {
      let from;
      const pressed = (event) => { from = event.timeStamp; };
      addEventListener("keydown", pressed, { capture: true, once: true });
      const subscription = terminal.onRender(() => {
        if (from === undefined || !test(line)) return;
        subscription.dispose();
        resolve(performance.now() - from);
      });
    });

  globalThis.coreName = async () => (await element.pyodide).core.name;
}
