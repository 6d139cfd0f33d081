"""The module ssl of a core without OpenSSL: it can be configured, and says that there is no TLS."""

from __future__ import annotations

import json
from typing import Any

from tests.programs import programs

PROGRAMS = programs(__file__)
NO_TLS = "SSLError [SSL: NO_TLS] this runtime has no TLS, as it is built without OpenSSL."


async def test_a_context_is_configured_as_by_openssl(runtime: Any) -> None:
    """`import ssl` failed, and with it httpx and all that makes a context before it connects."""
    told = json.loads(await runtime.value(PROGRAMS.configure))
    assert told == [
        [16, True, 2, 2186412112, 557088],
        "ValueError Cannot set verify_mode to CERT_NONE when check_hostname is enabled.",
        "ValueError invalid or unsupported protocol version 99",
        "TypeError cafile, capath and cadata cannot be all omitted",
        "FileNotFoundError [Errno 44] No such file or directory: '/nonesuch'",
        "SSLError [X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found",
        {"x509": 1, "crl": 0, "x509_ca": 1},
        "('No cipher can be selected.',)",
        [True, True],
    ]


async def test_a_handshake_says_that_there_is_no_tls(runtime: Any) -> None:
    for text in json.loads(await runtime.value(PROGRAMS.shake_hands)):
        assert text.startswith(NO_TLS), text


async def test_a_memory_bio_keeps_bytes_until_they_are_read(runtime: Any) -> None:
    assert json.loads(await runtime.value(PROGRAMS.use_a_memory_bio)) == [
        *("ab", "c", 0, False, True),
        "('cannot write() after write_eof()',)",
        "TypeError memoryview: a bytes-like object is required, not 'str'",
    ]


async def test_asyncio_imports_ssl_when_it_needs_it(runtime: Any) -> None:
    """It took a quarter of the time of `import asyncio`."""
    assert await runtime.value(PROGRAMS.look_after_importing_asyncio) == "[False, True]"
