"""The modules `js` and `pyodide_js`: replaced by a JavaScript object while imported.

It is linked into the core twice, under both names, so that the import system finds them and no
start has to prepare them. See ffi/js_in_py/js_modules.py.
"""

from _sospeso.js_modules import replace_builtin

replace_builtin(__name__)
