# JavaScript objects in Python: the public module `pyodide.ffi`, which is mostly C (in ffi/).
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    ItemsView,
    Iterable,
    Iterator,
    KeysView,
    Mapping,
    ValuesView,
)
from typing import IO, Any, Generic, Literal, Self, TypeVar, final, overload

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)
_S = TypeVar("_S")
_KT = TypeVar("_KT")
_VT = TypeVar("_VT")
_KT_co = TypeVar("_KT_co")
_VT_co = TypeVar("_VT_co", covariant=True)
_Send = TypeVar("_Send", contravariant=True)
_Return = TypeVar("_Return", covariant=True)
_F = TypeVar("_F", bound=Callable[..., Any])

_DefaultConverter = Callable[
    [JsProxy, Callable[[JsProxy], Any], Callable[[JsProxy, Any], None]], Any
]
ToJsConverter = Callable[[Any, Callable[[Any], Any], Callable[[Any, Any], None]], Any]

__all__ = [
    "IN_BROWSER",
    "IN_PYODIDE",
    "ConversionError",
    "InternalError",
    "JsArray",
    "JsAsyncGenerator",
    "JsAsyncIterable",
    "JsAsyncIterator",
    "JsBigInt",
    "JsBuffer",
    "JsCallable",
    "JsCallableDoubleProxy",
    "JsDomElement",
    "JsDoubleProxy",
    "JsException",
    "JsFetchResponse",
    "JsGenerator",
    "JsIterable",
    "JsIterator",
    "JsMap",
    "JsMutableMap",
    "JsNull",
    "JsOnceCallable",
    "JsPromise",
    "JsProxy",
    "JsTypedArray",
    "JsWeakRef",
    "ToJsConverter",
    "can_run_sync",
    "create_once_callable",
    "create_proxy",
    "destroy_proxies",
    "ffi_stats",
    "jsnull",
    "register_js_module",
    "run_sync",
    "to_js",
    "unregister_js_module",
]

IN_BROWSER: bool
IN_PYODIDE: bool

class JsProxy:
    """A JavaScript object. Attributes are the object's properties."""

    @property
    def js_id(self) -> int: ...
    @property
    def typeof(self) -> str: ...
    @property
    def constructor(self) -> Any: ...
    def __getattr__(self, name: str, /) -> Any: ...
    def __setattr__(self, name: str, value: Any, /) -> None: ...
    def __delattr__(self, name: str, /) -> None: ...
    def __dir__(self) -> list[str]: ...
    def __bool__(self) -> bool: ...
    def object_entries(self) -> JsArray[JsArray[Any]]:
        """The own properties as a list of `[key, value]`, as `Object.entries()` gives them."""
    def object_keys(self) -> JsArray[str]:
        """The names of the own properties, as `Object.keys()` gives them."""
    def object_values(self) -> JsArray[Any]:
        """The values of the own properties, as `Object.values()` gives them."""
    def as_object_map(self, *, hereditary: bool = False) -> JsMutableMap[str, Any]:
        """A view of the object as a mapping from names to values; changes go to the object.

        Args:
            hereditary: whether values that are plain objects become such views, too.
        """
    def as_py_json(self) -> Any:
        """A view of JSON-like data: objects are mappings and arrays are sequences, at every
        depth.
        """
    def new(self, *args: Any, **kwargs: Any) -> JsProxy:
        """Make an object by `new` of this class.

        Args:
            args: arguments of the constructor.
            kwargs: become one object, which is the last argument.

        Raises:
            JsException: what the constructor threw, or it is no constructor.
        """
    def to_py(self, *, depth: int = -1, default_converter: _DefaultConverter | None = None) -> Any:
        """Convert to Python, deeply: Array to list, plain object and Map to dict, Set to set.

        Args:
            depth: how many levels are converted; -1 for all.
            default_converter: called for objects of other kinds, with the object, a function that
                converts a value, and one that notes the result for an object that occurs again.

        Returns:
            The converted value; an object of another kind as it is.

        Raises:
            ConversionError: two keys are the same in Python, or the data are nested too deep.
        """
    def to_weakref(self) -> JsWeakRef[Self]:
        """A `WeakRef` of the object."""
    def bind_class(self, signature: type[_T], /) -> type[_T]:
        """This JavaScript class with the annotations of a Python class: what is called and read is
        converted by them.

        Args:
            signature: a class with annotated methods and attributes (`_pyodide.jsbind.BindClass`).
        """
    @overload
    def bind_sig(self, signature: type[_T], /) -> _T: ...  # type: ignore[overload-overlap]
    @overload
    def bind_sig(self, signature: _F, /) -> _F: ...

