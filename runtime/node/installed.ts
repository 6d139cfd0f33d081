// The memory of what was installed for which script: files in a folder of the host's. Used by cli.ts.
// A folder that cannot be read or written is no error: then the index is asked each time.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Installed, Requirements } from "./requirements.ts";

const DAY = 24 * 60 * 60 * 1000; // ms

/** One entry, under the hash of all that decided what was installed. */
export class Memory {
  readonly #path: string;

  /** @param build what names this build of the runtime. */
  constructor(folder: string, { source, named, indexes }: Requirements, build: readonly string[]) {
    const header = /^# \/\/\/ script\r?\n(#.*\n)*/m.exec(source)?.[0] ?? "";
    const key = JSON.stringify([header, named, indexes, build]);
    this.#path = join(folder, "installed", `${createHash("sha256").update(key).digest("hex")}.json`);
  }

  /** What was installed; `isFresh`: less than a day ago. */
  recall(): (Installed & { isFresh: boolean }) | undefined {
    try {
      const age = Date.now() - statSync(this.#path).mtimeMs;
      const { lock, names } = JSON.parse(readFileSync(this.#path, "utf8")) as Installed;
      return Array.isArray(names) && typeof lock.packages === "object" ? { lock, names, isFresh: age < DAY } : undefined;
    } catch {
      return undefined;
    }
  }

  keep(installed: Installed): void {
    try {
      mkdirSync(join(this.#path, ".."), { recursive: true });
      const part = `${this.#path}.${process.pid}.part`;
      writeFileSync(part, JSON.stringify(installed));
      renameSync(part, this.#path); // whole, or not there: another process may read it
    } catch {
      // asked again next time
    }
  }
}
