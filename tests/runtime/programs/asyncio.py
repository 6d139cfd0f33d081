"""Programs of test_asyncio.py."""

import asyncio
import os
import threading
import time


async def _answer(reader, writer):
    while line := await reader.readline():
        writer.write(line.upper())
        await writer.drain()
    writer.close()
    await writer.wait_closed()


async def _talk(kind):
    if kind == "unix":
        server = await asyncio.start_unix_server(_answer, "/tmp/talk.sock")

        def connect():
            return asyncio.open_unix_connection("/tmp/talk.sock")
    else:
        server = await asyncio.start_server(_answer, "localhost", 0)
        port = server.sockets[0].getsockname()[1]

        def connect():
            return asyncio.open_connection("localhost", port)

    async def client(number):
        reader, writer = await connect()
        writer.write(b"client %d\n" % number)
        got = await reader.readline()
        writer.close()
        await writer.wait_closed()
        return got

    async with server:
        return await asyncio.gather(*(client(i) for i in range(5)))


async def servers(kind):
    return str(await _talk(kind))


async def servers_on_an_own_loop(kind):
    return str(asyncio.run(_talk(kind)))


def servers_on_a_loop_in_a_thread():
    got = []
    thread = threading.Thread(target=lambda: got.append(asyncio.run(_talk("tcp"))))
    thread.start()
    thread.join()
    return str(got[0])


async def add_reader():
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
    os.close(r)
    os.close(w)
    return str(got)


async def a_reader_that_waits():
    loop = asyncio.get_running_loop()
    r, w = os.pipe()
    log, ticks = [], []
    done = asyncio.Event()

    def read():
        log.append("in")
        end = time.monotonic() + 20
        while len(ticks) < 10 and time.monotonic() < end:
            time.sleep(0.001)
        log.append(os.read(r, 10))
        loop.remove_reader(r)
        done.set()

    loop.add_reader(r, read)
    os.write(w, b"x")
    while not done.is_set():
        await asyncio.sleep(0.001)
        ticks.append(1)
    os.close(r)
    os.close(w)
    return str((log, len(ticks) >= 10))


def own_loop_classes():
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
    return str(out)


def a_loop_in_a_loop():
    async def inner():
        pass

    async def outer():
        coroutine = inner()
        try:
            asyncio.run(coroutine)
        finally:
            coroutine.close()

    return asyncio.run(outer())


async def call_soon_threadsafe():
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
        return (
            got,
            await asyncio.to_thread(lambda: "thread"),
            await loop.run_in_executor(None, time.sleep, 0),
        )

    return str((asyncio.run(main()), await asyncio.create_task(main())))


async def datagrams_and_sock_calls():
    import socket

    async def main():
        loop = asyncio.get_running_loop()
        got = loop.create_future()

        class Receiver(asyncio.DatagramProtocol):
            def datagram_received(self, data, addr):
                got.set_result(data)

        receiver, _ = await loop.create_datagram_endpoint(Receiver, local_addr=("127.0.0.1", 0))
        sender, _ = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=receiver.get_extra_info("sockname")
        )
        sender.sendto(b"datagram")
        first = await got
        sender.close()
        receiver.close()
        a, b = socket.socketpair()
        a.setblocking(False)
        b.setblocking(False)
        reading = asyncio.create_task(loop.sock_recv(b, 10))
        await asyncio.sleep(0)
        await loop.sock_sendall(a, b"sock")
        second = await reading
        a.close()
        b.close()
        return first, second

    return str((await main(), asyncio.run(main())))


async def a_computing_step():
    log = []

    async def other():
        log.append("other")

    async def main():
        task = asyncio.create_task(other())
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            pass
        log.append("computed")
        await asyncio.sleep(0)

    await main()
    return str(log)


async def callbacks_at_a_wait():
    log = []
    r, w = os.pipe()

    async def other():
        log.append("other")
        os.write(w, b"x")

    async def main():
        task = asyncio.create_task(other())
        os.read(r, 1)  # blocks until the other has written
        log.append("read")
        await task
        log.append(asyncio.current_task() is not None)

    await main()

    async def in_own_loop():
        task = asyncio.create_task(other())
        time.sleep(0.05)  # holds up its own loop
        log.append("slept")
        await task

    asyncio.run(in_own_loop())
    os.close(r)
    os.close(w)
    return str(log)


