# The event loop of the page; see asyncio_bridge/webloop.py.
import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

_T = TypeVar("_T")
_S = TypeVar("_S")

__all__ = ["PyodideFuture", "PyodideTask", "WebLoop", "WebLoopPolicy"]

class PyodideFuture(asyncio.Future[_T]):
    def then(
        self,
        onfulfilled: Callable[[_T], Awaitable[_S] | _S] | None,
        onrejected: Callable[[BaseException], Awaitable[_S] | _S] | None = None,
    ) -> PyodideFuture[_S]: ...
    def catch(
        self, onrejected: Callable[[BaseException], Awaitable[_S] | _S]
    ) -> PyodideFuture[_T | _S]: ...
    def finally_(self, onfinally: Callable[[], Any]) -> PyodideFuture[_T]: ...

class PyodideTask(asyncio.Task[_T], PyodideFuture[_T]): ...
class WebLoop(asyncio.BaseEventLoop): ...
class WebLoopPolicy(asyncio.DefaultEventLoopPolicy): ...
