/*
 * What the console itself writes into the terminal, in the terminal's own colours. Text from
 * elsewhere (addresses, error messages) is stripped of control characters first: it must not be able
 * to steer the terminal. Used by session.ts and loading.ts.
 */

export const dim = (text: string): string => `\x1b[90m${text}\x1b[39m`;
export const red = (text: string): string => `\x1b[31m${text}\x1b[39m`;
export const green = (text: string): string => `\x1b[32m${text}\x1b[39m`;
export const bold = (text: string): string => `\x1b[1m${text}\x1b[22m`;

/** Text as lines of a terminal, without control characters. */
export function plain(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/\r\n?/g, "\n").replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "").replace(/\n/g, "\r\n");
}

/** The same, broken between words where a line is longer than `columns`. */
export function wrapped(text: string, columns: number): string {
  const lines: string[] = [];
  for (const paragraph of plain(text).split("\r\n")) {
    let line = "";
    for (const word of paragraph.split(" ")) {
      if (line !== "" && line.length + 1 + word.length > columns) {
        lines.push(line);
        line = word;
      } else {
        line = line === "" ? word : `${line} ${word}`;
      }
    }
    lines.push(line);
  }
  return lines.join("\r\n");
}
