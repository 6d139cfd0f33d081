"""The module `ssl`, imported when somebody asks for one of its names.

Most programs with an event loop never speak TLS, and `ssl` takes a third as long to import as the
rest of asyncio. It lies in the archive as `asyncio.ssl_later`; asyncio imports it in place of `ssl`
(cpython/patches/0028).
"""


def __getattr__(name: str) -> object:
    import ssl

    return getattr(ssl, name)
