/*
 * Files of the user's disk into Python's current folder: dropped on the page, or picked with the
 * button. Each file that cannot be had says why. Set up by console.ts.
 */

import type { Pyodide } from "../runtime/index.ts";
import type { SospesoConsole } from "./component.ts";
import type { Notices } from "./notices.ts";

/** Files are copied into the page's memory, and Python reads copies of them again. */
const MOST_BYTES = 256 * 1024 * 1024;

/** What stands on the page for files. */
export interface FileControls {
  readonly button: HTMLButtonElement;
  readonly picker: HTMLInputElement;
  /** Shown while files are dragged over the page. */
  readonly veil: HTMLElement;
}

export function acceptFiles(console: SospesoConsole, notices: Notices, controls: FileControls): void {
  const { button, picker, veil } = controls;
  button.addEventListener("click", () => picker.click());
  picker.addEventListener("change", () => {
    void addFiles(console, notices, [...(picker.files ?? [])]);
    picker.value = ""; // so that the same file can be picked again
    console.focus();
  });

  const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") === true;
  let depth = 0; // enter and leave come for every element on the way
  const over = (entered: number): void => {
    depth = Math.max(0, depth + entered);
    veil.toggleAttribute("data-over", depth > 0);
  };
  addEventListener("dragenter", (event) => carriesFiles(event) && over(1));
  addEventListener("dragleave", (event) => carriesFiles(event) && over(-1));
  addEventListener("dragover", (event) => {
    if (!carriesFiles(event) || event.dataTransfer === null) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault(); // the browser would show the file instead of the page
    over(-depth);
    const { files, folders } = dropped(event.dataTransfer);
    for (const name of folders) notices.show("error", name, "is a folder. Drop the files that are in it.");
    void addFiles(console, notices, files);
    console.focus();
  });
}

function dropped(data: DataTransfer | null): { files: File[]; folders: string[] } {
  const files: File[] = [];
  const folders: string[] = [];
  for (const item of data?.items ?? []) {
    const entry = item.webkitGetAsEntry?.();
    const file = item.getAsFile();
    if (entry?.isDirectory) folders.push(entry.name);
    else if (file !== null) files.push(file);
  }
  return { files, folders };
}

/** Write files where open() finds them by name, and say so. */
async function addFiles(console: SospesoConsole, notices: Notices, files: readonly File[]): Promise<void> {
  if (files.length === 0) return;
  let pyodide: Pyodide | undefined;
  try {
    pyodide = await console.pyodide;
  } catch {
    // Said by the console itself.
  }
  if (pyodide === undefined || console.state === "failed" || console.state === "ended") {
    const subject = files.length === 1 ? files[0]!.name : `${files.length} files`;
    notices.show("error", subject, "not added: Python is not running. Restart it first.");
    return;
  }
  for (const file of files) {
    try {
      const where = await addFile(pyodide, file);
      notices.show("note", file.name, `is now in ${where.folder}${where.replaced ? ", instead of the old one" : ""}`);
    } catch (error) {
      notices.show("error", file.name, `was not added: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

async function addFile(pyodide: Pyodide, file: File): Promise<{ folder: string; replaced: boolean }> {
  if (file.size > MOST_BYTES) {
    throw new Error(`it has ${megabytes(file.size)}, and ${megabytes(MOST_BYTES)} is the most that fits.`);
  }
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    throw new Error(`the browser cannot read it (${error instanceof Error ? error.message : String(error)})`);
  }
  const { FS } = pyodide;
  const folder: string = FS.cwd();
  const path = `${folder === "/" ? "" : folder}/${file.name}`;
  try {
    const replaced: boolean = FS.analyzePath(path).exists;
    FS.writeFile(path, bytes, { canOwn: true });
    return { folder, replaced };
  } catch (error) {
    throw new Error(`${path} cannot be written (${errnoName(pyodide, error)})`);
  }
}

/** Emscripten's file system throws numbers. */
function errnoName(pyodide: Pyodide, error: unknown): string {
  const errno = (error as { errno?: number } | undefined)?.errno;
  const found = Object.entries(pyodide.ERRNO_CODES).find(([, code]) => code === errno);
  return found?.[0] ?? (error instanceof Error ? error.message : String(error));
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(0)} MB`;
}
