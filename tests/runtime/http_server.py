"""The web server that the HTTP tests talk to: echoes, redirects, slow and broken answers.

Why: how urllib and http.client behave over fetch can only be seen against a server that does on
purpose what servers do. The fixture `http_server` starts one in the test's own event loop on a
free port of 127.0.0.1 and stops it with the test; every response allows every page (CORS), so that
browser tests can use it as well.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from xmlrpc.server import SimpleXMLRPCDispatcher

import pytest_asyncio
from aiohttp import web

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "*",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Expose-Headers": "*",
}


class HttpServer:
    """What a test sees of the server.

    Attributes:
        url: its address, without a slash at the end.
        requests: method and path of every request, in the order of arrival.
        disconnected: set when a client went away from /forever.
    """

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[str] = []
        self.disconnected = asyncio.Event()
        self._released = asyncio.Event()
        self._met = asyncio.Event()
        self._waiting = 0

    def application(self) -> web.Application:
        app = web.Application(middlewares=[self._record])
        app.router.add_route("*", "/echo", self._echo)
        app.router.add_route("*", "/status/{code}", self._status)
        app.router.add_route("*", "/redirect/{code}", self._redirect)
        app.router.add_route("*", "/loop", self._loop)
        app.router.add_get("/requests", self._requests)
        app.router.add_get("/headers", self._headers)
        app.router.add_get("/gzip", self._gzip)
        app.router.add_get("/bytes/{count}", self._bytes)
        app.router.add_get("/chunked/{count}", self._chunked)
        app.router.add_get("/late", self._late)
        app.router.add_get("/forever", self._forever)
        app.router.add_get("/until-released", self._until_released)
        app.router.add_get("/release", self._release)
        app.router.add_get("/meet", self._meet)
        app.router.add_get("/disconnect", self._disconnect)
        app.router.add_get("/truncated/{framing}", self._truncated)
        app.router.add_post("/rpc", self._rpc)
        return app

    @web.middleware
    async def _record(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            return web.Response(headers=CORS)
        self.requests.append(f"{request.method} {request.path_qs}")
        response = await handler(request)
        if not response.prepared:
            response.headers.update(CORS)
        return response

    async def _echo(self, request: web.Request) -> web.Response:
        """The request as it arrived, as JSON; header names in lower case."""
        body = await request.read()
        return web.json_response(
            {
                "method": request.method,
                "path": request.path_qs,
                "headers": {name.lower(): value for name, value in request.headers.items()},
                "body": body.decode("latin-1"),
            },
            headers={"X-Echo": "yes"},
        )

    async def _status(self, request: web.Request) -> web.Response:
        code = int(request.match_info["code"])
        body = None if code in (204, 304) else f"body of {code}"
        return web.Response(status=code, reason=request.query.get("reason"), text=body)

    async def _redirect(self, request: web.Request) -> web.Response:
        return web.Response(
            status=int(request.match_info["code"]),
            headers={"Location": request.query.get("to", "/echo")},
            text="look elsewhere",
        )

    async def _loop(self, request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/loop"})

    async def _requests(self, request: web.Request) -> web.Response:
        """What has arrived so far, as JSON."""
        return web.json_response(self.requests, headers={"Cache-Control": "no-store"})

    async def _headers(self, request: web.Request) -> web.Response:
        response = web.Response(text="see the head")
        response.headers.add("Set-Cookie", "a=1; Path=/")
        response.headers.add("Set-Cookie", "b=2; Path=/")
        response.headers["X-Number"] = "42"
        return response

    async def _gzip(self, request: web.Request) -> web.Response:
        body = b"plain text " * 1000
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            return web.Response(body=gzip.compress(body), headers={"Content-Encoding": "gzip"})
        return web.Response(body=body)

    async def _bytes(self, request: web.Request) -> web.Response:
        count = int(request.match_info["count"])
        return web.Response(body=bytes(range(251)) * (count // 251) + bytes(count % 251))

    async def _chunked(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers=CORS)
        response.enable_chunked_encoding()
        await response.prepare(request)
        for number in range(int(request.match_info["count"])):
            await response.write(f"line {number}\n".encode())
        return response

    async def _late(self, request: web.Request) -> web.Response:
        """Headers after ?s= seconds."""
        await asyncio.sleep(float(request.query["s"]))
        return web.Response(text="late")

    async def _forever(self, request: web.Request) -> web.StreamResponse:
        """A head, four bytes, and then nothing until the client goes away."""
        response = web.StreamResponse(headers={**CORS, "Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"some")
        try:
            await asyncio.Event().wait()  # cancelled when the client goes
        finally:
            self.disconnected.set()
        return response

    async def _until_released(self, request: web.Request) -> web.StreamResponse:
        """One line, and another one once somebody has asked for /release."""
        response = web.StreamResponse(headers=CORS)
        await response.prepare(request)
        await response.write(b"first\n")
        await self._released.wait()
        await response.write(b"second\n")
        return response

    async def _release(self, request: web.Request) -> web.Response:
        self._released.set()
        return web.Response(text="released")

    async def _meet(self, request: web.Request) -> web.Response:
        """An answer only when two requests are here at the same time."""
        self._waiting += 1
        if self._waiting == 2:
            self._met.set()
        await self._met.wait()
        return web.Response(text="met")

    async def _disconnect(self, request: web.Request) -> web.Response:
        if request.transport is not None:
            request.transport.close()
        return web.Response()

    async def _truncated(self, request: web.Request) -> web.StreamResponse:
        """A body that breaks off after a few bytes."""
        response = web.StreamResponse(headers=CORS)
        if request.match_info["framing"] == "chunked":
            response.enable_chunked_encoding()
        else:
            response.content_length = 100
        await response.prepare(request)
        await response.write(b"half of it")
        if request.transport is not None:
            request.transport.close()
        return response

    async def _rpc(self, request: web.Request) -> web.Response:
        dispatcher = SimpleXMLRPCDispatcher(allow_none=True)
        dispatcher.register_function(lambda a, b: a + b, "add")
        answer = dispatcher._marshaled_dispatch((await request.read()).decode())
        body = answer if isinstance(answer, bytes) else answer.encode()
        return web.Response(body=body, content_type="text/xml")


@pytest_asyncio.fixture(loop_scope="session")
async def http_server() -> AsyncIterator[HttpServer]:
    """A running server; gone with the test."""
    server = HttpServer()
    runner = web.AppRunner(server.application(), handler_cancellation=True, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = "http://{}:{}".format(*runner.addresses[0][:2])
    yield server
    await runner.cleanup()
