// Programs of test_packages.py.

/** loadPackage(), and what it said. */
function loader({ pyodide }) {
  const said = [];
  const tell = { messageCallback: (text) => said.push(text), errorCallback: (text) => said.push(`! ${text}`) };
  const load = (names) => pyodide.loadPackage(names, tell);
  return { said, tell, load };
}

export async function load_by_name_twice(given) {
  const { pyodide } = given;
  const { said, load } = loader(given);
  const first = await load("snail");
  const again = await load(["snail", "shell"]);
  const found = first.map((one) => `${one.name} ${one.version} ${one.packageType}`).sort();
  const ran = pyodide.runPython("import snail, importlib.metadata as m\nf'{snail.hard} {m.version(\"shell\")}'");
  const { loadedPackages, lockfile, lockfileBaseUrl } = pyodide;
  return [found, again.length, ran, loadedPackages, said, lockfile.info.python, lockfileBaseUrl];
}

export async function load_what_code_imports(given) {
  const { pyodide } = given;
  const { tell } = loader(given);
  const found = await pyodide.loadPackagesFromImports("import json\nfrom snail import speed", tell);
  const none = await pyodide.loadPackagesFromImports("import snail, ][");
  return [found.map((one) => one.name).sort(), none.length];
}

export async function load_by_address(given, url) {
  const { pyodide } = given;
  const { said, load } = loader(given);
  const [one] = await load(url);
  const speed = pyodide.runPython("import slug; slug.speed");
  return [one.name, one.version, speed, pyodide.loadedPackages.slug, said];
}

export async function load_good_and_bad_ones(given, names, listModules) {
  const { pyodide, failure } = given;
  const { said, load } = loader(given);
  const done = (await load(names)).map((one) => one.name);
  const unknown = (await failure(load("broken"))).message;
  const versioned = (await failure(load("snail>=1"))).message;
  return [done, said, unknown, versioned, pyodide.runPython(listModules), pyodide.loadedPackages];
}

export async function load_an_archive(given, url, module) {
  const { pyodide } = given;
  const { said, load } = loader(given);
  const [one] = await load(url);
  return [one.name, pyodide.runPython(`from ${module} import speed; speed`), said];
}

export async function load_and_tell(given, names) {
  const { said, load } = loader(given);
  const { length } = await load(names);
  return [length, said.join("\n")];
}

/** What each of the names rejects with. */
export async function load_each(given, names) {
  const { load } = loader(given);
  const told = [];
  for (const name of names) told.push((await given.failure(load(name))).message);
  return told;
}

/** What is said while each list of names is loaded. */
export async function load_in_turn(given, lists) {
  const found = [];
  for (const names of lists) {
    const { said, load } = loader(given);
    await load(names);
    found.push(said);
  }
  return found;
}

export async function load_without_callbacks({ pyodide }, names) {
  const said = [];
  pyodide.setStdout({ batched: (line) => said.push(line) });
  pyodide.setStderr({ batched: (line) => said.push(`! ${line}`) });
  // Whatever a program has put in the place of the stream.
  pyodide.runPython("import io, sys; sys.stdout = io.StringIO()");
  await pyodide.loadPackage(names);
  pyodide.runPython("sys.stdout = sys.__stdout__; del io, sys");
  return said;
}

export async function load_and_run(given, names, program) {
  const { load } = loader(given);
  await load(names);
  return run(given, program);
}

/** What a Python program gives, as JavaScript's own values. */
export async function run({ pyodide }, program) {
  const found = await pyodide.runPythonAsync(program);
  if (!(found instanceof pyodide.ffi.PyProxy)) return found;
  const own = found.toJs();
  found.destroy();
  return own;
}

/** The last lines of what importing each module raises: those of the exception and its notes. */
export function import_each({ pyodide }, modules) {
  const told = modules.map((name) => {
    try {
      pyodide.runPython(`import ${name}`);
    } catch (error) {
      return error.message.slice(error.message.indexOf("ModuleNotFoundError")).trim();
    }
    return "it was found";
  });
  pyodide.runPython("import sys; del sys.last_exc, sys.last_value, sys.last_traceback, sys");
  return told;
}

/** CPython's tests: what is told of them before they are loaded, and what a program finds afterwards. */
export async function load_the_tests({ pyodide }, modules, program) {
  const told = import_each({ pyodide }, modules);
  await pyodide.loadPackage("test", { messageCallback() {} });
  return [told, pyodide.runPython(program)];
}