class JsWeakRef(JsProxy, Generic[_T]):
    """A `WeakRef` of JavaScript."""

    def deref(self) -> _T | None:
        """The object, or None if it was collected."""

class JsDoubleProxy(JsProxy, Generic[_T]):
    """A PyProxy held by Python; made by create_proxy()."""

    def destroy(self) -> None:
        """End the proxy: JavaScript cannot use it any more.

        Raises:
            JsException: it was destroyed before.
        """
    def unwrap(self) -> _T:
        """The Python object that the proxy stands for."""
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

class JsPromise(JsProxy, Generic[_T]):
    """A promise of JavaScript, or an object with a method `then()`. `await` gives its value."""

    def __await__(self) -> Generator[Any, None, _T]: ...
    @overload
    def then(
        self,
        onfulfilled: Callable[[_T], Awaitable[_S] | _S],
        onrejected: Callable[[JsException], Awaitable[_S] | _S] | None = None,
        /,
    ) -> JsPromise[_S]: ...
    @overload
    def then(
        self,
        onfulfilled: None,
        onrejected: Callable[[JsException], Awaitable[_S] | _S] | None = None,
        /,
    ) -> JsPromise[_T | _S]: ...
    def catch(
        self, onrejected: Callable[[JsException], Awaitable[_S] | _S], /
    ) -> JsPromise[_T | _S]:
        """The promise with a handler of rejections.

        Args:
            onrejected: called with the error; what it returns fulfils the new promise.
        """
    def finally_(self, onfinally: Callable[[], Any], /) -> JsPromise[_T]:
        """The promise with a function that is called when it settles, whichever way.

        Args:
            onfinally: called without arguments; what it returns is ignored.
        """

class JsBuffer(JsProxy):
    """An ArrayBuffer, or a view of one."""

    @property
    def byteLength(self) -> int: ...
    def assign(self, rhs: Any, /) -> None:
        """Copy bytes into the buffer.

        Args:
            rhs: an object with the buffer protocol, of the same number of bytes.

        Raises:
            ValueError: the sizes or the types of the items differ.
        """
    def assign_to(self, to: Any, /) -> None:
        """Copy the buffer's bytes into a writable object of Python.

        Args:
            to: an object with the buffer protocol, of the same number of bytes.

        Raises:
            ValueError: the sizes or the types of the items differ.
        """
    def to_memoryview(self) -> memoryview:
        """A copy of the contents, with the type of the items."""
    def to_bytes(self) -> bytes:
        """A copy of the contents as bytes."""
    def to_file(self, file: IO[bytes] | IO[str], /) -> None:
        """Write the contents to a file at its position, without a copy in between.

        Args:
            file: an open file of the runtime's file system.

        Raises:
            OSError: the file cannot be written.
        """
    def from_file(self, file: IO[bytes] | IO[str], /) -> None:
        """Fill the buffer from a file, from its position on.

        Args:
            file: an open file of the runtime's file system.

        Raises:
            ValueError: the file has fewer bytes than the buffer.
            OSError: the file cannot be read.
        """
    def _into_file(self, file: IO[bytes] | IO[str], /) -> None: ...
    def to_string(self, encoding: str | None = None) -> str:
        """Decode the contents.

        Args:
            encoding: a name that `TextDecoder` knows; None for UTF-8.

        Raises:
            ValueError: the encoding is unknown, or the bytes are none of it.
        """

class JsTypedArray(JsBuffer, JsArray[int | float]):
    """A typed array. Its items are read and set like those of a list; its length is fixed."""

    BYTES_PER_ELEMENT: int
    @property
    def buffer(self) -> JsBuffer: ...
    def subarray(self, start: int | None = None, stop: int | None = None) -> JsTypedArray:
        """A view of some of the items, which shares their memory.

        Args:
            start: index of the first item; None for 0.
            stop: index after the last item; None for the length.
        """

class JsIterable(JsProxy, Generic[_T_co]):
    """An object with `Symbol.iterator`."""

    def __iter__(self) -> Iterator[_T_co]: ...

