/*
 * <sospeso-console>: a terminal with Python in it, as one element of any page. It is the frame around
 * a session (session.ts): attributes in, state and events out, xterm.js in a shadow root. Defined by
 * dist/console.mjs; docs/console.md describes attributes, methods and events.
 *
 * Invariants
 *  1. Outside of the document an element holds nothing: no terminal, no runtime, no listener.
 *  2. At most one session lives; a session that was disposed of tells nobody anything.
 */

import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import xtermStyle from "@xterm/xterm/css/xterm.css";

import type { Pyodide } from "../runtime/index.ts";
import ownStyle from "./component.css";
import { Keyboard } from "./keyboard.ts";
import { PictureShelf } from "./picture_shelf.ts";
import { dedent, type Program } from "./program.ts";
import { Session, type ConsoleState } from "./session.ts";
import { terminalTheme, themeChoice } from "./themes.ts";
import { makeTouchBar } from "./touch_bar.ts";

const TAG = "sospeso-console";
const OWN_URL = import.meta.url;
const FONTS =
  'ui-monospace, "SF Mono", SFMono-Regular, Menlo, "Cascadia Mono", Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace';
const FONT_SIZE = { mouse: 14, finger: 16 };
/** An Enter that was meant for the program, but came when it had ended, starts nothing. */
const ENTER_AFTER_MS = 600;

const RESET = "\x1bc";
/**
 * xterm.js draws no cursor before it has had the focus, and an embedded program may ask before that.
 * To the alternate screen and back is what tells it otherwise.
 */
const SHOW_CURSOR = "\x1b[?1047h\x1b[?1047l";

/** What lives as long as the element is in the document. */
interface View {
  readonly terminal: Terminal;
  readonly keyboard: Keyboard;
  readonly pictures: PictureShelf;
  readonly gone: AbortController;
}

/** What the events carry. */
export interface ConsoleEvents {
  "sospeso-state": CustomEvent<{ state: ConsoleState }>;
  "sospeso-ready": CustomEvent<{ pyodide: Pyodide }>;
  "sospeso-error": CustomEvent<{ error: unknown }>;
}

/** Longer than any timer or frame that xterm.js has under way. */
const XTERM_SETTLES_MS = 200;

export class SospesoConsole extends HTMLElement {
  static readonly observedAttributes = ["theme", "font-size", "screen-reader"];

  readonly #root = this.attachShadow({ mode: "open" });
  #view: View | undefined;
  #session: Session | undefined;
  #state: ConsoleState = "idle";
  #stateSince = 0;
  /** Makes the terminal as large as the element. */
  #fit: () => void = () => undefined;

  /** The xterm.js terminal; undefined while the element is not in a document. */
  get terminal(): Terminal | undefined {
    return this.#view?.terminal;
  }

  /** The runtime, once it has loaded; undefined before start(). */
  get pyodide(): Promise<Pyodide> | undefined {
    return this.#session?.pyodide;
  }

  get state(): ConsoleState {
    return this.#state;
  }

  /** Load Python and run the program, or the prompt. Does nothing while one runs. */
  start(): void {
    if (this.#view === undefined) throw new Error("<sospeso-console> is not in a document: append it first");
    if (this.#session !== undefined && this.#state !== "ended" && this.#state !== "failed") return;
    this.#begin(this.#view);
  }

  /** Interrupt what runs or waits: KeyboardInterrupt. */
  stop(): void {
    this.#session?.interrupt();
  }

  /** Drop this Python, with its names and files, and load a new one. */
  restart(): void {
    if (this.#view === undefined) throw new Error("<sospeso-console> is not in a document: append it first");
    this.#begin(this.#view);
  }

  /** Put the keyboard's focus into the terminal. */
  override focus(options?: FocusOptions): void {
    const field = this.#view?.terminal.textarea;
    if (field === undefined) super.focus(options);
    else field.focus({ preventScroll: true, ...options });
  }

  connectedCallback(): void {
    this.#view = this.#open();
    if (this.hasAttribute("manual")) return;
    // A script that is not a deferred one may run before the parser has seen what is within the element.
    if (document.readyState !== "loading") this.start();
    else {
      const { signal } = this.#view.gone;
      document.addEventListener("DOMContentLoaded", () => this.start(), { once: true, signal });
    }
  }

  disconnectedCallback(): void {
    this.#session?.dispose();
    this.#session = undefined;
    this.#view?.gone.abort();
    const terminal = this.#view?.terminal;
    // xterm.js 5.5 has a timer or a frame under way that throws ("reading 'dimensions'") when it finds the
    // terminal disposed of.
    setTimeout(() => terminal?.dispose(), XTERM_SETTLES_MS);
    this.#view = undefined;
    this.#fit = () => undefined;
    this.#root.replaceChildren();
    this.#setState("idle");
  }

  /** With this, moveBefore() leaves what runs alone. */
  connectedMoveCallback(): void {
    this.#fit();
  }

  attributeChangedCallback(): void {
    if (this.#view !== undefined) this.#look(this.#view.terminal);
  }

  #begin(view: View): void {
    this.#session?.dispose();
    view.pictures.clear();
    // Not reset(), which what the last session has written and xterm.js not yet drawn would outlive.
    view.terminal.write(RESET + SHOW_CURSOR);
    const session: Session = new Session(
      view.terminal,
      view.keyboard.terminal,
      {
        indexURL: this.#indexURL(),
        core: this.getAttribute("core") || "auto",
        packages: (this.getAttribute("packages") ?? "").split(/\s+/).filter(Boolean),
        program: this.#program(),
        interactive: this.hasAttribute("interactive"),
      },
      {
        onState: (state) => this.#setState(state),
        onReady: (pyodide) => this.#tell("sospeso-ready", { pyodide }),
        onError: (error) => this.#tell("sospeso-error", { error }),
        onPicture: (picture) => view.pictures.add(picture),
      },
    );
    this.#session = session;
  }

  /** The folder of sospeso.mjs: the attribute's, relative to the page, or the one of this script. */
  #indexURL(): string {
    const given = this.getAttribute("index-url");
    if (given === null) return new URL(".", OWN_URL).href;
    return new URL(given.endsWith("/") ? given : `${given}/`, document.baseURI).href;
  }

  #program(): Program {
    const src = this.getAttribute("src");
    if (src !== null) return { kind: "address", url: new URL(src, document.baseURI).href };
    const script = this.querySelector('script[type="text/python"]');
    const text = (script ?? this).textContent ?? "";
    return text.trim() === "" ? { kind: "repl" } : { kind: "text", source: dedent(text) };
  }

  #setState(state: ConsoleState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#stateSince = performance.now();
    this.#tell("sospeso-state", { state });
  }

