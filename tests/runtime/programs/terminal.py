"""Programs of test_terminal.py."""

import array
import fcntl
import io
import os
import select
import signal
import sys
import termios
import time
import tty


def _make_raw(least, tenths, echo=False):
    """A read gives at least so many keys, or what came before a pause of so many tenths of a second."""
    changed = termios.tcgetattr(0)
    changed[3] &= ~(termios.ICANON | (0 if echo else termios.ECHO))
    changed[6][termios.VMIN] = least
    changed[6][termios.VTIME] = tenths
    termios.tcsetattr(0, termios.TCSANOW, changed)


def ask_again_after_an_interrupt():
    try:
        input("first? ")
    except KeyboardInterrupt:
        answer = input("again? ")
    return str(answer)


def ask_for_the_terminal():
    return repr(
        [os.isatty(fd) for fd in (0, 1, 2)] + [sys.stdin.isatty(), tuple(os.get_terminal_size())]
    )


def handle_a_new_size():
    sizes = []
    before = signal.signal(signal.SIGWINCH, lambda *_: sizes.append(tuple(os.get_terminal_size())))
    print("ready")
    while not sizes:
        time.sleep(0.01)
    signal.signal(signal.SIGWINCH, before)
    return repr(sizes)


def sleep_and_ask():
    print("asleep")
    time.sleep(0.2)
    return input("awake? ")


def ask_for_the_foreground():
    told = [os.tcgetpgrp(0) == os.getpgrp(), os.tcsetpgrp(1, os.getpgrp()), termios.tcdrain(1)]
    told += [termios.tcflow(1, termios.TCOON), termios.tcsendbreak(1, 0)]
    for call in (lambda _: os.tcsetpgrp(0, 7), lambda _: termios.tcdrain(99), os.tcgetpgrp):
        read, write = os.pipe()
        try:
            call(read)
        except (OSError, termios.error) as error:
            told.append(os.strerror(error.args[0]))
        os.close(read)
        os.close(write)
    return repr(told)


def read_single_keys():
    before = termios.tcgetattr(0)
    tty.setraw(0)
    print("raw")
    try:
        keys = [os.read(0, 1) for _ in range(3)]
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)
    return repr([keys, termios.tcgetattr(0) == before])


def read_without_waiting():
    before = termios.tcgetattr(0)
    _make_raw(0, 0)
    polled = os.read(0, 10)
    _make_raw(0, 1)
    start = time.monotonic()
    waited = os.read(0, 10)
    took = time.monotonic() - start
    termios.tcsetattr(0, termios.TCSANOW, before)
    return repr([polled, waited, 0.09 < took < 5])


def read_three_raw_keys():
    _make_raw(3, 0)
    print("ready")
    return repr([os.read(0, 9), os.read(0, 2)])


def read_raw_keys_until_a_pause():
    _make_raw(5, 1)
    print("ready")
    got = [os.read(0, 9)]
    _make_raw(3, 255)
    print("again")
    got.append(os.read(0, 9))
    return repr(got)


def poll_for_three_raw_keys():
    _make_raw(3, 0)
    first = select.select([0], [], [], 0)[0]
    print("ready")
    second = select.select([0], [], [], 20)[0]
    return repr([first, second, os.read(0, 9)])


def read_nine_raw_keys():
    _make_raw(9, 0, echo=True)
    print("ready")
    return repr(os.read(0, 9))


def flush_a_typed_line():
    print("type")
    while not select.select([0], [], [], 5)[0]:
        pass
    size = array.array("i", [0])
    fcntl.ioctl(0, termios.FIONREAD, size)
    termios.tcflush(0, termios.TCIFLUSH)
    print("flushed")
    return repr([size[0], select.select([0], [], [], 0)[0], input()])


def poll_before_and_after_an_interrupt():
    try:
        select.select([0], [], [], 20)
        print("ready")
        time.sleep(20)
    except KeyboardInterrupt:
        pass
    return repr(select.select([0], [], [], 0)[0])


def poll_for_a_read_that_may_be_empty():
    before = termios.tcgetattr(0)
    _make_raw(0, 0)
    first = select.select([0], [], [], 0.05)[0]
    print("ready")
    second = select.select([0], [], [])[0]
    key = os.read(0, 1)
    termios.tcsetattr(0, termios.TCSANOW, before)
    return repr([first, second, key])


def go_raw_after_a_key():
    print("cooked")
    while "typed" not in globals():
        time.sleep(0.001)
    tty.setraw(0)
    print("raw")
    return os.read(0, 1)


def select_a_line():
    first = select.select([0], [], [], 0.05)[0]
    print("ready")
    second = select.select([0], [], [], 20)[0]
    return repr([first, second, input()])


def edit_with_readline():
    os.environ["TERM"] = "xterm-256color"
    import readline

    return [input("> "), input("> ")][0] + "|" + readline.get_history_item(1)


def replace_stdin():
    os.environ["TERM"] = "xterm-256color"
    import readline  # noqa: F401 - input() is another one then

    before, sys.stdin = sys.stdin, io.StringIO("given\n")
    try:
        line = input()
    finally:
        sys.stdin = before
    return str(line)


def use_the_history():
    import readline

    readline.add_history("one")
    readline.add_history("two")
    readline.write_history_file("/tmp/history")
    readline.clear_history()
    empty = readline.get_current_history_length()
    readline.read_history_file("/tmp/history")
    readline.append_history_file(1, "/tmp/history")
    with open("/tmp/history") as file:
        text = file.read()
    os.unlink("/tmp/history")
    return repr(
        [empty, readline.get_history_item(2), text, readline.get_line_buffer(), readline.backend]
    )


def show_long_help():
    os.environ["TERM"] = "xterm-256color"
    help(str)
    return input("after? ")


def read_a_raw_key():
    print("ready")
    return repr(os.read(0, 9))


def read_a_line():
    before = termios.tcgetattr(0)
    print("ready")
    return input()


def print_much(lines):
    global printed
    for line in range(lines):
        print("0123456789")
        printed = line
    return "done"


def start_the_repl(term):
    os.environ["TERM"] = term
    from pyodide._repl import main

    return main()
