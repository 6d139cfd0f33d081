// Programs for the runtime that is not Python (fake_runtime.mjs), run by their names with `-c`.
// Each gets the tools that are made there, and gives the exit code. Used by test_node_entry.py and
// test_page.py.

const encode = (text) => new TextEncoder().encode(text);

async function readAll(stdin, atOnce) {
  const buffer = new Uint8Array(atOnce);
  let text = "";
  for (;;) {
    const size = await stdin.read(buffer);
    if (size === 0) return text;
    text += new TextDecoder().decode(buffer.subarray(0, size));
  }
}

export async function shouts({ options, print, args }) {
  const text = await readAll(options.stdin, 1000);
  await print(text.toUpperCase() + JSON.stringify(args));
  await options.stderr.write(encode("to stderr\n"));
  return 7;
}

/** As a page's streams carry them: in small pieces, and bytes that are no text. */
export async function shoutsInAPage({ options, print, args }) {
  const text = await readAll(options.stdin, 4);
  await print(text.toUpperCase() + JSON.stringify(args));
  await options.stderr.write(new Uint8Array([255, 0, 10]));
  return 7;
}

export async function countsItsInput({ options, print }) {
  const text = await readAll(options.stdin, 1000);
  await print(String(text.length));
  return 0;
}

export async function tellsEachPiece({ options, print }) {
  const buffer = new Uint8Array(1000);
  for (;;) {
    const answer = options.stdin.read(buffer);
    const waited = typeof answer !== "number";
    const size = await answer;
    if (size === 0) return 0;
    await print(`${size} ${waited}`);
  }
}

/** Writes more than a pipe holds. To stderr: that timers run while a write waits; how many waited. */
export async function writesALot({ options }) {
  const block = new Uint8Array(8192).fill(65);
  let left = 2_000_000;
  let waits = 0;
  let waiting = false;
  let ticks = 0;
  const timer = setInterval(async () => {
    if (waiting && ++ticks === 10) await options.stderr.write(encode("ticks\n"));
  }, 5);
  while (left > 0) {
    const answer = options.stdout.write(block.subarray(0, Math.min(block.length, left)));
    waiting = typeof answer !== "number";
    if (waiting) waits++;
    left -= await answer;
    waiting = false;
  }
  clearInterval(timer);
  await options.stderr.write(encode(String(waits)));
  return 0;
}

export async function writesUntilItFails({ print, sleep }) {
  for (let turn = 0; turn < 100; turn++) {
    try {
      await print("x".repeat(1000));
    } catch (error) {
      return error.code === "EPIPE" ? 9 : 8;
    }
    await sleep(10);
  }
}

export async function readsFromATerminal({ options, print }) {
  const buffer = new Uint8Array(100);
  const answer = options.stdin.read(buffer);
  await print("reading");
  const size = await answer;
  const typed = new TextDecoder().decode(buffer.subarray(0, size)).trim();
  await print(`<${typed}> ${options.stdin.isatty} ${options.stdout.isatty}`);
  return 0;
}

/** Gives 100 and the number of Ctrl-Cs. That no second one follows the first takes a time to see. */
export async function countsInterrupts({ print, sleep, interrupted }) {
  let count = 0;
  const first = interrupted();
  await print("ready");
  await first;
  count++;
  void (async () => {
    for (;;) {
      await interrupted();
      count++;
    }
  })();
  await sleep(500);
  return 100 + count;
}
