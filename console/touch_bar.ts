/*
 * The row of keys that a phone's keyboard lacks: Esc, Tab, Ctrl, the arrows. It stands below the
 * terminal where the pointer is a finger (component.css decides). Its buttons leave the focus, and so
 * the phone's keyboard, where it is. Made by component.ts.
 */

import type { Key, Keyboard } from "./keyboard.ts";

const KEYS: readonly (readonly [key: Key | "Control", label: string, name: string])[] = [
  ["Escape", "Esc", "Escape"],
  ["Tab", "Tab", "Tab"],
  ["Control", "Ctrl", "Control, for the next key"],
  ["ArrowLeft", "←", "Arrow left"],
  ["ArrowUp", "↑", "Arrow up"],
  ["ArrowDown", "↓", "Arrow down"],
  ["ArrowRight", "→", "Arrow right"],
];

/** A held arrow repeats, as on a keyboard. */
const REPEAT_AFTER_MS = 400;
const REPEAT_EVERY_MS = 60;

export function makeTouchBar(keyboard: Keyboard, signal: AbortSignal): HTMLElement {
  const bar = document.createElement("div");
  bar.className = "keys";
  bar.part.add("keys");
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "Keys");
  let repeat: ReturnType<typeof setTimeout> | undefined;
  /** The key that is held was pressed already: letting go of it is not another press. */
  let repeated = false;
  const release = (): void => clearTimeout(repeat);
  signal.addEventListener("abort", release);

  for (const [key, label, name] of KEYS) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.dataset["key"] = key;
    button.setAttribute("aria-label", name);
    button.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      repeated = false;
      if (!key.startsWith("Arrow")) return;
      const again = (): void => {
        repeated = true;
        keyboard.press(key as Key);
        repeat = setTimeout(again, REPEAT_EVERY_MS);
      };
      release();
      repeat = setTimeout(again, REPEAT_AFTER_MS);
    });
    for (const end of ["pointerup", "pointercancel", "pointerleave"]) button.addEventListener(end, release);
    button.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the focus
    button.addEventListener("contextmenu", (event) => event.preventDefault());
    button.addEventListener("click", () => {
      if (key === "Control") keyboard.control = !keyboard.control;
      else if (!repeated) keyboard.press(key);
      repeated = false;
    });
    if (key === "Control") {
      button.setAttribute("aria-pressed", "false");
      keyboard.onControl = (held) => button.setAttribute("aria-pressed", String(held));
    }
    bar.append(button);
  }
  return bar;
}
