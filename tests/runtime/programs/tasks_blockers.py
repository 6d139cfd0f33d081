"""Programs of test_tasks.py that define block(), which waits and gives 1."""

import queue
import threading
import time


def sleep():
    def block():
        time.sleep(0.002)
        return 1


def read_a_line():
    def block():
        return int(input())


def acquire_a_lock():
    def block():
        lock = threading.Lock()
        lock.acquire()
        threading.Timer(0.002, lock.release).start()
        return int(lock.acquire())


def get_from_a_queue():
    def block():
        items = queue.Queue()
        threading.Timer(0.002, items.put, [1]).start()
        return items.get(timeout=5)
