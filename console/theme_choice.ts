/*
 * The page's light and dark: the button's choice, kept for the next visit, or the address's for this
 * one. Where the browser keeps nothing (a private window, an embedded page) the choice lasts as long as
 * the page. Set up by console.ts.
 */

import type { SospesoConsole } from "./component.ts";
import { themeChoice, type ThemeChoice } from "./themes.ts";

const KEY = "sospeso-console-theme";
const NEXT: Record<ThemeChoice, ThemeChoice> = { auto: "light", light: "dark", dark: "auto" };
const NAMES: Record<ThemeChoice, string> = { auto: "Auto", light: "Light", dark: "Dark" };

export function offerThemes(button: HTMLButtonElement, console: SospesoConsole, asked: string | null): void {
  const label = button.querySelector("span") as HTMLElement;
  let choice = themeChoice(asked ?? remembered());
  const apply = (): void => {
    document.documentElement.dataset["theme"] = choice;
    console.setAttribute("theme", choice);
    label.textContent = NAMES[choice];
    button.setAttribute("aria-label", `Theme: ${NAMES[choice]}`);
    button.title = `Theme: ${NAMES[choice].toLowerCase()}. Click for ${NAMES[NEXT[choice]].toLowerCase()}`;
  };
  button.addEventListener("click", () => {
    choice = NEXT[choice];
    apply();
    remember(choice);
  });
  apply();
}

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function remember(choice: ThemeChoice): void {
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // Not kept; the page shows it all the same.
  }
}
