"""The dev server sends what browsers need: types, codings, headers; and nothing else."""

from __future__ import annotations

import gzip
import os
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import brotli
import pytest

from sospeso.paths import UserError
from sospeso.server import ServerOptions, accepted_coding, make_app, serving

TEXT = b"export const x = 1; // " + b"again " * 1000


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    root, dist = tmp_path / "site", tmp_path / "dist"
    (root / "sub").mkdir(parents=True)
    dist.mkdir()
    (root / "index.html").write_text("<!doctype html>root")
    (root / "sub" / "index.html").write_text("<!doctype html>sub")
    (tmp_path / "secret.txt").write_text("secret")
    for name in ("a.mjs", "a.js", "a.wasm", "a.zip", "a.css", "a.json", "a.png", "a.unknown"):
        (dist / name).write_bytes(TEXT)
    return root, dist


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    # Compressed answers stay as they came.
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        yield session


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/dist/a.mjs", "text/javascript; charset=utf-8"),
        ("/dist/a.js", "text/javascript; charset=utf-8"),
        ("/dist/a.wasm", "application/wasm"),
        ("/dist/a.zip", "application/zip"),
        ("/dist/a.json", "application/json"),
        ("/dist/a.png", "image/png"),
        ("/dist/a.unknown", "application/octet-stream"),
    ],
)
async def test_types(
    folders: tuple[Path, Path], client: aiohttp.ClientSession, path: str, kind: str
) -> None:
    async with serving(make_app(ServerOptions(*folders))) as url, client.get(url + path) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == kind
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Cross-Origin-Embedder-Policy" not in answer.headers
        assert "Origin-Trial" not in answer.headers


@pytest.mark.parametrize(
    ("accepts", "coding"), [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("identity", None)]
)
@pytest.mark.parametrize("name", ["a.wasm", "a.zip", "a.mjs"])
async def test_codings(
    folders: tuple[Path, Path],
    client: aiohttp.ClientSession,
    name: str,
    accepts: str,
    coding: str | None,
) -> None:
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[coding]
    async with (
        serving(make_app(ServerOptions(*folders))) as url,
        client.get(f"{url}/dist/{name}", headers={"Accept-Encoding": accepts}) as answer,
    ):
        assert answer.headers.get("Content-Encoding") == coding
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert unpack(await answer.read()) == TEXT


async def test_pictures_are_not_compressed(
    folders: tuple[Path, Path], client: aiohttp.ClientSession
) -> None:
    async with (
        serving(make_app(ServerOptions(*folders))) as url,
        client.get(f"{url}/dist/a.png", headers={"Accept-Encoding": "br"}) as answer,
    ):
        assert "Content-Encoding" not in answer.headers
        assert await answer.read() == TEXT


async def test_a_copy_compressed_beforehand_is_used_unless_it_is_stale(
    folders: tuple[Path, Path], client: aiohttp.ClientSession
) -> None:
    file = folders[1] / "a.wasm"
    beside = folders[1] / "a.wasm.br"
    beside.write_bytes(brotli.compress(b"made beforehand"))
    async with serving(make_app(ServerOptions(*folders))) as url:
        headers = {"Accept-Encoding": "br"}
        async with client.get(f"{url}/dist/a.wasm", headers=headers) as answer:
            assert brotli.decompress(await answer.read()) == b"made beforehand"
        later = beside.stat().st_mtime + 10
        os.utime(file, (later, later))
        async with client.get(f"{url}/dist/a.wasm", headers=headers) as answer:
            assert brotli.decompress(await answer.read()) == TEXT


async def test_an_unchanged_file_is_304_and_a_changed_one_is_sent(
    folders: tuple[Path, Path], client: aiohttp.ClientSession
) -> None:
    async with serving(make_app(ServerOptions(*folders))) as url:
        for accepts in ("br", "identity"):
            headers = {"Accept-Encoding": accepts}
            async with client.get(f"{url}/dist/a.mjs", headers=headers) as answer:
                headers["If-None-Match"] = answer.headers["ETag"]
            async with client.get(f"{url}/dist/a.mjs", headers=headers) as answer:
                assert answer.status == 304
            (folders[1] / "a.mjs").write_bytes(TEXT + accepts.encode())
            async with client.get(f"{url}/dist/a.mjs", headers=headers) as answer:
                assert answer.status == 200