class JsIterator(JsProxy, Generic[_T_co]):
    """An object with a method `next()`."""

    def __next__(self) -> _T_co: ...
    def __iter__(self) -> Self: ...

class JsGenerator(JsIterable[_T_co], Generic[_T_co, _Send, _Return]):
    """A generator of JavaScript."""

    def send(self, value: _Send, /) -> _T_co:
        """Resume it with a value, and give the next item.

        Raises:
            StopIteration: it has ended; `value` is what it returned.
        """
    def throw(self, error: BaseException, /) -> _T_co:
        """Raise an error in it, and give the next item.

        Raises:
            StopIteration: it has ended; `value` is what it returned.
        """
    def close(self) -> None:
        """End it, as `return()` does in JavaScript."""
    def __next__(self) -> _T_co: ...
    def __iter__(self) -> Self: ...

class JsAsyncIterable(JsProxy, Generic[_T_co]):
    """An object with `Symbol.asyncIterator`."""

    def __aiter__(self) -> AsyncIterator[_T_co]: ...

class JsAsyncIterator(JsProxy, Generic[_T_co]):
    """An object whose method `next()` gives promises."""

    def __anext__(self) -> Awaitable[_T_co]: ...
    def __aiter__(self) -> Self: ...

class JsAsyncGenerator(JsAsyncIterable[_T_co], Generic[_T_co, _Send, _Return]):
    """An asynchronous generator of JavaScript."""

    def __anext__(self) -> Awaitable[_T_co]: ...
    def __aiter__(self) -> Self: ...
    def asend(self, value: _Send, /) -> Awaitable[_T_co]:
        """Resume it with a value; the awaitable gives the next item.

        Raises:
            StopAsyncIteration: it has ended.
        """
    def athrow(self, error: BaseException, /) -> Awaitable[_T_co]:
        """Raise an error in it; the awaitable gives the next item.

        Raises:
            StopAsyncIteration: it has ended.
        """
    def aclose(self) -> Awaitable[None]:
        """End it."""

class JsCallable(JsProxy, Generic[_F]):
    """A function of JavaScript. Keyword arguments become one object, which is the last argument."""

    # The type of the function, so that a generic one keeps its variables.
    __call__: _F

class JsCallableDoubleProxy(JsDoubleProxy[_F], JsCallable[_F]):
    """A PyProxy of a callable held by Python."""

    __call__: _F

class JsOnceCallable(JsCallable[_F]):
    """A PyProxy of a callable that ends with its first call; made by `create_once_callable()`."""

    def destroy(self) -> None:
        """End it without a call."""

class JsArray(JsIterable[_T], Generic[_T]):
    """An Array, or another object with a length and items. It has the methods of a list."""

    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, index: int, /) -> _T: ...
    @overload
    def __getitem__(self, index: slice, /) -> JsArray[_T]: ...
    @overload
    def __setitem__(self, index: int, value: _T, /) -> None: ...
    @overload
    def __setitem__(self, index: slice, value: Iterable[_T], /) -> None: ...
    def __delitem__(self, index: int | slice, /) -> None: ...
    def __contains__(self, item: object, /) -> bool: ...
    def __reversed__(self) -> Iterator[_T]: ...
    def __add__(self, other: Iterable[_T], /) -> JsArray[_T]: ...
    def __iadd__(self, other: Iterable[_T], /) -> Self: ...
    def __mul__(self, times: int, /) -> JsArray[_T]: ...
    def append(self, value: _T, /) -> None:
        """Add an item at the end."""
    def clear(self) -> None:
        """Remove all items."""
    def copy(self) -> JsArray[_T]:
        """A new Array with the same items."""
    def count(self, value: _T, /) -> int:
        """How many items are equal to the value."""
    def extend(self, values: Iterable[_T], /) -> None:
        """Add items at the end.

        Args:
            values: any iterable.
        """
    def index(self, value: _T, start: int = 0, stop: int = ..., /) -> int:
        """Index of the first item that is equal to the value.

        Args:
            value: what to look for.
            start: where to begin; negative from the end.
            stop: where to end; negative from the end.

        Raises:
            ValueError: there is none.
        """
    def insert(self, index: int, value: _T, /) -> None:
        """Insert an item before the one at `index`."""
    def pop(self, index: int = -1, /) -> _T:
        """Remove an item and give it.

        Raises:
            IndexError: there is no such item.
        """
    def push(self, *values: _T) -> int:
        """Add items at the end, as Array's own method.

        Returns:
            The new length.
        """
    def remove(self, value: _T, /) -> None:
        """Remove the first item that is equal to the value.

        Raises:
            ValueError: there is none.
        """
    def reverse(self) -> None:
        """Reverse the order of the items, in place."""

