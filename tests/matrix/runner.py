"""Running cells of the matrix: the server, one engine at a time, what came of each.

Why: every engine reports the same way, by POST to this server, result by result, so that what an
engine did before it died or hung is known too. Used by __main__.py, by the tests and by
machine.py.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from sospeso.paths import need_dist
from sospeso.server import ServerOptions, make_app, serving

from .catalog import BROWSERS, Cell
from .install import Installed
from .launch import WEB, display, started
from .trial import make_trial

CELL_SECONDS = 180
# An engine that says nothing for so long has hung: a check may take 25 s, a start some more.
SILENT_SECONDS = 60


@dataclass(frozen=True)
class Check:
    """What came of one check."""

    feature: str
    name: str
    passed: bool
    reason: str = ""
    ms: int = 0


@dataclass
class Outcome:
    """What came of one cell.

    Attributes:
        cell: which.
        version: the engine's.
        checks: in the order they ran.
        absent: why the engine has no such context; "" if it has.
        broken: why the suite did not come to its end; "" if it did.
        seconds: from the engine's start to the end.
    """

    cell: Cell
    version: str
    checks: list[Check] = field(default_factory=list)
    absent: str = ""
    broken: str = ""
    seconds: float = 0.0

    @property
    def core(self) -> str:
        """The core that ran; "" if none did."""
        first = self.checks[0] if self.checks else None
        return first.reason.split(":")[0] if first is not None and first.passed else ""

    @property
    def failures(self) -> list[str]:
        """Everything that fails, a line each, known or not."""
        found = [_line(check) for check in self.checks if not check.passed]
        return [*found, *([f"broken: {self.broken}"] if self.broken else [])]

    @property
    def problems(self) -> list[str]:
        """What is not as the catalog says, a line each; empty for a cell that is as it must be."""
        engine = self.cell.engine
        lacks = self.cell.context in engine.lacks
        if self.absent and not lacks:
            return [f"not there: {self.absent}"]
        if lacks and not self.absent:
            return [f"{self.cell.context} is there, the catalog says that it is not"]
        known = {_line(c) for c in self.checks if not c.passed and c.feature in engine.beyond}
        if engine.beyond and not known and not self.absent:
            return [f"{', '.join(engine.beyond)}: all passes, the catalog says that it does not"]
        return [line for line in self.failures if line not in known]


def _line(check: Check) -> str:
    return f"{check.feature}: {check.name}: {check.reason}"


class Bench:
    """The server that the engines load from and report to."""

    def __init__(self, base: str, dist: Path, displays: Callable[[], Any]) -> None:
        self.base = base
        self._dist = dist
        self._displays = displays
        self.trial = make_trial(base)
        self.messages: dict[str, asyncio.Queue[dict[str, Any]]] = {}

    async def run(self, found: Installed, cell: Cell, only: list[str] | None = None) -> Outcome:
        """Run one cell to its end, or to the engine's, or until it hangs.

        Raises:
            EngineMissing: it needs a display and there is none.
        """
        outcome = Outcome(cell, found.version)
        dist = f"{self.base}/dist" if cell.engine.family in BROWSERS else self._dist.as_uri()
        plan: dict[str, Any] = {
            "cell": cell.key,
            "context": cell.context,
            "base": self.base,
            "dist": dist,
            "asked": cell.asked,
            "core": cell.core,
            "why": cell.engine.why,
        }
        if only:
            plan["only"] = only
        queue = self.messages[cell.key] = asyncio.Queue()
        shown = await self._displays() if cell.engine.family == "webkit" else ""
        more = [self.trial.flag] if cell.engine.trial else []
        begun = time.monotonic()
        try:
            async with started(found, self.base, plan, shown, more) as process:
                said = asyncio.create_task(_tail(process))
                ended = asyncio.create_task(process.wait())
                outcome.broken = await self._collect(outcome, queue, ended, begun)
                ended.cancel()
            end = (await said).strip()
            if outcome.broken and end:
                outcome.broken += f"\n{end}"
        finally:
            del self.messages[cell.key]
        outcome.seconds = time.monotonic() - begun
        return outcome

    async def _collect(
        self,
        outcome: Outcome,
        queue: asyncio.Queue[dict[str, Any]],
        ended: asyncio.Task[int],
        begun: float,
    ) -> str:
        """Take results in until the last; why it did not come, or ""."""
        while True:
            left = CELL_SECONDS - (time.monotonic() - begun)
            message = asyncio.create_task(queue.get())
            await asyncio.wait(
                {message, ended},
                timeout=max(0, min(left, SILENT_SECONDS)),
                return_when=asyncio.FIRST_COMPLETED,
            )
            if not message.done():
                message.cancel()
                last = outcome.checks[-1].name if outcome.checks else "its start"
                if ended.done() and queue.empty():
                    return f'the engine ended (exit code {ended.result()}) after "{last}"'
                if not ended.done():
                    return f'nothing was heard after "{last}"'
                continue
            got = message.result()
            if "result" in got:
                outcome.checks.append(Check(**got["result"]))
            elif "absent" in got:
                outcome.absent = got["absent"]
                return ""
            elif "broken" in got:
                return str(got["broken"])
            elif got.get("done"):
                return ""


async def _tail(process: asyncio.subprocess.Process) -> str:
    """The end of what an engine says; read all along, so that it never waits for us."""
    assert process.stdout is not None
    said = b""
    while data := await process.stdout.read(65536):
        said = (said + data)[-2000:]
    return said.decode(errors="replace")


@asynccontextmanager
async def bench() -> AsyncIterator[Bench]:
    """The server, and a display once an engine needs it.

    Raises:
        UserError: nothing is built.
    """
    dist = need_dist("sospeso.mjs", "sospeso.js", "core.jspi.wasm", "core.asyncify.wasm")
    made: Bench

    async def report(request: web.Request) -> web.Response:
        message = await request.json()
        queue = made.messages.get(message["cell"])
        if queue is not None:  # else: one that was given up
            queue.put_nowait(message)
        return web.Response(text="noted")

    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello from the server")

    async def trial(_: web.Request, response: web.StreamResponse) -> None:
        response.headers["Origin-Trial"] = made.trial.token  # only some engines believe it

    app = make_app(ServerOptions(WEB, dist), {"/hello": hello})
    app.router.add_post("/report", report)
    app.on_response_prepare.append(trial)
    async with AsyncExitStack() as stack:
        shown: list[str] = []

        async def one_display() -> str:
            if not shown:
                shown.append(await stack.enter_async_context(display()))
            return shown[0]

        base = await stack.enter_async_context(serving(app))
        made = Bench(base, dist, one_display)
        yield made
