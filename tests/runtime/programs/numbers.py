"""Programs of test_numbers.py."""


def flags_of_coroutines():
    import inspect

    from _sospeso import runner
    from pyodide import code

    return runner._COROUTINE == code._COROUTINE == inspect.CO_COROUTINE


def a_module_of_no_such_name():
    import _sospeso_ffi

    told = []
    for name in ("json", 0):
        try:
            _sospeso_ffi.js_module(name)
        except ValueError as error:
            told.append(str(error))
    return "\n".join(told)
