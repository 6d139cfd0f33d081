// Programs of test_archives.py.

const bytesOf = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** What happened to each archive that was unpacked into a folder of its own: "done", or the exception's type. */
export function unpack({ pyodide }, archives, prepare) {
  const found = {};
  for (const [name, [packed, format]] of Object.entries(archives)) {
    const folder = `/box/${name}`;
    pyodide.runPython(prepare.replaceAll("FOLDER", folder));
    try {
      pyodide.unpackArchive(bytesOf(packed), format, { extractDir: folder });
      found[name] = "done";
    } catch (error) {
      found[name] = error.type;
    }
  }
  return found;
}

/** The same for wheels that are installed, with the first words of what is said. */
export async function install({ pyodide }, wheels) {
  const found = {};
  for (const [name, packed] of Object.entries(wheels)) {
    try {
      await pyodide._api.install(bytesOf(packed), `${name}-1.0-py3-none-any.whl`);
      found[name] = "done";
    } catch (error) {
      found[name] = error.message.trim().split("\n").at(-1);
    }
  }
  return found;
}

/** The signature of Pyodide 0.19: the folder is a string. */
export function unpack_with_a_folder_as_text({ pyodide }, packed, format, folders) {
  for (const folder of folders) pyodide.unpackArchive(bytesOf(packed), format, folder);
  pyodide.FS.chdir("/home/pyodide");
  pyodide.unpackArchive(bytesOf(packed).buffer, format);
  return [...folders, "/home/pyodide"].map((folder) => pyodide.FS.readFile(`${folder}/a.txt`, { encoding: "utf8" }));
}

export function unpack_what_is_no_buffer({ pyodide }) {
  const told = [];
  for (const [what, format] of [
    [[1, 2, 3], "zip"],
    [new Uint8Array(3), "nofmt"],
    [new Uint8Array(3), "zip"],
    [new Uint8Array(3), "tar.gz"],
  ]) {
    try {
      pyodide.unpackArchive(what, format, "/box/none");
    } catch (error) {
      told.push(`${error.name}: ${error.type ? `${error.type}: ` : ""}${error.message.trim().split("\n").at(-1)}`);
    }
  }
  return told;
}

/** A folder of the host is mounted, and a wheel has data files for it. */
export async function install_onto_the_host({ pyodide }, wheel, folder) {
  pyodide.mountNodeFS("/hostdisk", folder);
  return install({ pyodide }, { ontohost: wheel });
}

/** An address whose last part is a path once it is decoded; a hash without the engine's own. */
export async function load({ pyodide }, names) {
  const said = [];
  const tell = { messageCallback: (text) => said.push(text), errorCallback: (text) => said.push(`! ${text}`) };
  const loaded = await pyodide.loadPackage(names, tell);
  return [loaded.map((one) => one.name), said];
}

export async function load_without_subtle(given, names) {
  Object.defineProperty(globalThis.crypto, "subtle", { value: undefined, configurable: true });
  try {
    return await load(given, names);
  } finally {
    Reflect.deleteProperty(globalThis.crypto, "subtle");
  }
}
