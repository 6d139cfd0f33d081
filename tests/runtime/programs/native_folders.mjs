// Programs of test_native_folders.py: mountNativeFS() over folders that behave as the browser's do.

const encode = (text) => new TextEncoder().encode(text);

class FakeFile {
  kind = "file";
  fails = false;
  full = false;
  constructor(name, bytes, time) {
    this.name = name;
    this.bytes = bytes;
    this.time = time;
  }
  async getFile() {
    const { name, bytes, time } = this;
    if (this.fails) throw new DOMException("it cannot be read", "NotReadableError");
    return { name, size: bytes.length, lastModified: time, arrayBuffer: async () => bytes.slice().buffer };
  }
  async createWritable() {
    const parts = [];
    return {
      write: async (bytes) => {
        if (this.full) throw new DOMException("no space", "QuotaExceededError");
        parts.push(...bytes);
      },
      close: async () => Object.assign(this, { bytes: Uint8Array.from(parts), time: Date.now() }),
      abort: async () => undefined,
    };
  }
}

class FakeFolder {
  kind = "directory";
  children = new Map();
  async *entries() {
    yield* this.children;
  }
  async #get(name, create, make) {
    const found = this.children.get(name);
    if (found) return found;
    if (!create) throw new DOMException("there is none", "NotFoundError");
    this.children.set(name, make());
    return this.children.get(name);
  }
  getFileHandle(name, { create = false } = {}) {
    return this.#get(name, create, () => new FakeFile(name, new Uint8Array(0), Date.now()));
  }
  getDirectoryHandle(name, { create = false } = {}) {
    return this.#get(name, create, () => new FakeFolder());
  }
  async removeEntry(name) {
    this.children.delete(name);
  }
  put(name, text, time) {
    this.children.set(name, new FakeFile(name, encode(text), time));
    return this.children.get(name);
  }
  text(name) {
    const file = this.children.get(name);
    return file && new TextDecoder().decode(file.bytes);
  }
}

/** A mounted folder, and what both sides have of a file. */
async function mounted({ pyodide }) {
  const root = new FakeFolder();
  root.put("a.txt", "first", Date.now() - 5000);
  const { syncfs } = await pyodide.mountNativeFS("/tmp/native", root);
  const both = () => [
    pyodide.FS.analyzePath("/tmp/native/a.txt").exists ? pyodide.FS.readFile("/tmp/native/a.txt", { encoding: "utf8" }) : null,
    root.text("a.txt") ?? null,
  ];
  return { root, syncfs, both, end: () => pyodide.FS.unmount("/tmp/native") };
}

export async function copy_an_older_file(tools) {
  const { syncfs, both, end } = await mounted(tools);
  tools.pyodide.runPython(`
import os, shutil
open("/tmp/older", "w").write("newer content")
os.utime("/tmp/older", (1, 1))
shutil.copy2("/tmp/older", "/tmp/native/a.txt")`);
  await syncfs();
  const told = both();
  end();
  return told;
}

export async function make_again_outside(tools) {
  const { root, syncfs, both, end } = await mounted(tools);
  root.put("a.txt", "made again", 1000);
  await syncfs();
  const told = [both()];
  root.children.delete("a.txt");
  await syncfs();
  told.push(both());
  root.put("a.txt", "once more", 500);
  await syncfs();
  told.push(both());
  end();
  return told;
}

export async function fail_to_read_and_to_write(tools) {
  const { root, syncfs, both, end } = await mounted(tools);
  const { pyodide } = tools;
  const file = root.children.get("a.txt");
  const told = [];
  file.fails = true;
  told.push((await tools.failure(syncfs())).name);
  file.fails = false;
  file.full = true;
  pyodide.FS.writeFile("/tmp/native/a.txt", "of Python");
  told.push((await tools.failure(syncfs())).name, both());
  file.full = false;
  await syncfs();
  told.push(both());
  end();
  return told;
}

export async function change_while_it_is_copied(tools) {
  const { root, syncfs, both, end } = await mounted(tools);
  const { pyodide } = tools;
  pyodide.FS.writeFile("/tmp/native/a.txt", "second");
  const file = root.children.get("a.txt");
  const { createWritable } = FakeFile.prototype;
  file.createWritable = async function () {
    const writable = await createWritable.call(this);
    pyodide.FS.writeFile("/tmp/native/a.txt", "third, meanwhile");
    return writable;
  };
  await syncfs();
  delete file.createWritable;
  const told = [both()];
  await syncfs();
  told.push(both());
  end();
  return told;
}

export async function change_here_and_delete_there(tools) {
  const { root, syncfs, both, end } = await mounted(tools);
  tools.pyodide.FS.writeFile("/tmp/native/a.txt", "changed");
  root.children.delete("a.txt");
  await syncfs();
  const told = [both()];
  tools.pyodide.FS.unlink("/tmp/native/a.txt");
  root.put("a.txt", "changed there", 3000);
  await syncfs();
  told.push(both());
  end();
  return told;
}
