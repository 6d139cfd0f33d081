"""Annotations that say how JavaScript objects are converted: module `_pyodide.jsbind`.

`proxy.bind_sig(f)` has the calls of a JavaScript function follow the signature of `f`, and
`proxy.bind_sig(C)` the attributes, methods and calls of an object the annotations of class `C`;
`proxy.bind_class(C)` is for a JavaScript class whose objects are to follow `C`:

    def fetch_json(url: str, /, *, body: Annotated[dict, Deep]) -> Future[Annotated[Any, Json]]: ...
    get = js.fetch_json.bind_sig(fetch_json)

Of `Annotated[type, how]` only `how` counts: `Deep` is to_js() and to_py(), `Json` the views
asJsJson() and as_py_json(), `Default` what happens without annotations; a converter made with
`Py2JsConverterMeta` or `Js2PyConverterMeta` is one's own. A class that derives from BindClass, or
a Protocol, binds what it annotates. `X | None` is X, and an `async def` or `Future[X]` converts
what the promise gives.

The C side (js_methods.c, js_proxy.c, js_call.c) makes a Binding once per bind_sig(), keeps it
with the proxy and asks it for each attribute and call.

Invariants
 1. What is found out about a function or class is found once and kept for as long as it lives.
 2. PyProxies that Deep makes for the arguments of a call end with the call, or with the promise it
    returns; only those for a generator are left to the collector.
"""

from __future__ import annotations

import asyncio
import collections.abc
import contextlib
import inspect
import types
import typing
from collections.abc import Callable
from typing import Annotated, Any, Protocol, Union

from _sospeso_ffi import (
    JsAsyncGenerator,
    JsGenerator,
    JsPromise,
    JsProxy,
    apply_plainly,
    as_js_json,
    destroy_proxies,
    to_js,
)

__all__ = [
    "BindClass",
    "Deep",
    "Default",
    "Js2PyConverterMeta",
    "Json",
    "Py2JsConverterMeta",
]

# ---- converters ---------------------------------------------------------------------------------


class Py2Js:
    """Converts one argument on its way to JavaScript.

    Args:
        convert: gets the value and a function that gives the array for the PyProxies it makes.
        before: applied to the value first, or None.
    """

    def __init__(
        self,
        convert: Callable[[Any, Callable[[], Any]], Any] | None = None,
        before: Callable[[Any], Any] | None = None,
    ) -> None:
        self.convert = convert
        self.before = before

    def __call__(self, value: Any, proxies: Callable[[], Any]) -> Any:
        if self.before is not None:
            value = self.before(value)
        return value if self.convert is None else self.convert(value, proxies)


class Js2Py:
    """Converts one value on its way to Python.

    Args:
        convert: gets the value as it is without annotations.
        after: applied to what convert gave, or None.
    """

    def __init__(
        self,
        convert: Callable[[Any], Any] | None = None,
        after: Callable[[Any], Any] | None = None,
    ) -> None:
        self.convert = convert
        self.after = after

    def __call__(self, value: Any) -> Any:
        if self.convert is not None:
            value = self.convert(value)
        return value if self.after is None else self.after(value)


def _to_py(value: Any) -> Any:
    return value.to_py() if isinstance(value, JsProxy) else value


def _as_py_json(value: Any) -> Any:
    return value.as_py_json() if isinstance(value, JsProxy) else value


class Deep:
    """Annotated[X, Deep]: convert all of it, as to_js() and to_py() do."""

    py2js = Py2Js(lambda value, proxies: to_js(value, pyproxies=proxies()))
    js2py = Js2Py(_to_py)


class Json:
    """Annotated[X, Json]: a view that looks like JSON on the other side; no copy."""

    py2js = Py2Js(lambda value, _proxies: as_js_json(value))
    js2py = Js2Py(_as_py_json)


class Default:
    """Annotated[X, Default]: as without annotations."""

    py2js = Py2Js()
    js2py = Js2Py()


class BindClass:
    """Base of classes whose annotations bind the objects they are annotations of."""


