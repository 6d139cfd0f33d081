"""Programs of test_archives.py."""


def prepare():
    import os

    os.makedirs("FOLDER", exist_ok=True)
    os.makedirs("/outside", exist_ok=True)
    if not os.path.islink("FOLDER/out"):
        os.symlink("/outside", "FOLDER/out")  # somebody else's, as an earlier archive's


def what_is_outside():
    import os

    places = ["/box/escaped.txt", "/escaped.txt", "/outside/escaped.txt", "/escaped", "/etc/evil"]
    found = [path for path in places if os.path.lexists(path)]
    return str(found + sorted(os.listdir("/outside")))


def what_the_wheel_left():
    import json
    import os
    from pathlib import Path

    site = "/lib/python3.13/site-packages"
    info = f"{site}/datafiles-1.0.dist-info"
    paths = ["/share/datafiles/f", "/etc/datafiles", f"{site}/pure.py", "/bin/run"]
    found = [os.path.exists(path) for path in paths]
    left = [found, Path(info, "INSTALLER").read_text(), Path(info, "RECORD").read_text().split()]
    return json.dumps(left)


def what_the_hostile_wheels_left():
    import os

    places = ["/etc/evil", "/lib/python3.13/evil", "/evil", "/evil.py"]
    site = "/lib/python3.13/site-packages"
    names = [name for name in os.listdir(site) if name.startswith("hostile")]
    return str([path for path in places if os.path.lexists(path)] + sorted(names))