async def test_isolation_and_origin_trial_headers_are_on_every_answer(
    folders: tuple[Path, Path], client: aiohttp.ClientSession
) -> None:
    options = ServerOptions(*folders, coop=True, origin_trial="token")
    async with serving(make_app(options)) as url:
        for path in ("/", "/dist/a.mjs", "/missing"):
            async with client.get(url + path) as answer:
                assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
                assert answer.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
                assert answer.headers["Origin-Trial"] == "token"


async def test_folders_answer_with_their_index(
    folders: tuple[Path, Path], client: aiohttp.ClientSession
) -> None:
    async with (
        serving(make_app(ServerOptions(*folders))) as url,
        client.get(f"{url}/sub") as answer,
    ):
        assert answer.url.path == "/sub/"
        assert (await answer.read()).endswith(b"sub")


@pytest.mark.parametrize("path", ["/../secret.txt", "/dist/../../secret.txt", "/%2e%2e/secret.txt"])
async def test_nothing_outside_is_served(folders: tuple[Path, Path], path: str) -> None:
    import asyncio

    async with serving(make_app(ServerOptions(*folders))) as url:
        host, port = url.removeprefix("http://").split(":")
        # By hand: a client library would tidy the path up before it is sent.
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
        )
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    assert answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 400"))
    assert b"secret\n" not in answer and not answer.endswith(b"secret")


async def test_a_missing_build_is_named(
    folders: tuple[Path, Path], client: aiohttp.ClientSession, tmp_path: Path
) -> None:
    options = ServerOptions(folders[0], tmp_path / "no-dist")
    async with (
        serving(make_app(options)) as url,
        client.get(f"{url}/dist/sospeso.mjs") as answer,
    ):
        assert answer.status == 404
        assert "make build" in await answer.text()


async def test_a_taken_port_is_named_with_a_cure(folders: tuple[Path, Path]) -> None:
    app = ServerOptions(*folders)
    async with serving(make_app(app)) as url:
        port = int(url.rsplit(":", 1)[1])
        with pytest.raises(UserError, match=rf"port {port} is taken .*--port"):
            async with serving(make_app(app), port=port):
                raise AssertionError("two servers on one port")


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", None),
        ("gzip;q=0, br;q=0", None),
        ("br;q=0, gzip", "gzip"),
        ("*", "br"),
        ("gzip;q=0.5", "gzip"),
        ("GZIP", "gzip"),
        ("br;q=x", None),
    ],
)
def test_accept_encoding_is_read_as_specified(header: str, coding: str | None) -> None:
    assert accepted_coding(header) == coding


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:80", 200),
        ("localhost", 200),
        ("page.localhost:8000", 200),
        ("[::1]:8000", 200),
        ("10.1.2.3", 200),
        ("my-machine:8000", 200),
        ("evil.example:8000", 403),
        ("localhost.evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("", 403),
    ],
)
async def test_only_requests_for_this_machine_are_answered(
    folders: tuple[Path, Path], client: aiohttp.ClientSession, host: str, status: int
) -> None:
    """A page of the web can give its own name this machine's address (DNS rebinding)."""
    options = ServerOptions(*folders, names=("my-machine",))
    async with (
        serving(make_app(options)) as url,
        client.get(url, headers={"Host": host}) as answer,
    ):
        assert answer.status == status


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/.env", 404),
        ("/.git/config", 404),
        ("/sub/.hidden/a.txt", 404),
        ("/link.txt", 404),
        ("/.well-known/a.txt", 200),
    ],
)
async def test_names_with_a_dot_are_not_served(
    folders: tuple[Path, Path], client: aiohttp.ClientSession, path: str, status: int
) -> None:
    """`serve .` in a checkout showed .git, and .env with its passwords, to whoever could ask."""
    root, _ = folders
    for name in (".env", ".git/config", "sub/.hidden/a.txt", ".well-known/a.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("hidden")
    (root / "link.txt").symlink_to(root / ".env")
    async with serving(make_app(ServerOptions(*folders))) as url, client.get(url + path) as answer:
        assert answer.status == status
