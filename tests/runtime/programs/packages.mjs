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
