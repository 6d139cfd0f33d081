/*
 * An editor for Python, for pages: CodeMirror with line numbers, colours, undo and indentation by four
 * spaces. Why: pages that let people write programs need one, and CodeMirror comes as many small
 * packages that a page without a bundler cannot load. So this is one file, dist/editor.mjs. Used by the example
 * page (examples/web) and by the gallery.
 */

import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { bracketMatching, defaultHighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";

/** Options of an Editor. */
export interface EditorOptions {
  /** What is in it at first; default: nothing. */
  text?: string;
  /** Attributes of the element that has the text, such as `id` and `aria-label`. */
  attributes?: Readonly<Record<string, string>>;
}

/** How long after Escape Tab leaves the editor, in milliseconds. CodeMirror gives it none after an Escape that ends a selection. */
const ESCAPE_MS = 2_000;

/** Let the next Tab leave the editor. */
function tabLeaves(view: EditorView): boolean {
  view.setTabFocusMode(ESCAPE_MS);
  return false; // what else Escape does comes after
}

/** The pages' own colours and height, and not CodeMirror's. */
const LOOK = EditorView.theme({
  "&": { height: "100%", color: "inherit", backgroundColor: "transparent" },
  ".cm-scroller": { fontFamily: "inherit", lineHeight: "inherit" },
  ".cm-content": { caretColor: "currentColor" },
  ".cm-cursor": { borderLeftColor: "currentColor" },
  ".cm-gutters": { color: "inherit", opacity: "0.6", backgroundColor: "transparent", border: "none" },
  ".cm-activeLine": { backgroundColor: "#8882" },
  "&.cm-focused": { outline: "none" },
});

/**
 * An editor. Tab indents, Shift+Tab takes the indentation back; Escape and then Tab leave it by the keyboard.
 */
export class Editor {
  /** CodeMirror's own object, for what is not here. */
  readonly view: EditorView;

  /** @param parent the element that it fills. */
  constructor(parent: HTMLElement, { text = "", attributes = {} }: EditorOptions = {}) {
    this.view = new EditorView({
      parent,
      state: EditorState.create({
        doc: text,
        extensions: [
          lineNumbers(),
          history(),
          drawSelection(),
          highlightActiveLine(),
          indentOnInput(),
          bracketMatching(),
          indentUnit.of("    "),
          syntaxHighlighting(defaultHighlightStyle),
          python(),
          EditorView.contentAttributes.of({ spellcheck: "false", ...attributes }),
          LOOK,
          keymap.of([{ key: "Escape", run: tabLeaves }, indentWithTab, ...defaultKeymap, ...historyKeymap]),
        ],
      }),
    });
  }

  /** The whole text; lines end in "\n". */
  get text(): string {
    return this.view.state.doc.toString();
  }

  /** Another text, with the cursor at its beginning. */
  set text(value: string) {
    this.view.dispatch({
      changes: { from: 0, to: this.view.state.doc.length, insert: value },
      selection: { anchor: 0 },
      scrollIntoView: true,
    });
  }

  /** The keyboard goes to the editor. */
  focus(): void {
    this.view.focus();
  }
}
