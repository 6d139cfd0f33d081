/*
 * Arguments of FS.readFile() and FS.writeFile() are looked at first. Emscripten ends the whole runtime for an
 * encoding that it does not know, and writes nonsense for data that is neither text nor bytes, and for views of
 * longer elements, whose bytes are meant; the texts are those of Pyodide 0.29. Called by runtime/api/api.ts, for programs that use pyodide.FS.
 */

/** As much of Emscripten's FS as is changed. */
interface Files {
  readFile(path: string, options?: { encoding?: string; flags?: unknown }): unknown;
  writeFile(path: string, data: unknown, options?: unknown): void;
}

/** As much of it as makes devices of functions. */
interface Devices {
  createDevice(parent: unknown, name: string, input?: Handler, output?: Handler): unknown;
}

type Handler = ((...args: unknown[]) => unknown) | null;

/**
 * FS.createDevice() makes an errno of whatever its functions throw; what it was is noted, as the cause of Python's
 * OSError. Called by runtime/load/load.ts.
 * @param note gets what was thrown.
 */
export function noteCauses(FS: Devices, note: (error: unknown) => void): void {
  const { createDevice } = FS;
  const noting = (handler: Handler | undefined): Handler | undefined =>
    handler &&
    ((...args) => {
      try {
        return handler(...args);
      } catch (error) {
        note(error);
        throw error;
      }
    });
  FS.createDevice = (parent, name, input, output) =>
    createDevice.call(FS, parent, name, noting(input) ?? undefined, noting(output) ?? undefined);
}

export function checkArguments(FS: Files): void {
  const { readFile, writeFile } = FS;
  FS.readFile = (path, options = {}) => {
    const { encoding = "binary" } = options;
    if (encoding !== "binary" && encoding !== "utf8") throw new Error(`Invalid encoding type "${encoding}"`);
    return readFile.call(FS, path, options);
  };
  FS.writeFile = (path, data, options) => {
    if (typeof data !== "string" && !ArrayBuffer.isView(data)) throw new Error("Unsupported data type");
    // Emscripten takes each element of a view for a byte, and a DataView for nothing.
    const isBytes = typeof data === "string" || data instanceof Uint8Array;
    writeFile.call(FS, path, isBytes ? data : new Uint8Array(data.buffer, data.byteOffset, data.byteLength), options);
  };
}