class JsMap(JsIterable[_KT], Generic[_KT, _VT]):
    """A Map, or another object with `get()`, `has()` and a size. It has the methods of a
    mapping.
    """

    def __getitem__(self, key: _KT, /) -> _VT: ...
    def __contains__(self, key: object, /) -> bool: ...
    def __len__(self) -> int: ...
    def keys(self) -> KeysView[_KT]:
        """A view of the keys."""
    def items(self) -> ItemsView[_KT, _VT]:
        """A view of the keys with their values."""
    def values(self) -> ValuesView[_VT]:
        """A view of the values."""
    @overload
    def get(self, key: _KT, /) -> _VT | None: ...
    @overload
    def get(self, key: _KT, default: _VT | _T, /) -> _VT | _T: ...

class JsMutableMap(JsMap[_KT, _VT], Generic[_KT, _VT]):
    """A JsMap that can be changed."""

    def __setitem__(self, key: _KT, value: _VT, /) -> None: ...
    def __delitem__(self, key: _KT, /) -> None: ...
    def pop(self, key: _KT, default: _VT | _T = ..., /) -> _VT | _T:
        """Remove a key and give its value.

        Args:
            key: the key.
            default: given instead if there is no such key.

        Raises:
            KeyError: there is no such key, and no default.
        """
    def popitem(self) -> tuple[_KT, _VT]:
        """Remove a key with its value and give both.

        Raises:
            KeyError: the map is empty.
        """
    def clear(self) -> None:
        """Remove all keys."""
    def setdefault(self, key: _KT, default: _VT = ..., /) -> _VT:
        """The value of a key; `default` is set first if there is no such key."""
    @overload
    def update(self, other: Mapping[_KT, _VT], /, **kwargs: _VT) -> None: ...
    @overload
    def update(self, other: Iterable[tuple[_KT, _VT]] = ..., /, **kwargs: _VT) -> None: ...

