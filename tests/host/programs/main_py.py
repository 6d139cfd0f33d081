"""Scripts that must behave alike under `python` and by main.py: test_main_py.py runs each."""


def main_is_the_script():
    import sys

    def x(): ...

    print(sorted(n for n in vars(sys.modules["__main__"]) if not n.startswith("__")))


def exception():
    def f():
        raise ValueError("boom")

    f()


def chained():
    try:
        print(1 / 0)
    except ZeroDivisionError as e:
        raise KeyError("x") from e


def atexit_after_threads():
    import atexit
    import threading
    import time

    atexit.register(print, "atexit")
    threading.Thread(target=lambda: (time.sleep(0.1), print("thread"))).start()
    print("main")
    raise SystemExit(4)


def excepthook():
    import sys

    sys.excepthook = lambda t, e, tb: print("hook", t.__name__)
    print(1 / 0)
