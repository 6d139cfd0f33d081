// A runtime that is not Python: the sospeso.mjs of the dist/ that tests/host/conftest.py makes.
// `-c` code is the name of a program in fake_programs.mjs, which lies beside this file there, or a
// short text of JavaScript: the body of an async function. Both get the same tools.

import * as programs from "./fake_programs.mjs";

export const version = "fake";

export async function loadPyodide(options) {
  let onInterrupt = () => {};
  return {
    interrupt: () => onInterrupt(),
    async runPythonAsync(source) {
      const call = /space\["main"\]\((.*)\)\)\[1\]\)\(/s.exec(source)[1];
      const [kind, target, args, cwd] = JSON.parse(`[${call}]`);
      const tools = {
        options,
        kind,
        args,
        cwd,
        print: (text) => options.stdout.write(new TextEncoder().encode(`${text}\n`)),
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        interrupted: () => new Promise((resolve) => { onInterrupt = () => resolve(undefined); }),
      };
      if (target in programs) return programs[target](tools);
      const AsyncFunction = /** @type {any} */ (async () => {}).constructor;
      return new AsyncFunction(...Object.keys(tools), target)(...Object.values(tools));
    },
  };
}
