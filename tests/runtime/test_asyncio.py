"""asyncio: the page's loop with files, loops of the user's own, and who may interrupt whom."""

from __future__ import annotations

from typing import Any

import pytest

SERVER = """
import asyncio, os, socket, threading, time

async def answer(reader, writer):
    while line := await reader.readline():
        writer.write(line.upper())
        await writer.drain()
    writer.close()
    await writer.wait_closed()

async def talk(kind):
    if kind == "unix":
        server = await asyncio.start_unix_server(answer, "/tmp/talk.sock")
        connect = lambda: asyncio.open_unix_connection("/tmp/talk.sock")
    else:
        server = await asyncio.start_server(answer, "localhost", 0)
        port = server.sockets[0].getsockname()[1]
        connect = lambda: asyncio.open_connection("localhost", port)
    async def client(number):
        reader, writer = await connect()
        writer.write(b"client %d\\n" % number)
        got = await reader.readline()
        writer.close()
        await writer.wait_closed()
        return got
    async with server:
        return await asyncio.gather(*(client(i) for i in range(5)))
"""
ANSWERS = str([b"CLIENT %d\n" % i for i in range(5)])


@pytest.mark.parametrize("kind", ["tcp", "unix"])
async def test_servers_run_on_the_pages_loop(runtime: Any, kind: str) -> None:
    assert await runtime.value(f"{SERVER}\nstr(await talk({kind!r}))") == ANSWERS


@pytest.mark.parametrize("kind", ["tcp", "unix"])
async def test_servers_run_on_a_loop_of_ones_own(runtime: Any, kind: str) -> None:
    assert await runtime.value(f"{SERVER}\nstr(asyncio.run(talk({kind!r})))") == ANSWERS


async def test_servers_run_on_a_loop_in_a_thread(runtime: Any) -> None:
    assert (
        await runtime.value(
            SERVER
            + """
got = []
thread = threading.Thread(target=lambda: got.append(asyncio.run(talk("tcp"))))
thread.start()
thread.join()
str(got[0])
"""
        )
        == ANSWERS
    )


async def test_add_reader_on_the_pages_loop(runtime: Any) -> None:
    assert (
        await runtime.value(
            """
import asyncio, os
loop = asyncio.get_running_loop()
r, w = os.pipe()
got = []
done = asyncio.Event()
def read():
    got.append(os.read(r, 3))
    if len(got) == 3:
        loop.remove_reader(r)
        done.set()
loop.add_reader(r, read)
loop.call_later(0.02, os.write, w, b"abcdef")
loop.call_later(0.04, os.write, w, b"ghi")
await asyncio.wait_for(done.wait(), 20)
os.close(r); os.close(w)
str(got)
"""
        )
        == "[b'abc', b'def', b'ghi']"
    )


async def test_a_files_callback_that_waits_is_not_entered_again(runtime: Any) -> None:
    """Other steps of the page's loop run meanwhile; its file stays ready all the while."""
    assert (
        await runtime.value(
            """
import asyncio, os, time
loop = asyncio.get_running_loop()
r, w = os.pipe()
log = []
done = asyncio.Event()
def read():
    log.append("in")
    time.sleep(0.4)
    log.append(os.read(r, 10))
    loop.remove_reader(r)
    done.set()
loop.add_reader(r, read)
os.write(w, b"x")
ticks = 0
while not done.is_set():
    await asyncio.sleep(0.005)
    ticks += 1
os.close(r); os.close(w)
str((log, ticks > 2))
"""
        )
        == "(['in', b'x'], True)"
    )


async def test_any_loop_class_runs_beside_the_pages(runtime: Any) -> None:
    assert (
        await runtime.value(
            """
import asyncio
page = asyncio.get_running_loop()
class Mine(asyncio.SelectorEventLoop):
    pass
loop = Mine()
async def main():
    return asyncio.get_running_loop() is loop
out = [loop.run_until_complete(main())]
loop.call_soon(loop.stop)
loop.run_forever()
loop.close()
with asyncio.Runner(loop_factory=Mine) as runner:
    out.append(runner.run(asyncio.sleep(0.01, "slept")))
out.append(asyncio.get_running_loop() is page)
str(out)
"""
        )
        == "[True, 'slept', True]"
    )


async def test_a_loop_in_a_loop_is_refused_as_in_cpython(runtime: Any) -> None:
    result = await runtime.run_async(
        """
import asyncio
async def inner():
    pass
async def outer():
    coroutine = inner()
    try:
        asyncio.run(coroutine)
    finally:
        coroutine.close()
asyncio.run(outer())
"""
    )
    assert result.error_type == "RuntimeError"
    assert "cannot be called from a running event loop" in (result.error or "")


async def test_call_soon_threadsafe_wakes_a_loop_that_waits(runtime: Any) -> None:
    assert (
        await runtime.value(
            """
import asyncio, threading, time
async def main():
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    def other():
        time.sleep(0.03)
        loop.call_soon_threadsafe(done.set_result, "woken")
    thread = threading.Thread(target=other)
    thread.start()
    got = await asyncio.wait_for(done, 20)
    thread.join()
    return got, await asyncio.to_thread(lambda: "thread"), await loop.run_in_executor(None, time.sleep, 0)
str((asyncio.run(main()), await asyncio.create_task(main())))
"""
        )
        == "(('woken', 'thread', None), ('woken', 'thread', None))"
    )


