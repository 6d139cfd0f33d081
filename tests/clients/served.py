"""The server of the clients' pages: the pages of this folder, a dist, clients, wheels, an index.

Why: a page of a user has all of that behind one address, and some clients want it cross-origin
isolated, which Pyodide's users do by headers. Used by the tests of clients that run in pages.

| path | what is there |
|---|---|
| `/` | the pages of a client (tests/clients/pages/...) |
| `/dist/` | what the client runs over |
| `/npm/` | node_modules |
| `/wheels/` | the wheels of python/inside.txt, and the test's own |
| `/simple/NAME/` | a package index of these wheels (PEP 691) |
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType

from aiohttp import web
from packaging.utils import canonicalize_name

from sospeso.server import MIME, Handler, ServerOptions, make_app, resolve, serving

JSON_INDEX = "application/vnd.pypi.simple.v1+json"


def folder_handler(folder: Path) -> Handler:
    """Serves the files of a folder."""

    async def answer(request: web.Request) -> web.StreamResponse:
        path = resolve(folder, request.match_info["path"])
        if path is None:
            raise web.HTTPNotFound
        kind = MIME.get(path.suffix, "application/octet-stream")
        return web.FileResponse(path, headers={"Content-Type": kind})

    return answer


def file_handler(name: str, data: bytes) -> Handler:
    """Serves these bytes as a file of this name."""
    kind = MIME.get(Path(name).suffix, "application/octet-stream")

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=data, headers={"Content-Type": kind})

    return answer


def index_handler(folder: Path) -> Handler:
    """An index of the wheels in a folder."""

    async def answer(request: web.Request) -> web.StreamResponse:
        name = canonicalize_name(request.match_info["name"])
        files = [
            {
                "filename": file.name,
                "url": f"{request.url.origin()}/wheels/{file.name}",
                "hashes": {"sha256": hashlib.sha256(file.read_bytes()).hexdigest()},
            }
            for file in sorted(folder.glob("*.whl"))
            if canonicalize_name(file.name.split("-")[0]) == name
        ]
        if not files:
            raise web.HTTPNotFound
        told = {"meta": {"api-version": "1.0"}, "name": name, "files": files}
        return web.Response(text=json.dumps(told), content_type=JSON_INDEX)

    return answer


@asynccontextmanager
async def site(
    root: Path,
    dist: Path,
    node_modules: Path | None = None,
    wheels: Path | None = None,
    isolated: bool = False,
    files: Mapping[str, bytes] = MappingProxyType({}),
) -> AsyncIterator[str]:
    """Serve it all; yields the address, without a slash at its end.

    Args:
        root: the pages.
        dist: what they run over.
        node_modules: installed packages of npm.
        wheels: a folder of wheels.
        isolated: whether pages are cross-origin isolated.
        files: contents by paths, beside the pages.
    """
    routes = {f"/{path}": file_handler(path, data) for path, data in files.items()}
    if node_modules is not None:
        routes["/npm/{path:.*}"] = folder_handler(node_modules)
    if wheels is not None:
        routes["/wheels/{path:.*}"] = folder_handler(wheels)
        routes["/simple/{name}/"] = index_handler(wheels)
    async with serving(make_app(ServerOptions(root, dist, coop=isolated), routes)) as url:
        yield url
