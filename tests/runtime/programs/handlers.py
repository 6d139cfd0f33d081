"""Programs of test_handlers.py."""

import os
import time


def _outcome(call):
    try:
        return call()
    except BaseException as error:
        return f"{type(error).__name__} {error.__cause__}"


def reads_a_line():
    return _outcome(lambda: input())


def reads_a_byte():
    return _outcome(lambda: os.read(0, 1))


def writes():
    return _outcome(lambda: [os.write(1, b"x"), time.sleep(60)])


def writes_and_syncs():
    os.write(1, b"x")
    return _outcome(lambda: [os.fsync(1), os.write(1, b"y")])
