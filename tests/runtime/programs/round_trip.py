"""Programs of test_round_trip.py."""

from pyodide.ffi import jsnull


def define_build_and_differs():
    def build(node):
        """The Python value of a node."""
        if isinstance(node, list):
            return [build(item) for item in node]
        if not isinstance(node, dict):
            return node
        ((kind, value),) = node.items()
        if kind == "dict":
            return {key: build(item) for key, item in value}
        if kind == "set":
            return set(value)
        if kind in ("int", "bigint"):
            return int(value)
        if kind == "float":
            return float(value.replace("Infinity", "inf"))
        if kind == "bytes":
            return bytes(value)
        return None if kind == "none" else jsnull

    def is_number(value):
        return isinstance(value, (int, float)) and not isinstance(value, bool)

    def differs(one, two, where="value"):
        """Where two values differ, or None. A whole float may have become an int: both are numbers."""
        told = f"{where}: {one!r} became {two!r}"
        if isinstance(one, bytes):
            return None if isinstance(two, memoryview) and two.tobytes() == one else where
        if isinstance(one, bool) or one is None or one is jsnull:
            return None if two is one else where
        if is_number(one):
            same_sign = is_number(two) and str(float(one))[0] == str(float(two))[0]
            return None if same_sign and two == one else told
        if type(one) is not type(two) or len(one) != len(two):
            return told
        if isinstance(one, list):
            pairs = zip(one, two, strict=True)
            found = (differs(a, b, f"{where}[{i}]") for i, (a, b) in enumerate(pairs))
            return next(filter(None, found), None)
        if isinstance(one, dict):
            for key in one:
                if key not in two:
                    return f"{where}: no key {key!r}"
                if found := differs(one[key], two[key], f"{where}[{key!r}]"):
                    return found
            return None
        return None if one == two else told
