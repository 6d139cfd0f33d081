/*
 * The output pane: text from Python as it comes, and an input field at its end while Python reads.
 * It gives loadPyodide() its stdin, stdout and stderr handlers. Used by app.js.
 *
 * Invariants
 *  1. While an input field is open it is the last thing in the pane: what other threads print
 *     meanwhile goes before it.
 *  2. The pane holds blocks of whole lines; a full block never changes again, so that the browser
 *     lays out only the last one. A block takes at most MAX_BLOCK characters without a newline.
 *  3. The pane holds about MAX_TEXT characters, older ones go: a program that prints for ever does
 *     not fill the memory.
 *  4. A picture is a block of its own, or lies before an open input field.
 *  5. Text is put into the page at most once per frame, and before an input field opens.
 */

const MAX_TEXT = 300_000;
const FULL_BLOCK = 4_000;
const MAX_BLOCK = 32_000;
/** What a picture counts for in MAX_TEXT. */
const PICTURE = 4_000;

/** Shows a program's output in `pane` and asks for its input there. */
export class Terminal {
  #pane;
  #pending = [];
  #pendingLength = 0;
  #scheduled = false;
  /** Characters in each block, and in all of them. */
  #lengths = [];
  #length = 0;
  #field;

  /**
   * @param {HTMLElement} pane
   * @param {{onInterrupt: () => void, onWaiting: (waits: boolean) => void}} events
   *   Ctrl+C in the input field; Python starts or stops waiting for input.
   */
  constructor(pane, { onInterrupt, onWaiting }) {
    this.#pane = pane;
    this.onInterrupt = onInterrupt;
    this.onWaiting = onWaiting;
    pane.addEventListener("click", () => {
      // As in a terminal: a click anywhere types, unless it selected something.
      if (document.getSelection()?.isCollapsed) this.#field?.focus();
    });
  }

  /**
   * An output handler for loadPyodide().
   * @param {"out" | "err"} kind
   */
  output(kind) {
    const decoder = new TextDecoder();
    return {
      isatty: true, // makes Python flush at each line
      write: (bytes) => {
        this.print(decoder.decode(bytes, { stream: true }), kind);
        return bytes.length;
      },
    };
  }

