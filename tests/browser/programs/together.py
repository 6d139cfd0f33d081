"""Programs of test_together.py."""

import os
import sys
import time


def define_nap():
    rested = False

    def nap(n):
        while not rested:
            time.sleep(0.5)
        return n


def read_five_lines():
    for _ in range(5):
        sys.shared = getattr(sys, "shared", "") + input()
        time.sleep(0.002)
        print(os.environ["WHO"])
    return sys.shared


def sleep_and_add():
    total = 0
    for n in range(20):
        time.sleep(0.001)
        total += n
    return int(total)