def sleeps_in_asyncio_run():
    log = []

    async def main():
        global ready
        ready = True
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            log.append("cancelled")
            raise

    return asyncio.run(main())


async def threads_of_the_executor():
    before = threading.active_count()
    await asyncio.gather(*(asyncio.to_thread(time.sleep, 0.01) for _ in range(3)))
    while threading.active_count() > before:
        await asyncio.sleep(0.001)
    again = await asyncio.to_thread(lambda: "again")
    while threading.active_count() > before:
        await asyncio.sleep(0.001)
    return again


def no_children():
    try:
        os.waitpid(-1, os.WNOHANG)
    except OSError as error:
        found = type(error).__name__
    return found


def many_timers():
    loop = asyncio.get_event_loop()
    called = []
    for number in range(20_000):
        loop.call_later(0.01 + number * 7919 % 1000 / 1e4, called.append, number)
    end = time.monotonic() + 60
    while len(called) < 20_000 and time.monotonic() < end:
        time.sleep(0.01)
    return sorted(called) == list(range(20_000))


async def timers_of_one_time():
    loop = asyncio.get_running_loop()
    when, called = loop.time() + 0.02, []
    for number in range(50):
        loop.call_at(when, called.append, number)
    while len(called) < 50:
        await asyncio.sleep(0.01)
    return called == list(range(50))


async def cancelled_timers():
    loop = asyncio.get_running_loop()
    kept = loop.call_later(3600, print)
    for _ in range(2000):
        await asyncio.wait_for(asyncio.sleep(0), 3600)
    left = len(loop._scheduled)
    kept.cancel()
    await asyncio.sleep(0)
    return left < 300


async def generators_are_shut_down():
    import asyncio

    seen = []

    async def counts(name):
        try:
            yield 1
            yield 2
        finally:
            await asyncio.sleep(0)
            seen.append(name)

    first, second = counts("first"), counts("second")
    assert await anext(first) == await anext(second) == 1

    async def iterate():
        async for _ in counts("in a task"):
            await asyncio.sleep(100)

    task = asyncio.ensure_future(iterate())
    await asyncio.sleep(0)
    task.cancel()
    loop = asyncio.get_running_loop()
    try:
        await loop.shutdown_asyncgens()
        assert sorted(seen) == ["first", "in a task", "second"], seen
        await loop.shutdown_asyncgens()
        assert len(seen) == 3
    finally:
        loop._asyncgens_shutdown_called = False


async def what_is_in_progress():
    import asyncio

    loop = asyncio.get_running_loop()
    seen = []
    loop._in_progress = 0
    loop._no_in_progress_handler = lambda: seen.append("idle")
    loop._keyboard_interrupt_handler = lambda: seen.append("interrupt")
    loop._system_exit_handler = seen.append
    try:
        for outcome in (None, KeyboardInterrupt(), SystemExit(3)):
            future = loop.create_future()

            async def wait(future=future):
                await future

            task = asyncio.ensure_future(wait())
            await asyncio.sleep(0)
            assert loop._in_progress == 2
            if outcome is None:
                future.set_result(0)
            else:
                future.set_exception(outcome)
            try:
                await task
            except (KeyboardInterrupt, SystemExit):
                pass
            assert loop._in_progress == 0
    finally:
        loop._no_in_progress_handler = loop._keyboard_interrupt_handler = None
        loop._system_exit_handler = loop._count = None
    assert seen.count("idle") == 3 and "interrupt" in seen and 3 in seen, seen


async def infinite_timers():
    import asyncio

    loop = asyncio.get_running_loop()
    seen = []
    timers = [loop.call_later(delay, seen.append, delay) for delay in (float("inf"), 1e300, 1e10)]
    loop.call_later(0.002, seen.append, "soon")
    try:
        await asyncio.wait_for(asyncio.sleep(float("inf")), 0.01)
    except TimeoutError:
        pass
    assert seen == ["soon"]
    for timer in timers:
        timer.cancel()