class JsException(JsProxy, Exception):
    """Something that JavaScript has thrown."""

    @overload
    def __init__(self, value: JsProxy, /) -> None: ...
    @overload
    def __init__(self, name: str, message: str = "", stack: str | None = None) -> None: ...
    @property
    def name(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def stack(self) -> str: ...
    @property
    def js_error(self) -> Any: ...

class JsFetchResponse(JsProxy):
    """What `fetch()` gives: a `Response`."""

    bodyUsed: bool
    ok: bool
    redirected: bool
    status: int
    statusText: str
    type: str
    url: str
    headers: Any
    def clone(self) -> JsFetchResponse:
        """A second response with the same body."""
    def arrayBuffer(self) -> JsPromise[JsBuffer]:
        """The body as bytes. It can be read once."""
    def text(self) -> JsPromise[str]:
        """The body as text, decoded as UTF-8. It can be read once."""
    def json(self) -> JsPromise[Any]:
        """The body as data, by `JSON.parse()`. It can be read once."""

class JsDomElement(JsProxy):
    """An element of a document."""

    tagName: str
    children: JsArray[JsDomElement]
    style: Any
    def appendChild(self, child: JsDomElement, /) -> None:
        """Add a child at the end."""
    def addEventListener(self, event: str, listener: Callable[[Any], None], /) -> None:
        """Have a function called at each event. Prefer
        `pyodide.ffi.wrappers.add_event_listener()`: its listeners may wait, and they can be
        removed.

        Args:
            event: the event's type, such as "click".
            listener: a PyProxy of a function, by `create_proxy()`.
        """
    def removeEventListener(self, event: str, listener: Callable[[Any], None], /) -> None:
        """Take a listener away: the same PyProxy as it was added with."""

class JsBigInt(int):
    """An int that is a BigInt in JavaScript whatever its size."""

@final
class JsNull:
    """The type of jsnull, which is JavaScript's null."""

    def __bool__(self) -> Literal[False]: ...
    @property
    def typeof(self) -> Literal["object"]: ...

jsnull: JsNull

class ConversionError(Exception):
    """An object could not be converted for the other language."""

class InternalError(Exception):
    """A mistake in the runtime itself."""

def create_once_callable(obj: _F, /) -> JsOnceCallable[_F]:
    """A PyProxy of a callable, for JavaScript that calls it at most once, such as `setTimeout()`.

    Returns:
        The proxy; it ends with its first call, or by `destroy()`.
    """

@overload
def create_proxy(
    obj: _F, /, *, capture_this: bool = False, roundtrip: bool = True, promising: bool = False
) -> JsCallableDoubleProxy[_F]:
    """A PyProxy that lives until it is destroyed, for JavaScript that keeps the object.

    Args:
        obj: any object.
        capture_this: whether JavaScript's `this` is the first argument of a call.
        roundtrip: whether it stays a proxy when it comes back to Python; False gives the object
            itself.
        promising: whether a call gives a promise, so that the function may wait.
    """

@overload
def create_proxy(
    obj: _T, /, *, capture_this: bool = False, roundtrip: bool = True, promising: bool = False
) -> JsDoubleProxy[_T]: ...
def destroy_proxies(pylist: JsArray[Any], /) -> None:
    """Destroy the PyProxies that `to_js()` has listed.

    Args:
        pylist: the Array that was given as `pyproxies`.
    """

@overload
def to_js(
    obj: Mapping[Any, Any],
    /,
    *,
    depth: int = -1,
    pyproxies: JsProxy | None = None,
    create_pyproxies: bool = True,
    dict_converter: Callable[[Iterable[JsArray[Any]]], JsProxy] | None = None,
    default_converter: ToJsConverter | None = None,
    eager_converter: ToJsConverter | None = None,
) -> JsProxy:
    """Convert to JavaScript, deeply: list and tuple to Array, dict to an object or a Map, set to
    Set, buffers to typed arrays.

    Args:
        obj: any object; numbers, strings and booleans come back as they are.
        depth: how many levels are converted; -1 for all.
        pyproxies: an Array to which PyProxies that are made are added, for `destroy_proxies()`.
        create_pyproxies: whether objects of other kinds become PyProxies; False makes them an
            error.
        dict_converter: makes the value for a dict from its `[key, value]` pairs, such as
            `js.Object.fromEntries`.
        default_converter: called for objects of other kinds, with the object, a function that
            converts a value, and one that notes the result for an object that occurs again.
        eager_converter: the same, called first, for every object.

    Raises:
        ConversionError: a key of a dict or an item of a set cannot be one in JavaScript, or an
            object cannot be converted and `create_pyproxies` is False.
    """

@overload
def to_js(
    obj: list[_T] | tuple[_T, ...],
    /,
    *,
    depth: int = -1,
    pyproxies: JsProxy | None = None,
    create_pyproxies: bool = True,
    dict_converter: Callable[[Iterable[JsArray[Any]]], JsProxy] | None = None,
    default_converter: ToJsConverter | None = None,
    eager_converter: ToJsConverter | None = None,
) -> JsArray[_T]: ...
@overload
def to_js(
    obj: Any,
    /,
    *,
    depth: int = -1,
    pyproxies: JsProxy | None = None,
    create_pyproxies: bool = True,
    dict_converter: Callable[[Iterable[JsArray[Any]]], JsProxy] | None = None,
    default_converter: ToJsConverter | None = None,
    eager_converter: ToJsConverter | None = None,
) -> Any: ...
def run_sync(x: Awaitable[_T], /) -> _T:
    """Wait for an awaitable or a promise on this stack; the page goes on meanwhile.

    Returns:
        Its value.

    Raises:
        RuntimeError: this stack cannot wait; a note of the error names the JavaScript function in
            the way.
        BaseException: what the awaitable raised.
    """

def can_run_sync() -> bool:
    """Whether `run_sync()` can wait here."""

def register_js_module(name: str, jsproxy: Any) -> None:
    """Offer a JavaScript object as a module of Python.

    Args:
        name: the name by which it is imported.
        jsproxy: the object; its members that are objects are submodules.

    Raises:
        TypeError: the name is no string, or the module is no JavaScript object.
    """

def unregister_js_module(name: str) -> None:
    """Take such a module back. Code that has imported it keeps it.

    Raises:
        ValueError: no module of that name was registered.
    """

def ffi_stats() -> dict[str, Any]:
    """What is alive between the languages: "handles", "proxies", "tasks" (numbers) and
    "stackBytes" (bytes), and after `pyodide.setDebug(true)` "origins", where each was made.
    """
