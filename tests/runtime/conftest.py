"""The runtime under test: every engine at hand times both cores.

The fixture `runtime` gives a fresh runtime on each cell of engines x cores, asserts which core it
got, and afterwards that nothing was left behind: no task, waiting stack, handle or byte of the
event loop's C stack. `hosts` are the two ways to reach JavaScript, Node and a page in Chromium;
both obey driver.mjs, so that a test never knows where it runs.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest_asyncio
from playwright.async_api import Error as PlaywrightError

from sospeso.engines import CHROMIUM_ARGS, ensure_chromium, find_node
from sospeso.paths import ROOT
from sospeso.server import ServerOptions, make_app, serving
from tests.programs import Program, Script
from tests.runtime.shelf import shelf as shelf

DIST = Path(os.environ.get("SOSPESO_DIST", ROOT / "dist"))
HERE = Path(__file__).parent
CORES = ("jspi", "asyncify")
ENGINES = ("node", "chromium")


# So that what a test leaves behind in a page troubles a known few others.
LOADS_OF_A_PAGE = 25


class Host(Protocol):
    """A JavaScript engine that obeys driver.mjs."""

    dist: str

    async def ask(self, op: str, **command: Any) -> Any: ...

    async def load_beside(self, core: str) -> Any:
        """Load another runtime where one is, in the same page."""

    async def open(self) -> None:
        """A fresh page; nothing in Node."""

    async def collect(self) -> float:
        """Have the garbage collector run; bytes in use."""


# What a WeakRef holds is let go of only between turns of the event loop.
NODE_COLLECT = """
const { setFlagsFromString } = await import("node:v8");
const { runInNewContext } = await import("node:vm");
setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc");
for (let i = 0; i < 3; i++) {
  await new Promise((resolve) => setTimeout(resolve, 0));
  gc();
}
return process.memoryUsage().rss;
"""


class NodeHost:
    """Node as a child process; commands and answers are lines of JSON."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.dist = DIST.as_uri()
        self._process = process
        self._seq = 0
        self._ended = False
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            reply = json.loads(line)
            waiting = self._answers.pop(reply["seq"])
            if not waiting.done():  # a test that timed out has gone
                waiting.set_result(reply)
        self._ended = True
        for waiting in self._answers.values():
            if not waiting.done():
                waiting.set_exception(RuntimeError("the Node under test ended"))

    async def ask(self, op: str, **command: Any) -> Any:
        if self._ended:
            raise RuntimeError("the Node under test has ended: see what it wrote to stderr")
        self._seq += 1
        answer = self._answers[self._seq] = asyncio.get_running_loop().create_future()
        assert self._process.stdin is not None
        line = json.dumps({"op": op, "seq": self._seq, **command}) + "\n"
        self._process.stdin.write(line.encode())
        return _unwrap(await answer)

    async def load_beside(self, core: str) -> Any:
        return await self.ask("load", dist=self.dist, core=core)

    async def open(self) -> None:
        pass

    async def collect(self) -> float:
        got = await self.ask("script", code=NODE_COLLECT)
        assert got["error"] is None, got["error"]
        return float(got["value"]["value"])

    async def close(self) -> None:
        self._process.kill()
        await self._process.wait()
        await self._reader


# Compiling a core takes Chromium a second, unless a module of the same bytes lives in the process.
KEEP_COMPILED = """
window.kept = await Promise.all(["jspi", "asyncify"].map((core) =>
  WebAssembly.compileStreaming(fetch(`/dist/core.${core}.wasm`))));
"""


class ChromiumHost:
    """Pages in Chromium that have imported driver.mjs.

    Tests share a page as they share Node's process, until one fails or asks for a fresh one. All
    pages share a process with one that keeps the compiled cores.
    """

    def __init__(self, browser: Any, base: str) -> None:
        self.dist = f"{base}/dist"
        self._base = base
        self._browser = browser
        self._context: Any = None
        self._page: Any = None
        self._loads = 0
        self._in_use = False

    async def open(self) -> None:
        await self.close()
        if self._context is None:
            self._context = await self._browser.new_context()
            keeper = await self._context.new_page()
            await keeper.goto(f"{self._base}/page.html")
            await keeper.evaluate(f"(async () => {{ {KEEP_COMPILED} }})()")
        self._page = await self._context.new_page()
        await self._page.goto(f"{self._base}/page.html")
        self._loads = 0
        self._in_use = False

    async def collect(self) -> float:
        session = await self._page.context.new_cdp_session(self._page)
        for _ in range(3):
            await self._page.evaluate("new Promise((resolve) => setTimeout(resolve, 0))")
            await session.send("HeapProfiler.collectGarbage")
        usage = await session.send("Runtime.getHeapUsage")
        await session.detach()
        return float(usage["usedSize"]) + float(usage.get("backingStorageSize", 0))

    async def close(self) -> None:
        if self._page is not None:
            with suppress(PlaywrightError):  # of a page that crashed
                await self._page.close()
            self._page = None

    async def ask(self, op: str, **command: Any) -> Any:
        if op == "load":
            if self._page is None or self._in_use or self._loads >= LOADS_OF_A_PAGE:
                await self.open()
            self._loads += 1
            self._in_use = True
        answer = await self._tell(op, **command)
        if op == "destroy":  # the last thing that a test does which passed
            self._in_use = False
        return answer

    async def load_beside(self, core: str) -> Any:
        return await self._tell("load", dist=self.dist, core=core)

    async def _tell(self, op: str, **command: Any) -> Any:
        return _unwrap(
            await self._page.evaluate(
                "async command => (await import('/driver.mjs')).handle(command)",
                {"op": op, **command},
            )
        )


