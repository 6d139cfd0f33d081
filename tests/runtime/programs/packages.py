"""Programs of test_packages.py."""


def list_installed_modules():
    import os

    files = sorted(os.listdir("/lib/python3.13/site-packages"))
    return str([name for name in files if name.endswith(".py")])
