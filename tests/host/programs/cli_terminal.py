"""Programs that test_cli_terminal.py runs in the core, at a terminal."""


def shows_its_size():
    import os
    import signal
    import time

    sizes = []
    signal.signal(signal.SIGWINCH, lambda *_: sizes.append(tuple(os.get_terminal_size())))
    print(tuple(os.get_terminal_size()))
    while not sizes:
        time.sleep(0.01)
    print(sizes)


def reads_raw():
    """Arguments: VMIN, VTIME, then what is read: a size, or a select() that waits or that asks."""
    import os
    import select
    import sys
    import termios

    least, tenths, *reads = sys.argv[1:]
    changed = termios.tcgetattr(0)
    changed[3] &= ~(termios.ICANON | termios.ECHO)
    changed[6][termios.VMIN] = int(least)
    changed[6][termios.VTIME] = int(tenths)
    termios.tcsetattr(0, termios.TCSANOW, changed)
    print("ready")
    got = []
    for read in reads:
        if read == "waits":
            got.append(select.select([0], [], [])[0])
        elif read == "asks":
            got.append(select.select([0], [], [], 0)[0])
        else:
            got.append(os.read(0, int(read)))
    print("got", got)


def reads_lines_typed_ahead():
    import os
    import time
    from pathlib import Path

    print("type")
    got = [os.read(0, 100)]
    print("typed")
    while not Path("go").exists():
        time.sleep(0.01)
    got += [os.read(0, 2), os.read(0, 100), os.read(0, 100)]
    print("got", got)


def drops_what_was_typed_ahead():
    """Argument: what drops it."""
    import getpass
    import sys
    import termios
    import time
    from pathlib import Path

    print("type")
    while not Path("go").exists():
        time.sleep(0.01)
    if sys.argv[1] == "tcflush":
        termios.tcflush(0, termios.TCIFLUSH)
        asks = input
    else:
        asks = getpass.getpass
    print("got", [asks("key: ")])
