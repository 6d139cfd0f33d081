// Run before all else in the pages of test_console_page.py: names for what the tests ask again and again.

globalThis.theConsole = () => document.querySelector("sospeso-console");

/** The whole buffer, wrapped lines put together. */
globalThis.screenText = (terminal = theConsole()?.terminal) => {
  if (!terminal) return "";
  const buffer = terminal.buffer.active;
  let text = "";
  for (let row = 0; row < buffer.length; row++) {
    const line = buffer.getLine(row);
    const wraps = buffer.getLine(row + 1)?.isWrapped;
    text += (line.isWrapped || row === 0 ? "" : "\n") + line.translateToString(!wraps);
  }
  return text.trimEnd();
};
