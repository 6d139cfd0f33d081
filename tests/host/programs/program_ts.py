"""What runtime/node/program.ts does to run a program by main.py, for a Python of the host.

Arguments: main.py's path, then main()'s own: kind, target, folder, the program's arguments. Used by
test_main_py.py.
"""


def go():
    import os
    import sys

    with open(sys.argv[1]) as file:
        driver = file.read()
    kind, target, cwd, *args = sys.argv[2:]
    space = {"__name__": "<sospeso>"}
    names = sys.modules["__main__"].__dict__
    for name in set(names) - {"__name__", "__builtins__", "__doc__", "__loader__", "__spec__"}:
        del names[name]
    exec(compile(driver, "<sospeso>", "exec"), space)
    os._exit(space["main"](kind, target, args, cwd))
