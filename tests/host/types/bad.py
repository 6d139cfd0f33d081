# Must not check: each line that says `error:` is wrong, and what mypy says has these words.
# Each needs a line of its own, wherever a formatter would put it. Used by test_types.py.
# ruff: noqa: E402, F401, I001
# fmt: off
import pyodide.nothing  # error: pyodide.nothing
from pyodide.ffi import no_such_name  # error: has no attribute "no_such_name"
from pyodide.ffi import create_proxy
create_proxy(print, capture=True)  # error: "capture"
from pyodide.ffi import run_sync
run_sync(5)  # error: "run_sync" has incompatible type "int"
from pyodide.ffi import to_js
to_js([1], deep=1)  # error: No overload variant of "to_js"
from pyodide.code import eval_code
eval_code('1', return_mode='last')  # error: return_mode
from pyodide.ffi.wrappers import set_timeout
set_timeout(5, 1)  # error: incompatible type "int"
from pyodide.http import pyfetch
n: int = pyfetch('a')  # error: Incompatible types in assignment
from pyodide.ffi import JsProxy
def f(p: JsProxy) -> str:
    return p.bind_sig(len)  # error: Incompatible return value type
def g(p: JsProxy) -> None:
    p.bind_class(len)  # error: "bind_class" of "JsProxy" has incompatible type
from _pyodide.jsbind import Shallow  # error: has no attribute "Shallow"
from pyodide.console import Console
Console().push(5)  # error: incompatible type "int"
