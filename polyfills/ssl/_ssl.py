"""The module `_ssl` for a core without OpenSSL: everything of `ssl` but the encryption.

A page cannot open a connection that TLS would be spoken on, and OpenSSL is a third of a core. But
HTTP clients import `ssl` and make a context before they know which way their requests go. CPython's
own `ssl.py` on top of this gives them its names, constants, and contexts that can be configured and
hold certificates; the first handshake raises an SSLError that names the cause. Random bytes and
MemoryBIO are real. Imported by `ssl` alone. A core that has the C module `_ssl` takes that one, as
built-in modules come first.

The numbers are those of OpenSSL 3.5; the checks and their texts are those of Modules/_ssl.c.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

OPENSSL_VERSION_INFO = _OPENSSL_API_VERSION = (3, 5, 0, 0, 0)
OPENSSL_VERSION_NUMBER = 0x30500000
# urllib3 wants the first word.
OPENSSL_VERSION = "OpenSSL 3.5.0 (its names alone: there is no TLS in this runtime)"
_DEFAULT_CIPHERS = "@SECLEVEL=2:ALL:!COMPLEMENTOFDEFAULT:!eNULL"

HAS_SNI = HAS_ECDH = HAS_ALPN = HAS_PSK = HAS_PHA = HAS_TLS_UNIQUE = True
HAS_TLSv1 = HAS_TLSv1_1 = HAS_TLSv1_2 = HAS_TLSv1_3 = True
HAS_NPN = HAS_SSLv2 = HAS_SSLv3 = False

_NUMBERS = """
ALERT_DESCRIPTION_ CLOSE_NOTIFY 0 UNEXPECTED_MESSAGE 10 BAD_RECORD_MAC 20 RECORD_OVERFLOW 22
  DECOMPRESSION_FAILURE 30 HANDSHAKE_FAILURE 40 BAD_CERTIFICATE 42 UNSUPPORTED_CERTIFICATE 43
  CERTIFICATE_REVOKED 44 CERTIFICATE_EXPIRED 45 CERTIFICATE_UNKNOWN 46 ILLEGAL_PARAMETER 47
  UNKNOWN_CA 48 ACCESS_DENIED 49 DECODE_ERROR 50 DECRYPT_ERROR 51 PROTOCOL_VERSION 70
  INSUFFICIENT_SECURITY 71 INTERNAL_ERROR 80 USER_CANCELLED 90 NO_RENEGOTIATION 100
  UNSUPPORTED_EXTENSION 110 CERTIFICATE_UNOBTAINABLE 111 UNRECOGNIZED_NAME 112
  BAD_CERTIFICATE_STATUS_RESPONSE 113 BAD_CERTIFICATE_HASH_VALUE 114 UNKNOWN_PSK_IDENTITY 115
CERT_ NONE 0 OPTIONAL 1 REQUIRED 2
ENCODING_ PEM 1 DER 2
HOSTFLAG_ ALWAYS_CHECK_SUBJECT 1 NO_WILDCARDS 2 NO_PARTIAL_WILDCARDS 4 MULTI_LABEL_WILDCARDS 8
  SINGLE_LABEL_SUBDOMAINS 16 NEVER_CHECK_SUBJECT 32
OP_ ALL 0x80000050 NO_SSLv2 0 SINGLE_DH_USE 0 SINGLE_ECDH_USE 0 LEGACY_SERVER_CONNECT 4
  ENABLE_KTLS 8 IGNORE_UNEXPECTED_EOF 0x80 NO_TICKET 0x4000 NO_COMPRESSION 0x20000
  ENABLE_MIDDLEBOX_COMPAT 0x100000 CIPHER_SERVER_PREFERENCE 0x400000 NO_SSLv3 0x2000000
  NO_TLSv1 0x4000000 NO_TLSv1_2 0x8000000 NO_TLSv1_1 0x10000000 NO_TLSv1_3 0x20000000
  NO_RENEGOTIATION 0x40000000
PROTOCOL_ SSLv23 2 TLS 2 TLSv1 3 TLSv1_1 4 TLSv1_2 5 TLS_CLIENT 16 TLS_SERVER 17
PROTO_ MINIMUM_SUPPORTED -2 MAXIMUM_SUPPORTED -1 SSLv3 768 TLSv1 769 TLSv1_1 770 TLSv1_2 771
  TLSv1_3 772