async def test_datagram_endpoints_and_sock_calls(runtime: Any) -> None:
    assert (
        await runtime.value(
            """
import asyncio, socket
async def main():
    loop = asyncio.get_running_loop()
    got = loop.create_future()
    class Receiver(asyncio.DatagramProtocol):
        def datagram_received(self, data, addr):
            got.set_result(data)
    receiver, _ = await loop.create_datagram_endpoint(Receiver, local_addr=("127.0.0.1", 0))
    sender, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=receiver.get_extra_info("sockname"))
    sender.sendto(b"datagram")
    first = await got
    sender.close(); receiver.close()
    a, b = socket.socketpair()
    a.setblocking(False); b.setblocking(False)
    reading = asyncio.create_task(loop.sock_recv(b, 10))
    await asyncio.sleep(0)
    await loop.sock_sendall(a, b"sock")
    second = await reading
    a.close(); b.close()
    return first, second
str((await main(), asyncio.run(main())))
"""
        )
        == "((b'datagram', b'sock'), (b'datagram', b'sock'))"
    )


async def test_a_computing_step_is_not_interrupted_by_its_own_loop(runtime: Any) -> None:
    """The rule of interleaving: at a time slice the page has its turn, the loop's callbacks not."""
    got = await runtime.js(
        """
let turns = 0;
const timer = setInterval(() => turns++, 1);
const value = await pyodide.runPythonAsync(`
import asyncio, time
log = []
async def other():
    log.append("other")
async def main():
    asyncio.create_task(other())
    until = time.monotonic() + 0.3
    while time.monotonic() < until:
        pass
    log.append("computed")
    await asyncio.sleep(0)
await main()
str(log)
`);
clearInterval(timer);
return [value, turns > 3].join();
"""
    )
    assert got == "['computed', 'other'],true"


async def test_at_a_wait_the_loops_callbacks_run(runtime: Any) -> None:
    """The other half of the rule: a blocking call in a coroutine of the page's loop holds up nobody."""
    assert (
        await runtime.value(
            """
import asyncio, time
log = []
async def other():
    log.append("other")
async def main():
    task = asyncio.create_task(other())
    time.sleep(0.3)
    log.append("slept")
    await task
    log.append(asyncio.current_task() is not None)
await main()
async def in_own_loop():
    task = asyncio.create_task(other())
    time.sleep(0.3)
    log.append("slept")
    await task
asyncio.run(in_own_loop())
str(log)
"""
        )
        == "['other', 'slept', True, 'slept', 'other']"
    )


async def test_an_interrupt_ends_asyncio_run_in_the_right_frame(runtime: Any) -> None:
    got = await runtime.js(
        """
const running = failure(pyodide.runPythonAsync(`
import asyncio
log = []
async def main():
    global ready
    ready = True
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        log.append("cancelled")
        raise
asyncio.run(main())
`));
while (!pyodide.globals.has("ready")) await later(5);
await later(30);
pyodide.interrupt();
const { type } = await running;
return [type, pyodide.runPython("str(log)")].join();
"""
    )
    assert got == "KeyboardInterrupt,['cancelled']"


async def test_the_threads_of_the_pages_executor_end_with_its_last_job(runtime: Any) -> None:
    """The page's loop is never closed: its idle threads stayed as long as the page."""
    assert (
        await runtime.value(
            """
import asyncio, threading, time
before = threading.active_count()
await asyncio.gather(*(asyncio.to_thread(time.sleep, 0.01) for _ in range(3)))
while threading.active_count() > before:
    await asyncio.sleep(0.001)
again = await asyncio.to_thread(lambda: "again")
while threading.active_count() > before:
    await asyncio.sleep(0.001)
again
"""
        )
        == "again"
    )


async def test_there_are_no_children_to_wait_for(runtime: Any) -> None:
    code = """
import os
try:
    os.waitpid(-1, os.WNOHANG)
except OSError as error:
    found = type(error).__name__
found
"""
    assert (await runtime.value(code)) == "ChildProcessError"


async def test_timers_set_by_a_computing_task_are_all_called(runtime: Any) -> None:
    """A task that is no step of the page's loop set timers of it, one after the other. Its time slice ended while the heap
    of timers compared two of them (in Python), a step of the loop took others off, and the task had
    "RuntimeError: list changed size during iteration"; or a timer was lost."""
    assert await runtime.value("""
import asyncio, time
loop = asyncio.get_event_loop()
called = []
for number in range(20_000):
    loop.call_later(0.01 + number * 7919 % 1000 / 1e4, called.append, number)
end = time.monotonic() + 60
while len(called) < 20_000 and time.monotonic() < end:
    time.sleep(0.01)
sorted(called) == list(range(20_000))
""")


async def test_timers_of_one_time_are_called_in_order(runtime: Any) -> None:
    assert (
        await runtime.value("""
import asyncio
loop = asyncio.get_running_loop()
when, called = loop.time() + 0.02, []
for number in range(50):
    loop.call_at(when, called.append, number)
await asyncio.sleep(0.05)
while len(called) < 50:
    await asyncio.sleep(0.01)
called == list(range(50))
""")
        is True
    )


async def test_cancelled_timers_do_not_pile_up(runtime: Any) -> None:
    """Each `wait_for` of something quick sets a timer and cancels it: they stayed in the page's
    loop until their time came, with all that their callbacks held."""
    assert (
        await runtime.value("""
import asyncio
loop = asyncio.get_running_loop()
kept = loop.call_later(3600, print)
for _ in range(2000):
    await asyncio.wait_for(asyncio.sleep(0), 3600)
left = len(loop._scheduled)
kept.cancel()
await asyncio.sleep(0)
left < 300
""")
        is True
    )
