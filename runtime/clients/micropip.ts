/*
 * Names for micropip in its Pyodide mode, which it takes when sys.modules has _pyodide_core; basthon
 * edits lockfile_packages in place before it loads packages.
 */

import { bytesOf } from "../api/api.ts";
import { PyProxy } from "../api/ffi.ts";
import { fetchBytes, fromHere } from "../load/assets.ts";
import { type Inside, late, live } from "./names.ts";

type Files = Record<string, string>;

export function addMicropipNames({ api, parts }: Inside): void {
  const { packages, config } = parts;
  // install(buffer, fileName, folder, metadata): unpack a wheel; metadata are files for its .dist-info.
  const install = async (buffer: unknown, fileName: string, folder?: string, metadata?: unknown): Promise<void> => {
    const bytes = bytesOf(buffer);
    if (bytes === undefined) throw new TypeError("install(buffer): the bytes of a wheel, as a buffer or a view of one");
    const files = filesOf(metadata); // before the first wait: a Python dict ends with the call
    return packages.unpack(bytes, fileName, folder, files);
  };
  late(api, "install", () => install);
  // loadBinaryFile(path): the bytes of a file of the host (`file:` addresses, in Node) or of an address.
  late(api, "loadBinaryFile", () => (path: string) => fetchBytes(fromHere(path, config.indexURL), "the address"));
  // What the lock file says: the very objects that loadPackage() reads.
  live(api, "lockfile", () => packages.lockfile);
  live(api, "lockfile_info", () => packages.lockfile.info);
  live(api, "lockfile_packages", () => packages.lockfile.packages);
  // Parts of the standard library that a start with `fullStdLib` has loaded: those whose files are apart.
  live(api, "lockfile_unvendored_stdlibs", () =>
    Object.values(packages.lockfile.packages)
      .filter((one) => one.package_type === "cpython_module" && one.file_name !== "" && one.name !== "test")
      .map((one) => one.name),
  );
}

/** An object, a Map or a Python dict of texts. */
function filesOf(given: unknown): Files {
  if (given === undefined || given === null) return {};
  const own: unknown = given instanceof PyProxy ? given.toJs() : given;
  return Object.fromEntries(own instanceof Map ? (own as Map<string, string>) : Object.entries(own as Files));
}
