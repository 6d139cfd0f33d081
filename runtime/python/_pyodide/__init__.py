"""The package `_pyodide`, under whose name code written for Pyodide knows `_pyodide.jsbind`.

Its one module has the annotations for JsProxy.bind_sig() and bind_class() (ffi/js_in_py/jsbind.py).
"""
