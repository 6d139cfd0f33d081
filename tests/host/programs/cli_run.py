"""Programs that test_cli_run.py runs in the core: by `-c`, or as a script that it writes."""


def sees_the_hosts_files():
    import os
    import sys
    from pathlib import Path

    import neighbour

    print(neighbour.WHO, sys.argv, Path.cwd(), __name__, os.environ["GIVEN"])
    print(Path("data.txt").read_text() + Path(sys.argv[1]).read_text(), end="")
    with open("written.txt", "w") as file:
        file.write("by python")
    print(sorted(file.name for file in Path().iterdir()))


def fails_in_a_function():
    def f():
        return 1 / 0

    f()


def asks_which_event_loop_runs():
    import asyncio

    from js import Promise, setTimeout
    from pyodide.ffi import create_once_callable, run_sync

    try:
        asyncio.get_running_loop()
    except RuntimeError as error:
        print(error)
    print(type(asyncio.get_event_loop_policy()).__module__)

    async def main():
        print(type(asyncio.get_running_loop()).__name__)
        return [await Promise.resolve(1), await asyncio.to_thread(lambda: 2)]

    print(asyncio.run(main()))
    print(asyncio._get_running_loop())
    called = []

    def call():
        called.append(type(asyncio.get_running_loop()).__name__)

    setTimeout(create_once_callable(call), 1)
    while not called:
        run_sync(asyncio.sleep(0.01))
    own = asyncio.new_event_loop()
    print(called, run_sync(Promise.resolve(3)), own.run_until_complete(asyncio.sleep(0, 4)))


def waits_as_it_is_told():
    """A timer's handler runs when the program waits, not before."""
    import sys
    import threading
    import time

    from js import setTimeout
    from pyodide.ffi import create_once_callable

    waits = {
        "time.sleep(60)": lambda: time.sleep(60),
        "input()": input,
        "sys.stdin.read()": sys.stdin.read,
        "threading.Event().wait()": threading.Event().wait,
    }
    setTimeout(create_once_callable(lambda: print("waits", flush=True)), 0)
    waits[sys.argv[1]]()


def catches_ctrl_c_twice():
    """A timer's handler runs when the program waits, not before."""
    import time

    from js import setTimeout
    from pyodide.ffi import create_once_callable

    for _ in range(2):
        try:
            setTimeout(create_once_callable(lambda: print("waits", flush=True)), 0)
            time.sleep(60)
        except KeyboardInterrupt:
            print("caught", flush=True)
    raise SystemExit(5)


def asks_for_a_name():
    import sys

    name = input("Name? ")
    print(f"<{name}>", sys.stdin.isatty())


def writes_many_lines():
    import sys

    for i in range(50_000):
        print(i)
    sys.exit(3)


def writes_until_it_fails():
    import time

    for _ in range(100):
        print("x" * 1000, flush=True)
        time.sleep(0.02)


def asks_in_a_page():
    import sys
    import time
    from pathlib import Path

    import neighbour

    name = input("Name? ")
    time.sleep(0.5)
    print(f"<{name}>", neighbour.WHO, sys.argv, Path.cwd(), sys.platform)
    print("to stderr", file=sys.stderr)
    sys.exit(6)


def sends_and_ends():
    import socket
    import sys

    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as stream:
        stream.sendall(bytes(5_000_000))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.sendto(b"last", ("127.0.0.1", int(sys.argv[2])))


def serves_one_client():
    import socket
    import sys

    with socket.create_server(("", int(sys.argv[1]))) as server:
        print("listening", flush=True)
        client, _ = server.accept()
        with client:
            client.sendall(client.recv(100).upper())


def writes_beside_itself():
    import os
    import sys

    with open(os.path.join(os.path.dirname(__file__), "made.txt"), "w") as file:
        file.write("made")
    print(os.path.exists(sys.argv[1]))
