/*
 * The script of dist/console.mjs: defines <sospeso-console> for any page and, on the console's own page
 * (console.html), connects the header with it: status, Stop, Restart, files, theme. `?core=` and
 * `?theme=` in the address choose; there is no way to have code run by an address.
 */

import { SospesoConsole } from "./component.ts";
import { acceptFiles } from "./files.ts";
import { Notices } from "./notices.ts";
import type { ConsoleState } from "./session.ts";
import { offerThemes } from "./theme_choice.ts";
import { followVisualViewport } from "./viewport.ts";

export { SospesoConsole };
export type { ConsoleEvents } from "./component.ts";
export type { ConsoleState } from "./session.ts";

const NAMES: Record<ConsoleState, string> = {
  idle: "Idle",
  loading: "Loading",
  waiting: "Ready",
  running: "Running",
  ended: "Ended",
  failed: "Failed",
};

function setUpPage(): void {
  const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
  const console = document.querySelector("sospeso-console") as SospesoConsole;
  const status = element("status");
  const [stop, restart] = [element<HTMLButtonElement>("stop"), element<HTMLButtonElement>("restart")];
  const options = new URLSearchParams(location.search);
  const finger = matchMedia("(pointer: coarse)");

  /** With a finger, the focus brings the keyboard up: that is for the user to ask for. */
  const focusTerminal = (): void => {
    if (!finger.matches) console.focus();
  };
  // A click or a tap on a button leaves the focus, and with it a phone's keyboard, where it is.
  document.querySelector(".actions")?.addEventListener("mousedown", (event) => event.preventDefault());

  console.addEventListener("sospeso-state", () => {
    const { state } = console;
    status.dataset["state"] = state;
    // Every statement goes from Ready to Running and back: nobody wants to hear that each time.
    const news = state !== "running" && state !== "waiting";
    status.setAttribute("aria-live", news ? "polite" : "off");
    status.textContent = NAMES[state];
    stop.disabled = state !== "running" && state !== "waiting";
    stop.toggleAttribute("data-busy", state === "running");
    if (state === "loading" || state === "failed") status.title = "";
  });
  console.addEventListener("sospeso-ready", (event) => {
    const { core, version } = (event as CustomEvent).detail.pyodide;
    status.dataset["core"] = core.name;
    status.title = `Core ${core.name}: ${core.reason}. Sospeso ${version}`;
  });
  stop.addEventListener("click", () => {
    console.stop();
    focusTerminal();
  });
  restart.addEventListener("click", () => {
    console.restart();
    focusTerminal();
  });

  offerThemes(element<HTMLButtonElement>("theme"), console, options.get("theme"));
  acceptFiles(console, new Notices(element("notices")), {
    button: element<HTMLButtonElement>("add"),
    picker: element<HTMLInputElement>("files"),
    veil: element("drop"),
  });
  followVisualViewport();
  const core = options.get("core");
  if (core !== null) console.setAttribute("core", core);
  console.start();
  focusTerminal();
}

if (document.documentElement.dataset["page"] === "sospeso-console") {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", setUpPage, { once: true });
  else setUpPage();
}
