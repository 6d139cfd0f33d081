"""mypy for the Python that runs inside the core: `python -m tests.inside_types`, in `make lint`.

Why apart from the host's: its modules have names that their paths do not tell (cpython/build/
profiles.py and stdlib.py do), some stand where the standard library has a module of the same name,
and it is Python 3.13. Settings are in mypy.ini; what mypy is given is laid out by __main__.py. The
types of what is no Python file: the builtin modules beside their C (`*.pyi` in ffi/ and runtime/),
and CPython's own private parts in cpython/stubs/.
"""
