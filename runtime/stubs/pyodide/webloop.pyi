# The event loop of the page; see asyncio_bridge/webloop.py.
import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

_T = TypeVar("_T")
_S = TypeVar("_S")

__all__ = ["PyodideFuture", "PyodideTask", "WebLoop", "WebLoopPolicy"]

class PyodideFuture(asyncio.Future[_T]):
    """A future of the page's loop, with the methods of a promise."""

    def then(
        self,
        onfulfilled: Callable[[_T], Awaitable[_S] | _S] | None,
        onrejected: Callable[[BaseException], Awaitable[_S] | _S] | None = None,
    ) -> PyodideFuture[_S]:
        """A future of what a function makes of the result.

        Args:
            onfulfilled: called with the result; None passes it on.
            onrejected: called with the exception; None passes it on.
        """
    def catch(
        self, onrejected: Callable[[BaseException], Awaitable[_S] | _S]
    ) -> PyodideFuture[_T | _S]:
        """A future with a handler of exceptions.

        Args:
            onrejected: called with the exception; what it returns is the result.
        """
    def finally_(self, onfinally: Callable[[], Any]) -> PyodideFuture[_T]:
        """A future with a function that is called at its end, whichever way.

        Args:
            onfinally: called without arguments; what it returns is awaited and ignored.
        """

class PyodideTask(asyncio.Task[_T], PyodideFuture[_T]):
    """A task of the page's loop, with the methods of a promise."""

class WebLoop(asyncio.BaseEventLoop):
    """The event loop of the page. It always runs: `run_forever()` and `stop()` do nothing, and
    `run_until_complete()` waits.
    """

class WebLoopPolicy(asyncio.DefaultEventLoopPolicy):
    """Gives tasks from JavaScript the page's loop, and others the loops that they make."""