class Py2JsConverterMeta(type):
    """Makes `class X(metaclass=...)` with a `pre_convert(value)` a converter of arguments.

    What pre_convert gives is converted by the attribute `converter`, such as Deep, if there is one.
    """

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> Any:
        base = _of_converter(namespace.get("converter"), "py2js", Py2Js)
        first = _function(namespace["pre_convert"])
        then = base.before
        before = first if then is None else lambda value: then(first(value))
        return Py2Js(base.convert, before)


class Js2PyConverterMeta(type):
    """Makes `class X(metaclass=...)` with a `post_convert(value)` a converter of results.

    post_convert gets what the attribute `converter`, such as Deep, gives, if there is one.
    """

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> Any:
        base = _of_converter(namespace.get("converter"), "js2py", Js2Py)
        last = _function(namespace["post_convert"])
        then = base.after
        after = last if then is None else lambda value: last(then(value))
        return Js2Py(base.convert, after)


def _of_converter[C](given: Any, attribute: str, kind: type[C]) -> C:
    found = getattr(given, attribute, given)
    if found is None:
        return kind()
    if not isinstance(found, kind):
        raise TypeError(f"converter is one such as Deep or Json, not {given!r}")
    return found


def _function(given: Any) -> Callable[[Any], Any]:
    function: Callable[[Any], Any] = given.__func__ if isinstance(given, staticmethod) else given
    return function


def _settled(convert: Callable[[Any], Any]) -> Js2Py:
    """Of a promise: a future whose result is converted."""

    async def wait(begun: _Begun) -> Any:
        return convert(await begun)

    def later(value: Any) -> Any:
        return asyncio.ensure_future(wait(_Begun(value))) if isinstance(value, JsPromise) else value

    return Js2Py(later)


class _Begun:
    """Awaits a promise that is watched from now on: else its rejection would count as unhandled."""

    def __init__(self, promise: Any) -> None:
        self._steps = promise.__await__()

    def __await__(self) -> Any:
        return self._steps


# ---- annotations --------------------------------------------------------------------------------

_FUTURES = (
    asyncio.Future,
    asyncio.Task,
    collections.abc.Awaitable,
    collections.abc.Coroutine,
    JsPromise,
)


def _without_none(annotation: Any) -> Any:
    """X of `X | None`; other unions say nothing."""
    if typing.get_origin(annotation) in (Union, types.UnionType):
        rest = [part for part in typing.get_args(annotation) if part is not type(None)]
        return rest[0] if len(rest) == 1 else None
    return annotation


def _said(annotation: Any) -> Any:
    """`how` of Annotated[type, how], else the annotation itself."""
    annotation = _without_none(annotation)
    if typing.get_origin(annotation) is Annotated:
        return annotation.__metadata__[0]
    return annotation


def _to_javascript(annotation: Any) -> Py2Js | None:
    said = _said(annotation)
    found = getattr(said, "py2js", said)
    return found if isinstance(found, Py2Js) else None


def _to_python(annotation: Any) -> Js2Py | None:
    said = _said(annotation)
    found = getattr(said, "js2py", said)
    if isinstance(found, Js2Py):
        return found
    origin = typing.get_origin(said)
    if origin in _FUTURES:
        inner = _to_python(typing.get_args(said)[-1])
        return None if inner is None else _settled(inner)
    if _binds(said) or (origin is type and _binds(typing.get_args(said)[0])):
        return Js2Py(lambda value: _bind(value, said))
    return None


def _binds(cls: Any) -> bool:
    return inspect.isclass(cls) and (
        issubclass(cls, BindClass) or (Protocol in cls.__mro__ and cls is not Protocol)
    )


def _bind(value: Any, signature: Any) -> Any:
    return value.bind_sig(signature) if isinstance(value, JsProxy) else value


# ---- bindings -----------------------------------------------------------------------------------