  #tell<Name extends keyof ConsoleEvents>(name: Name, detail: ConsoleEvents[Name]["detail"]): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  /** Make the terminal and what watches over it. */
  #open(): View {
    const gone = new AbortController();
    const { signal } = gone;
    const frame = document.createElement("div");
    frame.className = "frame";
    const screen = document.createElement("div");
    screen.className = "screen";
    screen.part.add("screen");
    this.#root.adoptedStyleSheets = styleSheets();
    this.#root.replaceChildren(frame);

    const terminal = new Terminal({
      fontFamily: FONTS,
      lineHeight: 1.25,
      cursorStyle: "bar",
      cursorWidth: 2,
      scrollback: 10_000,
      minimumContrastRatio: 4.5,
    });
    const keyboard = new Keyboard(terminal);
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    const pictures = new PictureShelf();
    frame.append(screen, pictures.element, makeTouchBar(keyboard, signal));
    this.#look(terminal);
    terminal.open(screen);
    terminal.textarea?.setAttribute("aria-label", "Terminal input. Shift+Tab leaves the terminal.");
    terminal.onData((text) => {
      const over = this.#state === "ended" || this.#state === "failed";
      if (over && text === "\r" && performance.now() - this.#stateSince > ENTER_AFTER_MS) this.restart();
    });

    const resize = (): void => {
      if (screen.clientWidth > 0 && screen.clientHeight > 0) fit.fit();
    };
    const sizes = new ResizeObserver(resize);
    sizes.observe(screen);
    signal.addEventListener("abort", () => sizes.disconnect());
    resize();
    for (const query of [DARK, STILL, FINGER]) {
      matchMedia(query).addEventListener("change", () => this.#look(terminal), { signal });
    }
    this.#fit = resize;
    return { terminal, keyboard, pictures, gone };
  }

  /** Apply the attributes and the system's settings to the terminal. */
  #look(terminal: Terminal): void {
    const theme = terminalTheme(themeChoice(this.getAttribute("theme")), matchMedia(DARK).matches);
    const size = Number(this.getAttribute("font-size"));
    const byPointer = matchMedia(FINGER).matches ? FONT_SIZE.finger : FONT_SIZE.mouse;
    terminal.options = {
      theme,
      fontSize: size >= 6 && size <= 100 ? size : byPointer,
      cursorBlink: !matchMedia(STILL).matches,
      screenReaderMode: this.hasAttribute("screen-reader"),
    };
    const { style } = this.#root.firstElementChild as HTMLElement;
    style.setProperty("--background", theme.background ?? "");
    style.setProperty("--foreground", theme.foreground ?? "");
    style.setProperty("--accent", theme.cursor ?? "");
    style.setProperty("--line", theme.selectionInactiveBackground ?? "");
    this.#fit();
  }
}

const DARK = "(prefers-color-scheme: dark)";
const STILL = "(prefers-reduced-motion: reduce)";
const FINGER = "(pointer: coarse)";

let sheets: CSSStyleSheet[] | undefined;

/** One pair of style sheets for all consoles of a page. */
function styleSheets(): CSSStyleSheet[] {
  sheets ??= [xtermStyle, ownStyle].map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
  return sheets;
}

declare global {
  interface HTMLElementTagNameMap {
    "sospeso-console": SospesoConsole;
  }
}

// A page may have this script twice.
if (customElements.get(TAG) === undefined) customElements.define(TAG, SospesoConsole);
