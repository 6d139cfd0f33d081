"""Handlers of the standard streams that interrupt, fail or are replaced at a bad moment."""

from __future__ import annotations

import pytest

from tests.runtime.conftest import Runtime

# Whoever calls checkInterrupt() finds a SIGINT; thrown() has a Python function raise.
INTERRUPTING = """
const buffer = new Int32Array(1);
const checked = () => {
  pyodide.setInterruptBuffer(buffer);
  buffer[0] = 2;
  pyodide.checkInterrupt();
};
const thrown = () => pyodide.runPython("raise KeyboardInterrupt");
"""

FAIL = "throw Object.assign(new Error('full'), { code: 'ENOSPC' });"

CALL = """
import os, time
def outcome(call):
    try:
        return call()
    except BaseException as error:
        return f"{type(error).__name__} {error.__cause__}"
"""


@pytest.mark.parametrize("how", ["checked", "thrown"])
@pytest.mark.parametrize("waits", ["", "await later(1);"])
@pytest.mark.parametrize(
    ("stream", "call"),
    [
        ("setStdin({ stdin: async () => { HERE } })", "input()"),
        ("setStdin({ read: async () => { HERE } })", "os.read(0, 1)"),
        ("setStdout({ write: async () => { HERE } })", "[os.write(1, b'x'), time.sleep(60)]"),
    ],
)
async def test_keyboard_interrupt_in_a_handler_reaches_the_program(
    runtime: Runtime, stream: str, call: str, waits: str, how: str
) -> None:
    """Of an asynchronous handler it was an OSError."""
    handler = f"{waits} {how}();"
    if not waits:
        stream = stream.replace("async ", "")
    got = await runtime.js(
        f"""{INTERRUPTING}
        pyodide.{stream.replace("HERE", handler)};
        const got = await pyodide.runPythonAsync({CALL + f"outcome(lambda: {call})"!r});
        pyodide.setInterruptBuffer();
        pyodide.setStdin();
        pyodide.setStdout();
        return got;
        """
    )
    assert got == "KeyboardInterrupt None"


async def test_a_write_goes_on_when_its_handler_is_replaced(runtime: Runtime) -> None:
    """A handler that never answered held up the stream for ever, whatever it was replaced with."""
    got = await runtime.js(
        r"""
        const seen = [];
        const text = (bytes) => new TextDecoder().decode(bytes);
        let given;
        const first = new Promise((resolve) => (given = resolve));
        let answer;
        pyodide.setStdout({
          write(bytes) {
            seen.push(`old ${text(bytes)}`);
            given();
            return new Promise((resolve) => (answer = resolve));
          },
        });
        const code = "import os\nstr([os.write(1, b'one'), os.write(1, b'two')])";
        const running = pyodide.runPythonAsync(code);
        await first;
        pyodide.setStdout({ write: (bytes) => (seen.push(`new ${text(bytes)}`), bytes.length) });
        seen.push(await running);
        answer(1); // too late to matter
        await later(1);
        seen.push(await pyodide.runPythonAsync("str(os.write(1, b'three'))"));
        pyodide.setStdout();
        return seen;
        """
    )
    assert got == ["old one", "new two", "[3, 3]", "new three", "5"]


async def test_what_was_queued_for_a_replaced_handler_gets_to_the_next(runtime: Runtime) -> None:
    got = await runtime.js(
        r"""
        const seen = [];
        const text = (bytes) => new TextDecoder().decode(bytes);
        pyodide.setStdout({ write: (bytes) => (seen.push(`old ${text(bytes)}`), new Promise(() => {})) });
        pyodide.runPython("import os\nfor word in b'one', b'two', b'three': os.write(1, word)");
        pyodide.setStdout({ write: (bytes) => (seen.push(`new ${text(bytes)}`), bytes.length) });
        pyodide.setStdout();
        return seen;
        """
    )
    assert got == ["old one", "new two", "new three"]


@pytest.mark.parametrize("waits", ["", "async "])
async def test_fsync_says_that_a_handler_failed(runtime: Runtime, waits: str) -> None:
    """An unfinished line gets to its handler by fsync(); at once, or with the next write, it is told of."""
    got = await runtime.js(
        f"""
        pyodide.setStdout({{ batched: {waits}() => {{ {FAIL} }} }});
        const got = await pyodide.runPythonAsync({CALL!r} + `
os.write(1, b'x')
outcome(lambda: [os.fsync(1), os.write(1, b'y')])`);
        pyodide.setStdout({{ batched: () => undefined }});
        pyodide.setStdout();
        return got;
        """
    )
    assert got == "OSError Error: full"