  /** An input handler for loadPyodide(): a line that somebody types, or null for the end of input. */
  input() {
    return { stdin: () => this.#ask() };
  }

  /**
   * @param {string} text
   * @param {"out" | "err" | "typed" | "note"} kind
   */
  print(text, kind) {
    if (text === "") return;
    this.#pending.push({ kind, text });
    this.#pendingLength += text.length;
    if (this.#pendingLength > MAX_TEXT) this.flush();
    if (this.#scheduled) return;
    this.#scheduled = true;
    const flush = () => {
      this.#scheduled = false;
      this.flush();
    };
    // A hidden tab has no frames; then a timer does.
    if (document.hidden) setTimeout(flush, 50);
    else requestAnimationFrame(flush);
  }

  /** Put what was printed into the page now. */
  flush() {
    if (this.#pending.length === 0) return;
    const atEnd = this.#pane.scrollHeight - this.#pane.scrollTop - this.#pane.clientHeight < 40;
    let [kind, text] = [this.#pending[0].kind, ""];
    for (const one of this.#pending.splice(0)) {
      if (one.kind !== kind) {
        this.#append(kind, text);
        [kind, text] = [one.kind, ""];
      }
      text += one.text;
    }
    this.#append(kind, text);
    this.#pendingLength = 0;
    while (this.#length > MAX_TEXT && this.#lengths.length > 1) {
      this.#length -= this.#lengths.shift();
      this.#pane.firstChild.remove();
    }
    if (atEnd) this.#scroll();
  }

  /**
   * Show a picture after what was printed.
   * @param {HTMLElement} picture
   */
  show(picture) {
    this.flush();
    picture.classList.add("picture");
    if (this.#field !== undefined) {
      this.#pane.lastChild.insertBefore(picture, this.#field);
    } else {
      const block = document.createElement("div");
      block.className = "block picture-block";
      block.append(picture);
      this.#pane.append(block);
      this.#lengths.push(PICTURE);
      this.#length += PICTURE;
    }
    picture.addEventListener("load", () => requestAnimationFrame(() => this.#scroll()), { once: true });
    this.#scroll();
  }

  clear() {
    this.flush();
    const block = this.#field?.parentNode;
    for (const node of [...this.#pane.childNodes]) if (node !== block) node.remove();
    for (const node of [...(block?.childNodes ?? [])]) if (node !== this.#field) node.remove();
    this.#lengths = block === undefined ? [] : [0];
    this.#length = 0;
  }

  /** Nobody reads any more: take an open input field away. */
  closeInput() {
    if (this.#field === undefined) return;
    const had = this.#field === document.activeElement;
    this.#field.remove();
    this.#field = undefined;
    if (had) this.#pane.focus();
    this.onWaiting(false);
  }

  #append(kind, text) {
    for (let rest = text; rest !== ""; ) {
      const block = this.#block();
      const room = FULL_BLOCK - this.#lengths.at(-1);
      // Up to the first newline at which the block is full; not at all while a field is open in it.
      let end = rest.indexOf("\n", Math.max(0, room)) + 1;
      if (this.#field !== undefined) end = rest.length;
      else if (end === 0) end = Math.min(rest.length, Math.max(1, MAX_BLOCK - this.#lengths.at(-1)));
      const piece = rest.slice(0, end);
      rest = rest.slice(end);
      const last = this.#field === undefined ? block.lastChild : this.#field.previousSibling;
      if (last?.className === kind) {
        last.append(piece);
      } else {
        const span = document.createElement("span");
        span.className = kind;
        span.textContent = piece;
        block.insertBefore(span, this.#field ?? null);
      }
      this.#lengths[this.#lengths.length - 1] += piece.length;
      this.#length += piece.length;
    }
  }

  /** The block that text goes to now. */
  #block() {
    const last = this.#pane.lastChild;
    const length = this.#lengths.at(-1) ?? 0;
    const full = length >= MAX_BLOCK || (length >= FULL_BLOCK && last.textContent.endsWith("\n"));
    const isText = last !== null && !last.classList.contains("picture-block");
    if (isText && (!full || this.#field !== undefined)) return last;
    const block = document.createElement("div");
    block.className = "block";
    this.#pane.append(block);
    this.#lengths.push(0);
    return block;
  }

  #scroll() {
    this.#pane.scrollTop = this.#pane.scrollHeight;
  }

  /** @returns {Promise<string | null>} */
  #ask() {
    this.flush();
    this.#field?.remove(); // a reader that gave up left it
    this.#field = undefined;
    const field = document.createElement("input");
    Object.assign(field, { type: "text", className: "field", autocomplete: "off", spellcheck: false });
    field.setAttribute("autocapitalize", "off");
    field.setAttribute("enterkeyhint", "send");
    const block = this.#block();
    const prompt = (block.textContent.split("\n").at(-1) ?? "").trim();
    field.setAttribute("aria-label", prompt === "" ? "Input for the program" : `Input: ${prompt}`);
    this.#field = field;
    block.append(field);
    this.#scroll();
    field.focus({ preventScroll: true });
    this.onWaiting(true);
    return new Promise((resolve) => {
      const finish = (line, echo) => {
        field.remove();
        this.#field = undefined;
        this.print(echo, "typed");
        this.flush();
        this.#scroll();
        this.onWaiting(false);
        resolve(line);
      };
      field.addEventListener("keydown", (event) => {
        if (event.isComposing) return;
        const control = event.ctrlKey && !event.metaKey && !event.altKey;
        if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
          event.preventDefault();
          finish(`${field.value}\n`, `${field.value}\n`);
        } else if (control && event.key === "d" && field.value === "") {
          event.preventDefault();
          finish(null, "");
        } else if (control && event.key === "c" && field.selectionStart === field.selectionEnd) {
          event.preventDefault();
          this.onInterrupt();
        }
      });
    });
  }
}
