/*
 * Pictures that a program shows: images, SVG and HTML as elements of the page. dist/pictures.mjs, for pages of one's own;
 * used by session.ts and examples/web. Python's half is runtime/python/pyodide/display.py.
 *
 * Invariants
 *  1. Nothing of a program's HTML or SVG runs as a script of the page, and nothing in it is fetched: HTML is in a sandboxed
 *     frame with a policy that allows data: addresses and styles alone, SVG in an <img>.
 *  2. An element owns its blob's address, and lets go of it when it is drawn.
 */

/** As much of a runtime as is used. */
export interface PictureSource {
  pyimport(name: string): unknown;
}

/** Pictures are shown from now on, until dispose(). */
export interface AttachedPictures {
  /** Shows the picture of a value that a program returned; whether it has one. */
  show(value: unknown): boolean;
  dispose(): void;
}

interface DisplayModule {
  install(show: (mime: string, data: string | Uint8Array, description: string) => void): void;
  show(value: unknown): boolean;
  destroy(): void;
}

/**
 * Have a runtime show pictures: `display()`, the prompt's values, matplotlib's `show()`.
 * @param pyodide from loadPyodide().
 * @param show puts the element where it is to be seen.
 */
export function attachPictures(pyodide: PictureSource, show: (picture: HTMLElement) => void): AttachedPictures {
  const display = pyodide.pyimport("pyodide.display") as DisplayModule;
  display.install((mime, data, description) => show(pictureElement(mime, data, description)));
  return {
    show: (value) => display.show(value),
    dispose: () => display.destroy(),
  };
}

/** What the frame's document may load: nothing. */
const POLICY = "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'";
/** Of the frame's document; a program's own styles come after it. */
const FRAME_STYLE =
  "body{margin:8px;font:14px/1.4 system-ui,sans-serif;color:#1b1b1b;background:#fff}" +
  "table{border-collapse:collapse}th,td{padding:3px 9px;text-align:right;border-bottom:1px solid #ddd}";
const LOWEST_FRAME = 24;

/** An element for a picture. @param data text of HTML and SVG, bytes of images. */
export function pictureElement(mime: string, data: string | Uint8Array, description: string): HTMLElement {
  const element = mime === "text/html" ? frame(String(data)) : image(mime, data);
  element.setAttribute(element instanceof HTMLImageElement ? "alt" : "title", description);
  return element;
}

function image(mime: string, data: string | Uint8Array): HTMLImageElement {
  const made = document.createElement("img");
  const address = URL.createObjectURL(new Blob([data as BlobPart], { type: mime }));
  const done = (): void => URL.revokeObjectURL(address);
  made.addEventListener("load", done, { once: true });
  made.addEventListener("error", done, { once: true });
  made.src = address;
  return made;
}

function frame(html: string): HTMLIFrameElement {
  const made = document.createElement("iframe");
  // No scripts, no forms, no windows; same-origin, so that its height can be asked for.
  made.setAttribute("sandbox", "allow-same-origin");
  made.setAttribute("referrerpolicy", "no-referrer");
  made.srcdoc =
    `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}">` +
    `<base target="_blank"><style>${FRAME_STYLE}</style>${html}`;
  made.style.height = `${LOWEST_FRAME}px`;
  made.addEventListener("load", () => {
    const height = made.contentDocument?.documentElement.scrollHeight ?? 0;
    made.style.height = `${Math.max(height, LOWEST_FRAME)}px`;
  });
  return made;
}
