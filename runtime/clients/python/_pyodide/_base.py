"""The module `_pyodide._base`: running source, under the name that older code imports it by."""

from pyodide.code import CodeRunner, eval_code, eval_code_async, find_imports, should_quiet

__all__ = [
    "CodeRunner",
    "eval_code",
    "eval_code_async",
    "find_imports",
    "pyimport_impl",
    "should_quiet",
]


def pyimport_impl(path: str) -> object:
    """What pyodide.pyimport() gives: the module, or the attribute, that a dotted path names."""
    from _sospeso import runner

    return runner.pyimport(path)