SSL_ERROR_ SSL 1 WANT_READ 2 WANT_WRITE 3 WANT_X509_LOOKUP 4 SYSCALL 5 ZERO_RETURN 6
  WANT_CONNECT 7 EOF 8 INVALID_ERROR_CODE 10
VERIFY_ DEFAULT 0 CRL_CHECK_LEAF 4 CRL_CHECK_CHAIN 12 X509_STRICT 32 ALLOW_PROXY_CERTS 64
  X509_TRUSTED_FIRST 0x8000 X509_PARTIAL_CHAIN 0x80000
"""


def _define(names: dict[str, Any]) -> None:
    for line in _NUMBERS.replace("\n ", "").strip().split("\n"):
        prefix, *words = line.split()
        for name, number in zip(words[::2], words[1::2], strict=True):
            names[prefix + name] = int(number, 0)


_define(globals())

_CLIENT, _SERVER = 16, 17
_PROTOCOLS = (2, 3, 4, 5, _CLIENT, _SERVER)
_VERSIONS = (-2, -1, 768, 769, 770, 771, 772)
# What a new context of OpenSSL has.
_OPTIONS, _FLAGS = 0x82520050, 0x8000
_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"

# ---- errors -----------------------------------------------------------------------------------


class SSLError(OSError):
    """An error occurred in the SSL implementation."""

    def __str__(self) -> str:
        return self.strerror if isinstance(self.strerror, str) else str(self.args)


class SSLZeroReturnError(SSLError):
    """SSL/TLS session closed cleanly."""


class SSLWantReadError(SSLError):
    """Non-blocking SSL socket needs to read more data
    before the requested operation can be completed."""


class SSLWantWriteError(SSLError):
    """Non-blocking SSL socket needs to write more data
    before the requested operation can be completed."""


class SSLSyscallError(SSLError):
    """System error when attempting SSL operation."""


class SSLEOFError(SSLError):
    """SSL/TLS connection terminated abruptly."""


class SSLCertVerificationError(SSLError, ValueError):
    """A certificate could not be verified."""


for _error in (SSLError, *SSLError.__subclasses__()):
    _error.__module__ = "ssl"


def _no_tls() -> NoReturn:
    raise SSLError(
        1,
        "[SSL: NO_TLS] this runtime has no TLS, as it is built without OpenSSL. Send https "
        "requests by what goes through the host's fetch: urllib.request, http.client, requests, "
        "urllib3 or pyodide.http",
    )


# ---- contexts ---------------------------------------------------------------------------------


def _number(value: Any, type_error: str | None = None) -> int:
    if type_error is not None and not isinstance(value, int):
        raise TypeError(f"{type_error}, not {type(value).__name__}")
    return int(value.__index__()) if hasattr(value, "__index__") else _refuse(value)


def _refuse(value: object) -> NoReturn:
    raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")


def _bits(value: Any) -> int:
    number = _number(value, "argument must be int")
    if number < 0:
        raise OverflowError("can't convert negative int to unsigned")
    return number


def _read(path: Any, argument: str) -> bytes:
    try:
        path = os.fspath(path)
    except TypeError:
        raise TypeError(f"{argument} should be a valid filesystem path") from None
    with open(path, "rb") as file:
        return file.read()


class _SSLContext:
    """The settings of connections, and the certificates they trust."""

    sni_callback: Callable[..., Any] | None
    keylog_filename: str | None
    post_handshake_auth: bool
    security_level = 2
    _protocol: int
    _limits: list[int]
    _certificates: dict[bytes, None]

    def __new__(cls, protocol: int) -> _SSLContext:
        if (number := _number(protocol)) not in _PROTOCOLS:
            raise ValueError(f"invalid or unsupported protocol version {number}")
        if number not in (_CLIENT, _SERVER):
            import warnings

            name = ("TLS", "TLSv1", "TLSv1_1", "TLSv1_2")[number - 2]
            warnings.warn(f"ssl.PROTOCOL_{name} is deprecated", DeprecationWarning, stacklevel=3)
        self = super().__new__(cls)
        client = number == _CLIENT
        self.__dict__.update(
            _protocol=number, _options=_OPTIONS, _verify_flags=_FLAGS, _host_flags=4,
            _verify_mode=2 if client else 0, _check_hostname=client, _limits=[-2, -1], _tickets=2,
            sni_callback=None, keylog_filename=None, post_handshake_auth=False,
            _msg_callback=None, _certificates={},
        )  # fmt: skip
        return self

    @property
    def protocol(self) -> int:
        return int(self._protocol)

    def _get_options(self) -> int:
        return int(self._options)

    def _set_options(self, value: int) -> None:
        self._options = _bits(value)

    def _get_flags(self) -> int:
        return int(self._verify_flags)

    def _set_flags(self, value: int) -> None:
        self._verify_flags = _bits(value)

    def _get_mode(self) -> int:
        return int(self._verify_mode)

    def _set_mode(self, value: int) -> None:
        if (mode := _number(value)) not in (0, 1, 2):
            raise ValueError("invalid value for verify_mode")
        if mode == 0 and self._check_hostname:
            raise ValueError("Cannot set verify_mode to CERT_NONE when check_hostname is enabled.")
        self._verify_mode = mode

    def _get_check(self) -> bool:
        return bool(self._check_hostname)

    def _set_check(self, value: object) -> None:
        self._check_hostname = bool(value)
        if self._check_hostname and self._verify_mode == 0:
            self._verify_mode = 2

    def _limit(self, which: int, value: Any) -> None:
        if (number := _number(value)) not in _VERSIONS:
            raise ValueError(f"Unsupported TLS/SSL version 0x{number:x}")
        self._limits[which] = number

    def _set_tickets(self, value: int) -> None:
        if _number(value) < 0:
            raise ValueError("value must be non-negative")
        if self._protocol != _SERVER:
            raise ValueError("SSLContext is not a server context.")
        self._tickets = value

    # What `ssl` calls by super() has to be there under the C module's names.
    options = property(_get_options, _set_options)
    verify_flags = property(_get_flags, _set_flags)
    verify_mode = property(_get_mode, _set_mode)
    check_hostname = property(_get_check, _set_check)
    minimum_version = property(lambda self: self._limits[0], lambda self, v: self._limit(0, v))
    maximum_version = property(lambda self: self._limits[1], lambda self, v: self._limit(1, v))
    num_tickets = property(lambda self: self._tickets, _set_tickets)
    _msg_callback = property(
        lambda self: self.__dict__["_msg_callback"],
        lambda self, value: self.__dict__.__setitem__("_msg_callback", value),
    )

    def set_ciphers(self, cipherlist: str, /) -> None:
        """Which ciphers would be used; there are none to choose from."""
        if not isinstance(cipherlist, str):
            kind = type(cipherlist).__name__
            raise TypeError(f"set_ciphers() argument must be str, not {kind}")
        if not cipherlist:
            raise SSLError("No cipher can be selected.")

    def get_ciphers(self) -> list[dict[str, Any]]:
        return []

    def _set_alpn_protocols(self, protocols: bytes, /) -> None:
        pass

    def set_ecdh_curve(self, name: str, /) -> None:
        pass

    def load_dh_params(self, path: Any, /) -> None:
        _read(path, "path")

    def set_psk_client_callback(self, callback: Callable[..., Any] | None) -> None:
        pass

    def set_psk_server_callback(
        self, callback: Callable[..., Any] | None, identity_hint: str | None = None
    ) -> None:
        pass

    # ---- certificates -------------------------------------------------------------------------

    def set_default_verify_paths(self) -> None:
        """The host has certificates that nobody can read."""

    def load_verify_locations(
        self, cafile: Any = None, capath: Any = None, cadata: Any = None
    ) -> None:
        """Take the certificates of a file, and of PEM or DER data; a folder is looked at later."""
        if cafile is None and capath is None and cadata is None:
            raise TypeError("cafile, capath and cadata cannot be all omitted")
        if cadata is not None and not cadata and isinstance(cadata, (str, bytes)):
            raise ValueError("Empty certificate data")
        if isinstance(cadata, str):
            if not self._take_pem(cadata.encode("ascii")):
                raise SSLError(0, "no start line: cadata does not contain a certificate")
        elif cadata is not None:
            try:
                data = bytes(memoryview(cadata))
            except TypeError:
                raise TypeError("cadata should be an ASCII string or a bytes-like object") from None
            if data[:1] != b"\x30":  # a sequence of ASN.1
                raise SSLError(0, "not enough data: cadata does not contain a certificate")
            self._certificates[data] = None
        if cafile is not None and not self._take_pem(_read(cafile, "cafile")):
            raise SSLError(136, "[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found")
        if capath is not None:
            os.fspath(capath)

    def _take_pem(self, text: bytes) -> bool:
        """Keep the certificates of PEM text; whether there were any."""
        from binascii import a2b_base64

        found = [part.split(_END)[0] for part in text.split(_BEGIN)[1:]]
        self._certificates.update(dict.fromkeys(map(a2b_base64, found)))
        return bool(found)

    def load_cert_chain(self, certfile: Any, keyfile: Any = None, password: Any = None) -> None:
        """Look whether there is a certificate and a key; nobody will be shown them."""
        for path, argument in ((certfile, "certfile"), (keyfile, "keyfile")):
            if path is not None and b"-----BEGIN " not in _read(path, argument):
                raise SSLError(524297, "[SSL] PEM lib")

    def cert_store_stats(self) -> dict[str, int]:
        count = len(self._certificates)
        return {"x509": count, "crl": 0, "x509_ca": count}

    def get_ca_certs(self, binary_form: bool = False) -> list[Any]:
        if binary_form:
            return list(self._certificates)
        if self._certificates:
            _no_tls()  # OpenSSL would take them apart
        return []

    def session_stats(self) -> dict[str, int]:
        names = (
            "number connect connect_good connect_renegotiate accept accept_good "
            "accept_renegotiate hits misses timeouts cache_full"
        )
        return dict.fromkeys(names.split(), 0)

    # ---- connections --------------------------------------------------------------------------

    def _wrap_socket(self, *_: Any, **__: Any) -> NoReturn:
        _no_tls()

    def _wrap_bio(self, *_: Any, **__: Any) -> NoReturn:
        _no_tls()


class SSLSession:
    """A session that could be resumed; none comes about."""

    def __new__(cls) -> SSLSession:
        raise TypeError("cannot create '_ssl.SSLSession' instances")


class MemoryBIO:
    """Bytes that were written and not read yet."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._ended = False

    @property
    def pending(self) -> int:
        """Bytes that can be read."""
        return len(self._data)

    @property
    def eof(self) -> bool:
        """Whether everything was read, and nothing more will come."""
        return self._ended and not self._data

    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes; all for a negative number."""
        count = len(self._data) if size < 0 else size
        taken = bytes(self._data[:count])
        del self._data[:count]
        return taken

    def write(self, data: Any, /) -> int:
        """How many bytes were written."""
        with memoryview(data) as view:
            if self._ended:
                raise SSLError("cannot write() after write_eof()")
            self._data += view
            return view.nbytes

    def write_eof(self) -> None:
        """Nothing more will be written."""
        self._ended = True


# ---- functions --------------------------------------------------------------------------------


def RAND_bytes(n: int, /) -> bytes:
    """Random bytes of the host."""
    if n < 0:
        raise ValueError("num must be positive")
    return os.urandom(n)


def RAND_status() -> bool:
    """There is enough randomness always."""
    return True


def RAND_add(string: Any, entropy: float, /) -> None:
    """The host's generator takes no seeds."""


# The two purposes of certificates that `ssl` asks for: number, short name, long name, identifier.
_OBJECTS = (
    (129, "serverAuth", "TLS Web Server Authentication", "1.3.6.1.5.5.7.3.1"),
    (130, "clientAuth", "TLS Web Client Authentication", "1.3.6.1.5.5.7.3.2"),
)


def txt2obj(txt: str, name: bool = False) -> tuple[int, str, str, str]:
    """An object of ASN.1 by its identifier, or also by its name."""
    for found in _OBJECTS:
        if txt in (found[1:] if name else found[3:]):
            return found
    raise ValueError(f"unknown object '{txt[:100]}'")


def nid2obj(nid: int, /) -> tuple[int, str, str, str]:
    """An object of ASN.1 by OpenSSL's number."""
    for found in _OBJECTS:
        if found[0] == nid:
            return found
    raise ValueError(f"unknown NID {nid}")


def get_default_verify_paths() -> tuple[str, str, str, str]:
    """Names of variables, and paths, where OpenSSL looks for certificates."""
    return "SSL_CERT_FILE", "/usr/lib/ssl/cert.pem", "SSL_CERT_DIR", "/usr/lib/ssl/certs"
