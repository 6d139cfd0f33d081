/*
 * A plain text editor for Python: a textarea with line numbers beside it. Tab and Shift+Tab indent,
 * Enter keeps the indentation, Escape lets Tab leave the field (so that a keyboard can get out).
 * Every change goes through the browser's own editing command, so undo works. Used by app.js.
 */

const INDENT = 4;

/** Edits Python in `root`, an element that holds a `.lines` element and a textarea. */
export class Editor {
  #area;
  #lines;
  #count = 0;
  #tabLeaves = false;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#area = root.querySelector("textarea");
    this.#lines = root.querySelector(".lines");
    this.#area.addEventListener("input", () => this.#number());
    this.#area.addEventListener("scroll", () => this.#follow());
    this.#area.addEventListener("keydown", (event) => this.#key(event));
    this.#area.addEventListener("blur", () => (this.#tabLeaves = false));
    this.#number();
  }

  get text() {
    return this.#area.value;
  }

  set text(value) {
    this.#area.value = value;
    this.#area.setSelectionRange(0, 0);
    this.#area.scrollTo(0, 0);
    this.#number();
  }

  #number() {
    const count = this.#area.value.split("\n").length;
    if (count !== this.#count) {
      this.#count = count;
      this.#lines.textContent = Array.from({ length: count }, (_, index) => index + 1).join("\n");
    }
    this.#follow();
  }

  #follow() {
    this.#lines.scrollTop = this.#area.scrollTop;
  }

  #key(event) {
    if (event.isComposing) return;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key === "Escape") {
      this.#tabLeaves = true;
    } else if (event.key === "Tab" && plain && !this.#tabLeaves) {
      event.preventDefault();
      this.#indent(event.shiftKey);
    } else if (event.key === "Enter" && plain && !event.shiftKey) {
      event.preventDefault();
      this.#newLine();
    } else if (event.key !== "Shift" && event.key !== "Tab") {
      this.#tabLeaves = false;
    }
  }

  /** Replace a stretch of the text as if it had been typed. */
  #replace(start, end, text) {
    this.#area.setSelectionRange(start, end);
    // Deprecated, and still the only way that keeps the undo history.
    if (!document.execCommand(text === "" ? "delete" : "insertText", false, text)) {
      this.#area.setRangeText(text, start, end, "end");
      this.#number();
    }
  }

  #newLine() {
    const { selectionStart: start, selectionEnd: end, value } = this.#area;
    const line = value.slice(value.lastIndexOf("\n", start - 1) + 1, start);
    const [indent] = /^ */.exec(line);
    const opens = /:\s*(#.*)?$/.test(line);
    this.#replace(start, end, `\n${indent}${opens ? " ".repeat(INDENT) : ""}`);
  }

  #indent(back) {
    const { selectionStart: start, selectionEnd: end, value } = this.#area;
    const first = value.lastIndexOf("\n", start - 1) + 1;
    if (!back && !value.slice(start, end).includes("\n")) {
      this.#replace(start, end, " ".repeat(INDENT - ((start - first) % INDENT)));
      return;
    }
    const stop = value.indexOf("\n", Math.max(start, end - 1));
    const last = stop === -1 ? value.length : stop;
    const old = value.slice(first, last);
    const text = back
      ? old.replace(new RegExp(`^ {1,${INDENT}}`, "gm"), "")
      : old.replace(/^(?=.)/gm, " ".repeat(INDENT));
    if (text === old) return;
    this.#replace(first, last, text);
    if (start === end) {
      const cursor = Math.max(first, start + text.length - old.length);
      this.#area.setSelectionRange(cursor, cursor);
    } else {
      this.#area.setSelectionRange(first, first + text.length);
    }
  }
}
