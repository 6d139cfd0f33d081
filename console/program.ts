/*
 * What a console is to run: a script at an address, a script within the element, or nothing, which
 * means the prompt. Reading it fails loudly, with the cause and what to do. Used by component.ts
 * (which program) and session.ts (its source).
 */

/** A program, not yet read. */
export type Program =
  | { readonly kind: "repl" }
  | { readonly kind: "address"; readonly url: string }
  | { readonly kind: "text"; readonly source: string };

/** A program that can run. */
export interface Script {
  /** Its file's name: sys.argv[0], __file__ and what tracebacks say. */
  readonly name: string;
  readonly source: string;
}

/** Something in the page's markup or on its server is not as it should be. */
export class ConsoleError extends Error {
  override readonly name: string = "ConsoleError";
}

/** The script cannot be had. */
export class ScriptError extends ConsoleError {
  override readonly name = "ScriptError";
}

/**
 * The source of a program; undefined for the prompt.
 * @throws ScriptError when there is no script at the address.
 */
export async function readProgram(program: Program, signal: AbortSignal): Promise<Script | undefined> {
  if (program.kind === "repl") return undefined;
  if (program.kind === "text") return { name: "script.py", source: program.source };
  const { url } = program;
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    throw new ScriptError(
      `cannot fetch ${url}: ${messageOf(error)}. Check the attribute src, the network, CORS and the page's ` +
        "Content-Security-Policy",
      { cause: error },
    );
  }
  if (!response.ok) {
    throw new ScriptError(
      `cannot fetch ${url}: HTTP ${response.status} ${response.statusText}`.trimEnd() +
        ". Check the attribute src: it is relative to the page's address",
    );
  }
  if (/^text\/html\b/i.test(response.headers.get("content-type") ?? "")) {
    throw new ScriptError(
      `${url} is a page of HTML and no Python script: many servers answer so when a file is missing. ` +
        "Check the attribute src",
    );
  }
  try {
    return { name: fileName(url), source: await response.text() };
  } catch (error) {
    throw new ScriptError(`cannot fetch ${url}: the connection ended early: ${messageOf(error)}`, { cause: error });
  }
}

/** A script written within the markup, without the indentation that it has there. */
export function dedent(text: string): string {
  const lines = text.replace(/\r\n?/g, "\n").replace(/^(?:[ \t]*\n)+/, "").trimEnd().split("\n");
  const indents = lines.filter((line) => line.trim() !== "").map((line) => /^[ \t]*/.exec(line)![0]);
  let common = indents[0] ?? "";
  for (const indent of indents) {
    while (!indent.startsWith(common)) common = common.slice(0, -1);
  }
  return lines.map((line) => line.slice(Math.min(common.length, line.length))).join("\n") + "\n";
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The last part of an address, as a file's name. */
function fileName(url: string): string {
  const last = new URL(url).pathname.split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(last).replaceAll("/", "_") || "script.py";
  } catch {
    return last || "script.py"; // a stray % in the address
  }
}
