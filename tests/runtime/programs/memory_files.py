"""Programs of test_memory_files.py."""


def a_file_with_two_names_is_one_file():
    import os

    os.makedirs("/tmp/links", exist_ok=True)
    os.chdir("/tmp/links")
    with open("one", "w") as file:
        file.write("first")
    os.link("one", "other")
    with open("other", "a") as file:
        file.write(" and second")
    same = os.path.samefile("one", "other")
    counts = [os.stat("one").st_nlink]
    os.chmod("other", 0o600)
    mode = oct(os.stat("one").st_mode & 0o777)
    errors = []
    for call in (
        lambda: os.link("one", "other"),
        lambda: os.link("absent", "new"),
        lambda: os.link("/tmp", "new"),
    ):
        try:
            call()
        except OSError as error:
            errors.append(type(error).__name__)
    os.rename("other", "third")
    os.unlink("one")
    counts.append(os.stat("third").st_nlink)
    with open("third") as file:
        text = file.read()
    os.unlink("third")
    return str((same, counts, mode, errors, text))


def times_keep_more_than_milliseconds():
    import os

    open("/tmp/timed", "w").close()
    os.utime("/tmp/timed", ns=(1_002_003_000, 4_005_006_000))
    found = os.stat("/tmp/timed")
    return str((found.st_atime_ns, found.st_mtime_ns))
