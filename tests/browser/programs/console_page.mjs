// Programs of test_console_page.py.

const scope = /** @type {any} */ (globalThis);
const theConsole = () => scope.theConsole();

/** Whether the error on the screen has a colour of its own. */
export async function is_the_error_coloured() {
  const buffer = theConsole().terminal.buffer.active;
  for (let row = 0; row < buffer.length; row++) {
    const line = buffer.getLine(row);
    if (line.translateToString().startsWith("ZeroDivisionError")) return !line.getCell(0).isFgDefault();
  }
  return undefined;
}

/** Drops a file on the page; whether the page looked ready for it. */
export async function drop_a_file(name) {
  const data = new DataTransfer();
  data.items.add(new File(["dropped"], name));
  const veil = /** @type {any} */ (document.querySelector("#drop"));
  let veiled;
  for (const kind of ["dragenter", "dragover", "drop"]) {
    const event = new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true });
    document.body.dispatchEvent(event);
    if (kind === "dragenter") veiled = "over" in veil.dataset;
    else if (!event.defaultPrevented) throw new Error(`not taken: ${kind}`);
  }
  return veiled;
}

/** From now on each file says that it has 3 GiB. */
export async function make_files_huge() {
  Object.defineProperty(File.prototype, "size", { configurable: true, get: () => 3 * 2 ** 30 });
}

export async function make_files_small_again() {
  delete (/** @type {any} */ (File.prototype).size);
}

/** The contrast ratio of WCAG 2 between each colour of the terminal's theme and its background. */
export async function contrasts_of_the_theme() {
  const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const light = (hex) =>
    [1, 3, 5]
      .map((at) => linear(parseInt(hex.slice(at, at + 2), 16) / 255))
      .reduce((sum, c, index) => sum + c * [0.2126, 0.7152, 0.0722][index], 0);
  const ratio = (one, two) => (Math.max(light(one), light(two)) + 0.05) / (Math.min(light(one), light(two)) + 0.05);
  const { theme } = theConsole().terminal.options;
  const colours = Object.entries(theme).filter(([name]) => !/background$/i.test(name) && name !== "cursorAccent");
  return Object.fromEntries(colours.map(([name, colour]) => [name, ratio(colour, theme.background)]));
}

/** The on-screen keyboard takes the lower half of the window. */
export async function open_the_keyboard() {
  Object.defineProperty(visualViewport, "height", { get: () => 320 });
  visualViewport.dispatchEvent(new Event("resize"));
}

export async function add_a_console_that_asks(core) {
  await import("/dist/console.mjs");
  const element = document.createElement("sospeso-console");
  element.setAttribute("core", core);
  element.textContent = "print(len(input()))";
  document.body.append(element);
}

export async function add_a_console_that_cannot_load() {
  await import("/dist/console.mjs");
  document.body.innerHTML = '<sospeso-console index-url="/nowhere"></sospeso-console>';
}

/** Takes the console out of the document; what is left of it, which stays as `element`. */
export async function remove_the_console() {
  const element = theConsole();
  scope.element = element;
  const pyodide = await element.pyodide;
  element.remove();
  let dead = "";
  try {
    pyodide.runPython("1");
  } catch (error) {
    dead = error.message;
  }
  const rest = element.shadowRoot.childElementCount;
  return [dead, element.state, element.terminal === undefined, element.pyodide === undefined, rest];
}

/** Takes `element` out of the document while it loads, and waits until what it loaded has come to nothing. */
export async function remove_while_it_loads() {
  const { element } = scope;
  const loading = element.pyodide;
  element.remove();
  const outcome = await loading.then(
    () => "loaded",
    (error) => error.message,
  );
  return [outcome, element.state];
}

export async function add_two_consoles(core) {
  await import("/dist/console.mjs");
  const element = (n) => `<sospeso-console core="${core}">n = ${n}; print('I am', n)</sospeso-console>`;
  document.body.innerHTML = element(1) + element(2);
}

/** The screens of all consoles, their cores, and the globals that were not there before. */
export async function look_at_all_consoles() {
  const consoles = /** @type {any[]} */ ([...document.querySelectorAll("sospeso-console")]);
  return [
    consoles.map((one) => scope.screenText(one.terminal)),
    Object.keys(globalThis).filter((name) => !scope.before.includes(name)),
    await Promise.all(consoles.map(async (one) => (await one.pyodide).core.name)),
  ];
}
