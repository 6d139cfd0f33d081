"""Programs of test_unload.py: what a page may leave behind when it destroys a runtime."""


def leave_things_behind():
    import js
    from pyodide.ffi import create_proxy
    from pyodide.ffi.wrappers import set_interval

    big = bytearray(5_000_000)
    held = [js.Object.new() for _ in range(100)]
    kept = create_proxy(lambda: big)
    js.left_behind = kept
    set_interval(lambda: None, 5)
    return lambda: big


def wait_beside_a_thread():
    import threading
    import time

    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
    time.sleep(1000)
