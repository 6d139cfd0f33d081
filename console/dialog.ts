// dialog.ts - input() in a page that set no stdin handler: a small dialog asks.
//
// window.prompt() would stop the page, cannot be styled or tested, and some browsers do not have it. This
// is a <dialog> element in a shadow root, so that no style of the page reaches it, with the text
// that the program printed last as its question. Knows nobody; runtime/index.ts hands it to the
// standard streams.
//
// Invariants
//  1. One dialog at a time: whoever asks next waits for the one before.
//  2. Cancel, Escape and a dialog that somebody takes out of the page mean end of file. An interrupted
//     program's dialog goes away.

/** Styles are set through CSSOM: a strict Content-Security-Policy forbids style elements. */
const STYLES: Record<string, Record<string, string>> = {
  dialog: {
    font: "16px/1.5 system-ui, sans-serif",
    border: "1px solid color-mix(in srgb, CanvasText 20%, transparent)",
    borderRadius: "12px",
    padding: "20px",
    width: "min(26rem, calc(100vw - 48px))",
    boxSizing: "border-box",
    color: "CanvasText",
    background: "Canvas",
    colorScheme: "light dark",
    boxShadow: "0 12px 40px rgb(0 0 0 / 25%)",
  },
  form: { display: "grid", gap: "16px", margin: "0" },
  label: {
    display: "grid",
    gap: "8px",
    whiteSpace: "pre-wrap",
    overflowWrap: "anywhere",
    maxHeight: "50vh",
    overflow: "auto",
  },
  input: { font: "inherit", padding: "8px 10px", borderRadius: "6px", border: "1px solid GrayText", minWidth: "0" },
  row: { display: "flex", gap: "8px", justifyContent: "flex-end" },
  button: { font: "inherit", padding: "6px 16px", borderRadius: "6px", cursor: "pointer" },
};

function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  style: string,
  parent: Node,
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  Object.assign(element.style, STYLES[style]);
  parent.appendChild(element);
  return element;
}

let before: Promise<unknown> = Promise.resolve();

/** Whether this is a page that can show a dialog. */
export function canAsk(): boolean {
  return typeof document === "object" && typeof HTMLDialogElement === "function";
}

/**
 * Ask the person at the page for a line.
 * @param question shown above the field.
 * @param signal takes the dialog away.
 * @returns what was typed; null when it was cancelled.
 */
export function askInDialog(question: string, signal: AbortSignal): Promise<string | null> {
  const answer = before.then(() => (signal.aborted ? null : ask(question, signal)));
  before = answer.catch(() => undefined);
  return answer;
}

function ask(question: string, signal: AbortSignal): Promise<string | null> {
  const host = document.createElement("sospeso-input");
  const root = host.attachShadow({ mode: "open" });
  const dialog = make("dialog", "dialog", root);
  const form = make("form", "form", dialog);
  form.method = "dialog";
  const label = make("label", "label", form);
  dialog.setAttribute("aria-label", "Input for the program");
  label.append(question.trim() === "" ? "The program asks for input" : question);
  const input = make("input", "input", label);
  input.autocomplete = "off";
  input.autofocus = true;
  const row = make("div", "row", form);
  const cancel = make("button", "button", row);
  cancel.type = "button";
  cancel.textContent = "Cancel";
  const enter = make("button", "button", row);
  enter.textContent = "Enter";
  (document.body ?? document.documentElement).appendChild(host);
  return new Promise((resolve) => {
    const watcher = new MutationObserver(() => {
      if (!host.isConnected) end(null);
    });
    const end = (answer: string | null): void => {
      watcher.disconnect();
      host.remove();
      resolve(answer);
    };
    watcher.observe(document, { childList: true, subtree: true });
    signal.addEventListener("abort", () => end(null));
    cancel.addEventListener("click", () => end(null));
    dialog.addEventListener("cancel", () => end(null));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      end(input.value);
    });
    dialog.showModal();
  });
}
