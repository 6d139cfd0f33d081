/*
 * The terminal's colours, light and dark: xterm.js themes in the tones of the example pages. Every
 * colour that text is usually printed in has a contrast of at least 4.5:1 with the background
 * (tests/browser/test_console_page.py computes it). The two that are nearly the background, black on
 * dark and white on light, stay so for programs that use them as a background; as a text colour the
 * terminal lifts them (option minimumContrastRatio). Used by component.ts.
 */

import type { ITheme } from "@xterm/xterm";

export type ThemeChoice = "light" | "dark" | "auto";

const LIGHT: ITheme = {
  background: "#fffefb",
  foreground: "#211f1b",
  cursor: "#1d5c47",
  cursorAccent: "#fffefb",
  selectionBackground: "#cfe4da",
  selectionInactiveBackground: "#e6e3db",
  black: "#211f1b",
  red: "#b02a1c",
  green: "#1c6a46",
  yellow: "#855600",
  blue: "#2156a5",
  magenta: "#87398c",
  cyan: "#0e6472",
  white: "#dedbd3",
  brightBlack: "#6f6a5f",
  brightRed: "#c23527",
  brightGreen: "#1d7a4f",
  brightYellow: "#8f5f00",
  brightBlue: "#2c66c0",
  brightMagenta: "#9a3fa0",
  brightCyan: "#0f7484",
  brightWhite: "#f4f3ef",
};

const DARK: ITheme = {
  background: "#161512",
  foreground: "#ece8df",
  cursor: "#7cc9a9",
  cursorAccent: "#161512",
  selectionBackground: "#2f4a3f",
  selectionInactiveBackground: "#37342e",
  black: "#2b2925",
  red: "#f28779",
  green: "#7cc9a9",
  yellow: "#e0b96a",
  blue: "#85b3f0",
  magenta: "#d3a1e0",
  cyan: "#79c7d1",
  white: "#cfcabf",
  brightBlack: "#959083",
  brightRed: "#ffa698",
  brightGreen: "#9adabf",
  brightYellow: "#f0cf8c",
  brightBlue: "#a8caf7",
  brightMagenta: "#e2bdec",
  brightCyan: "#9bdbe3",
  brightWhite: "#f7f4ec",
};

/** Of a value that may be anything, such as an attribute's. */
export function themeChoice(value: string | null): ThemeChoice {
  return value === "light" || value === "dark" ? value : "auto";
}

/** The theme for a choice; `systemIsDark` decides for "auto". */
export function terminalTheme(choice: ThemeChoice, systemIsDark: boolean): ITheme {
  return choice === "dark" || (choice === "auto" && systemIsDark) ? DARK : LIGHT;
}
