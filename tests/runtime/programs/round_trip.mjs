// Programs of test_round_trip.py.

/** The JavaScript value of a node. */
function build(node) {
  if (Array.isArray(node)) return node.map(build);
  if (typeof node !== "object") return node;
  const [[kind, value]] = /** @type {[string, any][]} */ (Object.entries(node));
  if (kind === "dict") {
    const made = {};
    for (const [key, item] of value) {
      // An assignment would take "__proto__" for something else.
      Object.defineProperty(made, key, { value: build(item), writable: true, enumerable: true, configurable: true });
    }
    return made;
  }
  if (kind === "set") return new Set(value);
  if (kind === "bytes") return new Uint8Array(value);
  if (kind === "bigint") return BigInt(value);
  if (kind === "int") return Number.isSafeInteger(Number(value)) ? Number(value) : BigInt(value);
  if (kind === "float") return Number(value.replace("inf", "Infinity"));
  return kind === "none" ? undefined : null;
}

/** Where two values differ, or undefined. */
function differs(one, two, where = "value") {
  if (one instanceof Uint8Array) return two instanceof Uint8Array && String(one) === String(two) ? undefined : where;
  if (one instanceof Set) {
    const same = two instanceof Set && one.size === two.size && [...one].every((item) => two.has(item));
    return same ? undefined : where;
  }
  if (typeof one !== "object" || one === null) {
    return Object.is(one, two) ? undefined : `${where}: ${String(one)} became ${String(two)}`;
  }
  if (Array.isArray(one) !== Array.isArray(two)) return where;
  const names = Object.keys(one);
  if (names.length !== Object.keys(two).length) return `${where}: other keys`;
  for (const name of names) {
    if (!Object.hasOwn(two, name)) return `${where}: no key ${JSON.stringify(name)}`;
    const found = differs(one[name], two[name], `${where}[${JSON.stringify(name)}]`);
    if (found) return found;
  }
  return undefined;
}

/** What does not come back as it was sent; each text is the JSON of a node. */
export async function send_both_ways({ pyodide }, definitions, texts) {
  pyodide.runPython(definitions);
  const [pythonBuild, pythonDiffers] = ["build", "differs"].map((name) => pyodide.globals.get(name));
  const loads = pyodide.runPython("import json; json.loads");
  const wrong = [];
  for (const text of texts) {
    // JavaScript, Python, JavaScript
    const mine = build(JSON.parse(text));
    const there = pyodide.toPy(mine);
    const back = there?.toJs ? there.toJs() : there;
    const bad = differs(mine, back);
    if (bad) wrong.push(["js", bad, text]);
    there?.destroy?.();
    // Python, JavaScript, Python
    const node = loads(text);
    const theirs = pythonBuild(node);
    const here = theirs?.toJs ? theirs.toJs() : theirs;
    const again = pyodide.toPy(here);
    const worse = pythonDiffers(theirs, again);
    if (worse) wrong.push(["python", worse, text]);
    for (const proxy of [node, theirs, again]) proxy?.destroy?.();
  }
  for (const proxy of [pythonBuild, pythonDiffers, loads]) proxy.destroy();
  return wrong;
}
