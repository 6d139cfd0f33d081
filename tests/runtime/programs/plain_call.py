"""Programs of test_plain_call.py."""


def sleep_really_blocks():
    import time

    t = time.perf_counter()
    time.sleep(0.05)
    return time.perf_counter() - t