def _unwrap(reply: dict[str, Any]) -> Any:
    failed = reply.get("failed")
    if failed is not None:
        raise RuntimeError(f"{failed['name']}: {failed['message']}\n{failed['stack']}")
    return reply["answer"]


@pytest_asyncio.fixture(scope="session")
async def hosts() -> AsyncIterator[dict[str, Host]]:
    """The engines, started once."""
    async with AsyncExitStack() as stack:
        node = find_node(need_jspi=True)
        process = await asyncio.create_subprocess_exec(
            *node.command(str(HERE / "driver.mjs")),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=2**26,
        )
        node_host = NodeHost(process)
        stack.push_async_callback(node_host.close)

        from playwright.async_api import async_playwright

        app = make_app(ServerOptions(HERE, DIST))
        base = await stack.enter_async_context(serving(app))
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(
            executable_path=ensure_chromium(print).path,
            args=[*CHROMIUM_ARGS, "--renderer-process-limit=1"],
        )
        stack.push_async_callback(browser.close)
        chromium_host = ChromiumHost(browser, base)
        stack.push_async_callback(chromium_host.close)
        yield {"node": node_host, "chromium": chromium_host}


@dataclass
class Result:
    """What a piece of Python gave: a value or an error, and what it wrote."""

    value: Any
    stdout: str
    stderr: str
    error: str | None
    error_type: str | None
    exit_code: int | None
    ticks: int


def untag(tagged: dict[str, Any]) -> Any:
    """The Python form of driver.mjs's tagged value; a proxy stays a dict."""
    if "value" in tagged:
        return tagged["value"]
    if "bigint" in tagged:
        return int(tagged["bigint"])
    if "number" in tagged:
        return float(tagged["number"].replace("Infinity", "inf"))
    return None if "undefined" in tagged else tagged


class Runtime:
    """One loaded runtime."""

    def __init__(self, host: Host, engine: str, loaded: dict[str, Any]) -> None:
        self.host = host
        self.engine = engine
        self.id: int = loaded["id"]
        self.core: str = loaded["core"]
        self.reason: str = loaded["reason"]

    async def run_async(
        self, code: str | Program, stdin: list[str] | None = None, filename: str | None = None
    ) -> Result:
        """runPythonAsync(); `stdin` are the lines an asynchronous handler gives."""
        return await self._run(code, stdin, filename, plain=False)

    async def run(
        self, code: str | Program, stdin: list[str] | None = None, filename: str | None = None
    ) -> Result:
        """runPython()."""
        return await self._run(code, stdin, filename, plain=True)

    async def _run(
        self, code: str | Program, stdin: list[str] | None, filename: str | None, plain: bool
    ) -> Result:
        got = await self.host.ask(
            "run", id=self.id, code=str(code), stdin=stdin, filename=filename, plain=plain
        )
        error = got["error"] or {}
        return Result(
            untag(got["value"]),
            got["stdout"],
            got["stderr"],
            error.get("message"),
            error.get("type") or error.get("name"),
            error.get("exitCode"),
            got["ticks"],
        )

    async def value(self, code: str | Program) -> Any:
        """The value of runPythonAsync(), which must not raise."""
        result = await self.run_async(code)
        assert result.error is None, result.error
        return result.value

    async def call(self, program: Program, *arguments: Any) -> Any:
        """The value of a Python program that is called as a function: its names are local ones."""
        return await self.value(program.called(*arguments))

    async def js(self, code: str | Script, *arguments: Any) -> Any:
        """What a JavaScript program returns.

        The program is a function that takes `{ pyodide, session, later, until, failure }`, which
        has the `tools` of driver.mjs besides, and the arguments: values that JSON can carry, and
        Python programs, which it gets as their text. A string is the body of an async function
        that has those first names in scope.
        """
        if isinstance(code, Script):
            given = [str(one) if isinstance(one, Program) else one for one in arguments]
            command = {"op": "call", "file": code.file, "name": code.name, "arguments": given}
        else:
            assert not arguments, "only a program in a file takes arguments"
            command = {"op": "script", "code": code}
        got = await self.host.ask(id=self.id, **command)
        assert got["error"] is None, f"{got['error']['message']}\n{got['error']['stack']}"
        return untag(got["value"])

    async def stats(self) -> dict[str, int]:
        return dict(await self.host.ask("stats", id=self.id))


LEAKS = ("tasks", "waiting", "handles", "proxies", "loopStackBytes")


@asynccontextmanager
async def fresh_runtime(
    hosts: dict[str, Host], engine: str, core: str, **options: Any
) -> AsyncIterator[Runtime]:
    """A runtime with these options, checked for the right core first and for leaks afterwards."""
    host = hosts[engine]
    loaded = await host.ask("load", dist=host.dist, core=core, options=options)
    assert loaded["core"] == core
    made = Runtime(host, engine, loaded)
    before = await made.stats()
    yield made
    for _ in range(20):
        collected = await made.run_async("import gc\ngc.collect();")
        assert collected.error is None, f"the runtime did not survive: {collected.error}"
        after = await made.stats()
        left = {name: (before[name], after[name]) for name in LEAKS if before[name] != after[name]}
        if not left:
            break
        # Exceptions that passed are let go when the turn of the event loop ends, which may be after this.
        await asyncio.sleep(0.02)
    assert not left, f"left behind (before, after): {left}"
    await host.ask("destroy", id=made.id)


@pytest_asyncio.fixture(
    params=[f"{engine}-{core}" for engine in ENGINES for core in CORES],
)
async def runtime(request: Any, hosts: dict[str, Host]) -> AsyncIterator[Runtime]:
    """A fresh runtime on each engine and core."""
    engine, core = request.param.split("-")
    async with fresh_runtime(hosts, engine, core) as made:
        yield made
