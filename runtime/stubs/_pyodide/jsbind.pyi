# Annotations for JsProxy.bind_sig() and bind_class(); see ffi/js_in_py/jsbind.py.
from typing import Any

__all__ = [
    "BindClass",
    "Deep",
    "Default",
    "Js2PyConverterMeta",
    "Json",
    "Py2JsConverterMeta",
]

class Deep: ...
class Json: ...
class Default: ...
class BindClass: ...

class Py2JsConverterMeta(type):
    """Of classes with a `pre_convert(value)` and, if wanted, a `converter`."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> Any: ...

class Js2PyConverterMeta(type):
    """Of classes with a `post_convert(value)` and, if wanted, a `converter`."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> Any: ...
