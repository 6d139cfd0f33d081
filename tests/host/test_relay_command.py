"""The relay as a process: its metrics, its way down, its command, and how much memory it takes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from sospeso.relay.frames import Kind
from sospeso.relay.server import make_metrics_app
from sospeso.server import serving
from tests.host.relay_clients import LOOPBACK, Client, client, handshake_status, relay
from tests.network_servers import echo
from tests.network_servers import tcp as target


async def test_metrics_and_health_are_served() -> None:
    async with relay() as (made, url), target(echo) as port, client(url) as one:
        await one.connect(1, "127.0.0.1", port)
        await one.until(Kind.OPENED, 1)
        await one.connect(2, "10.0.0.1", port)
        assert await one.outcome(2) == "BLOCKED"
        async with serving(make_metrics_app(made)) as base, aiohttp.ClientSession() as session:
            async with session.get(f"{base}/metrics") as answer:
                text = await answer.text()
            async with session.get(f"{base}/healthz") as answer:
                assert answer.status == 200
        assert "sospeso_relay_sockets 1" in text and "sospeso_relay_streams 1" in text
        assert 'sospeso_relay_streams_total{result="blocked"} 1' in text
        refused = [line for line in made.log.lines if line["event"] == "refused"]  # type: ignore[attr-defined]
        assert refused[0]["host"] == "10.0.0.1"


async def test_the_way_down_lets_open_streams_end_and_begins_none() -> None:
    async with relay(drain_seconds=20) as (made, url), target(echo) as port, client(url) as one:
        await one.connect(1, "127.0.0.1", port)
        await one.until(Kind.OPENED, 1)
        down = asyncio.ensure_future(made.drain())
        await asyncio.sleep(0)
        await one.connect(2, "127.0.0.1", port)
        assert await one.outcome(2) == "THROTTLED"
        assert await handshake_status(url) == 503
        await one.send(Kind.DATA, 1, b"last")
        assert (await one.until(Kind.DATA, 1)).payload == b"last"
        await one.send(Kind.END, 1)
        with pytest.raises(ConnectionError, match="1001"):
            while True:
                await one.next()
        await down


async def test_the_command_serves_until_sigterm(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("s" * 40)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with target(echo) as there:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "sospeso", "relay", "--listen", f"127.0.0.1:{port}",
            "--allow", LOOPBACK, "--key-file", str(key), "--drain-seconds", "1",
            stderr=asyncio.subprocess.PIPE, env={**os.environ},
        )  # fmt: skip
        assert process.stderr is not None
        assert b"listening" in await process.stderr.readline()
        token = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "sospeso", "relay-token", "--key-file", str(key),
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await token.communicate()
        async with client(f"ws://127.0.0.1:{port}/", token=out.decode().strip()) as one:
            await one.connect(1, "127.0.0.1", there)
            assert await one.outcome(1) == "OPENED"
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--allow", "a:1"], "--key-file"),
        (["--no-token"], "--allow"),
        (["--no-token", "--allow", "a"], "host:port"),
        (["--no-token", "--allow", "a:1", "--limit", "x=1"], "no limit 'x'"),
        (["--no-token", "--allow", "a:1", "--listen", "x"], "HOST:PORT"),
    ],
)
async def test_the_command_says_what_is_missing(words: list[str], says: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sospeso", "relay", *words, stderr=asyncio.subprocess.PIPE
    )
    _, err = await process.communicate()
    assert process.returncode == 2 and says in err.decode()


async def test_a_thousand_connections_fit_into_200_megabytes() -> None:
    """Each carries something; ten WebSockets with a hundred connections each."""
    limits = ("--limit", "connects_per_minute=100000", "--limit", "streams=2000")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sospeso", "relay", "--listen", "127.0.0.1:0", "--no-token",
        "--allow", LOOPBACK, *limits, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    listening = json.loads(await process.stderr.readline())
    drain = asyncio.ensure_future(process.stderr.read())
    url = f"ws://127.0.0.1:{listening['address'][1]}/"
    try:
        async with target(echo) as port, AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(client(url)) for _ in range(10)]

            async def fill(one: Client) -> None:
                for id in range(1, 101):
                    await one.connect(id, "127.0.0.1", port)
                    await one.send(Kind.DATA, id, b"x" * 1000)
                for _ in range(100):
                    await one.until(Kind.DATA)

            await asyncio.gather(*map(fill, clients))
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
            megabytes = int(status.split("VmRSS:")[1].split()[0]) / 1000
            print(f"relay: {megabytes:.0f} MB with 1,000 connections")
            assert megabytes < 200
    finally:
        process.kill()
        await process.wait()
        await drain