class Calls:
    """How a function is called: by a template with annotations, or None for plainly.

    Args:
        template: the function whose signature is followed.
        skip: parameters at its front that the JavaScript function has not (self).
        makes: for a constructor, the class that what it makes is bound to.
    """

    def __init__(self, template: Any, skip: int = 0, makes: Any = None) -> None:
        self.template = template
        self.skip = skip
        self.makes = makes
        self.result: Js2Py | None = None if makes is None else Js2Py(lambda it: _bind(it, makes))
        self.positional: list[tuple[Py2Js | None, Any]] = []
        self.rest: Py2Js | None = None
        self.takes_rest = template is None
        self.required = 0
        self.names: dict[str, int] = {}
        self.keywords: dict[str, tuple[Py2Js | None, Any]] = {}
        self.other_keywords: Py2Js | None = None
        self.takes_keywords = template is None
        if template is not None:
            self._read(template, skip)

    def _read(self, template: Any, skip: int) -> None:
        hints = typing.get_type_hints(template, include_extras=True)
        parameters = list(inspect.signature(template).parameters.values())
        if skip and not (parameters and parameters[0].kind is inspect.Parameter.VAR_POSITIONAL):
            del parameters[:skip]
        for parameter in parameters:
            convert = _to_javascript(hints.get(parameter.name))
            match parameter.kind:
                case inspect.Parameter.VAR_POSITIONAL:
                    self.rest, self.takes_rest = convert, True
                case inspect.Parameter.VAR_KEYWORD:
                    self.other_keywords, self.takes_keywords = convert, True
                case inspect.Parameter.KEYWORD_ONLY:
                    self.keywords[parameter.name] = (convert, parameter.default)
                case kind:
                    if kind is inspect.Parameter.POSITIONAL_OR_KEYWORD:
                        self.names[parameter.name] = len(self.positional)
                    self.positional.append((convert, parameter.default))
                    self.required += parameter.default is inspect.Parameter.empty
        if self.makes is None:
            convert_result = _to_python(hints.get("return"))
            if inspect.iscoroutinefunction(template):
                convert_result = _settled(convert_result or Default.js2py)
            self.result = convert_result

    def __call__(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Convert, call, convert. Raises TypeError as the template does for such arguments."""
        found: Any = None

        def proxies() -> Any:
            nonlocal found
            if found is None:
                found = to_js([])
            return found

        try:
            given, words, has_words = self._arguments(args, kwargs, proxies)
            if has_words and not words:
                given = (*given, to_js({}))
            result = apply_plainly(function, given, words, self.makes is not None)
        except BaseException:
            if found is not None:
                destroy_proxies(found)
            raise
        if found is not None and len(found) > 0:
            _end_later(found, result)
        return result if self.result is None else self.result(result)

    def _arguments(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], proxies: Callable[[], Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any], bool]:
        values = list(args)
        count = len(self.positional)
        words = dict(kwargs)
        if self.names:
            values = self._placed(values, words)
        if len(values) < self.required or (len(values) > count and not self.takes_rest):
            self._refuse(args, kwargs)
        values.extend(default for _, default in self.positional[len(values) :])
        given = [
            value if convert is None else convert(value, proxies)
            for value, (convert, _) in zip(values, self.positional, strict=False)
        ]
        rest = values[count:]
        given += rest if self.rest is None else [self.rest(value, proxies) for value in rest]
        options = {}
        for name, value in words.items():
            if name in self.keywords:
                convert = self.keywords[name][0]
            elif self.takes_keywords:
                convert = self.other_keywords
            else:
                self._refuse(args, kwargs)
            options[name] = value if convert is None else convert(value, proxies)
        for name, (convert, default) in self.keywords.items():
            if name in options:
                continue
            if default is inspect.Parameter.empty:
                self._refuse(args, kwargs)
            if default is not None:
                options[name] = default if convert is None else convert(default, proxies)
        return tuple(given), options, bool(self.keywords)

    def _placed(self, values: list[Any], words: dict[str, Any]) -> list[Any]:
        """Put keyword arguments where the template has them by position."""
        for name, at in self.names.items():
            if name in words and at >= len(values):
                between = [default for _, default in self.positional[len(values) : at]]
                if inspect.Parameter.empty in between:
                    break  # refused: a required one is missing
                values += [*between, words.pop(name)]
        return values

    def _refuse(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> typing.NoReturn:
        """Raise what Python raises for these arguments."""
        self.template(*[None] * self.skip, *args, **kwargs)
        raise TypeError(f"{self.template.__name__}() does not take these arguments")


def _end_later(proxies: Any, result: Any) -> None:
    if isinstance(result, JsPromise):

        def end(_: Any = None) -> None:
            destroy_proxies(proxies)

        result.then(end, end)
    elif not isinstance(result, JsGenerator | JsAsyncGenerator):
        destroy_proxies(proxies)


class Binding:
    """What the proxy that bind_sig() gives follows: a class, type[class], or a function."""

    def __init__(self, signature: Any) -> None:
        self.signature = signature
        self.cls: Any = None
        self._attributes: dict[str, Callable[[Any], Any] | None] = {}
        self._hints: dict[str, Any] | None = None
        if typing.get_origin(signature) is type:
            self.cls = typing.get_args(signature)[0]
            init = self._defined("__init__")
            self._calls = Calls(init, 1, self.cls) if init is not None else Calls(None, 0, self.cls)
        elif inspect.isclass(signature):
            self.cls = signature
            call = self._defined("__call__")
            self._calls = Calls(None) if call is None else _calls_of(call)
        elif callable(signature):
            method = inspect.ismethod(signature)
            self._calls = Calls(signature.__func__, 1) if method else Calls(signature)
        else:
            raise TypeError(
                f"bind_sig() needs a function or a class with annotations, not {signature!r}"
            )

    def __call__(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        """A call of the bound function."""
        return self._calls(function, args, kwargs)

    def attribute(self, name: str, value: Any) -> Any:
        """An attribute of the bound object, which is `value` without annotations."""
        if self.cls is None:
            return value
        if name not in self._attributes:
            self._attributes[name] = self._attribute(name)
        convert = self._attributes[name]
        return value if convert is None else convert(value)

    def _attribute(self, name: str) -> Callable[[Any], Any] | None:
        if self._hints is None:
            self._hints = typing.get_type_hints(self.cls, include_extras=True)
        if name in self._hints:
            return _to_python(self._hints[name])
        found = self._defined(name)
        if isinstance(found, property):
            return _returned(found.fget)
        if inspect.isclass(found):
            return _binder(binding(type[found]))
        if callable(found) or isinstance(found, staticmethod | classmethod):
            return _binder(_method(found))
        return _returned(self._defined("__getattr__"))

    def _defined(self, name: str) -> Any:
        """What the class, or one it derives from, has under a name; not what object has."""
        for cls in self.cls.__mro__:
            if cls not in (object, Protocol) and name in vars(cls):
                return vars(cls)[name]
        return None


class Method(Binding):
    """What a method of a bound class follows."""

    def __init__(self, calls: Calls) -> None:
        self.cls = None
        self._calls = calls


def _binder(bound: Binding) -> Callable[[Any], Any]:
    return lambda value: _bind(value, bound)


def _returned(function: Any) -> Js2Py | None:
    if function is None:
        return None
    return _to_python(typing.get_type_hints(function, include_extras=True).get("return"))


def _calls_of(found: Any) -> Calls:
    """Of something in the dict of a class."""
    if isinstance(found, staticmethod):
        return Calls(found.__func__)
    if isinstance(found, classmethod):
        return Calls(found.__func__, 1)
    return Calls(found, 1) if inspect.isfunction(found) else Calls(found)


def _method(found: Any) -> Binding:
    return Method(_calls_of(found))


# Where a function or class keeps what was found out about it, which then ends with it.
_KNOWN = "__js_binding__"
_KNOWN_CLASS = "__js_class_binding__"


def binding(signature: Any) -> Binding:
    """Called by bind_sig().

    Raises:
        TypeError: the signature is neither a function nor a class.
        NameError: an annotation names what there is not.
    """
    if isinstance(signature, Binding):
        return signature
    keeper, name = signature, _KNOWN
    if typing.get_origin(signature) is type:
        (keeper,), name = typing.get_args(signature), _KNOWN_CLASS
    # Not what a class inherits.
    found = getattr(keeper, "__dict__", {}).get(name)
    if isinstance(found, Binding):
        return found
    made = Binding(signature)
    # A method, say, has no attributes.
    with contextlib.suppress(AttributeError, TypeError):
        setattr(keeper, name, made)
    return made


def class_binding(cls: Any) -> Binding:
    """Called by bind_class().

    Raises:
        TypeError: it is no class.
    """
    if not inspect.isclass(cls):
        raise TypeError(f"bind_class() needs a class with annotations, not {cls!r}")
    return binding(type[cls])
