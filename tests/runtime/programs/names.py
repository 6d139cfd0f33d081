"""Programs of test_names.py."""

import importlib


def differences_in_names(module_name, expected):
    """Names that a module exports and should not, should and does not, or exports and has not."""
    module = importlib.import_module(module_name)
    wrong = sorted(set(module.__all__) ^ set(expected))
    wrong += [name for name in module.__all__ if not hasattr(module, name)]
    return " ".join(wrong)


def missing_members(module_name, expected):
    """Members that the classes of a module should have."""
    module = importlib.import_module(module_name)
    missing = [
        f"{name}.{member}"
        for name, members in expected.items()
        for member in members
        if not hasattr(getattr(module, name), member)
    ]
    return " ".join(missing)
