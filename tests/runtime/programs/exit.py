"""Programs of test_exit.py."""


def an_exception_in_a_thread():
    import sys
    import threading

    seen = []

    def hook(args):
        seen.append((args.exc_type.__name__, args.thread.name))

    def fail():
        return 1 / 0

    old, threading.excepthook = threading.excepthook, hook

    def run(target):
        thread = threading.Thread(target=target, name=target.__name__)
        thread.start()
        thread.join()

    run(fail)
    threading.excepthook = old
    run(sys.exit)
    sys.stderr.write("and then:")
    run(fail)
    return str(seen)
