"""Tokens: who may use the relay, for how long, to reach what, and how much of it.

A token is `v1.CLAIMS.SIGNATURE`: JSON in base64url and its HMAC-SHA256. A program of yours that
knows the page's user makes one (`make_token`, or `sospeso relay-token`); the page hands it over as
a subprotocol of the WebSocket, where no log of addresses has it. The policy is in the token, so
that relays behind one balancer share nothing but the key. Used by server.py.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .limits import Limits
from .policy import AllowList, BadEntry

SHORTEST_KEY = 32
LONGEST_TOKEN = 4096
PREFIX = "sospeso.token."


class BadToken(ValueError):
    """A token that is not accepted; the text says why."""


@dataclass(frozen=True)
class Token:
    """A token that was accepted.

    Attributes:
        id: limits are counted by it.
        expires: seconds since 1970.
        allow: what it may reach, of what the relay allows; None: all of that.
        limits: how much.
    """

    id: str
    expires: float
    allow: AllowList | None
    limits: Limits


def make_token(
    key: bytes,
    *,
    audience: str,
    seconds: float = 300,
    allow: Iterable[str] | None = None,
    limits: Mapping[str, float] | None = None,
    id: str | None = None,
) -> str:
    """Make a token.

    Args:
        key: the relay's, 32 bytes or more.
        audience: the relay's name (`--audience`).
        seconds: how long a WebSocket may be opened with it.
        allow: entries as in the relay's own list; None: whatever the relay allows.
        limits: fields of Limits that differ from the relay's; a token can only lower them.
        id: whose it is: limits are counted by it, and logs name it; None: a random one.

    Raises:
        ValueError: the key is too short, or an entry or a limit means nothing.
    """
    _check_key(key)
    claims: dict[str, Any] = {
        "aud": audience,
        "exp": int(time.time() + seconds),
        "jti": id or secrets.token_urlsafe(12),
    }
    if allow is not None:
        claims["allow"] = list(allow)
        AllowList(claims["allow"])
    if limits:
        Limits().lowered(limits)
        claims["limits"] = dict(limits)
    body = _encode(json.dumps(claims, separators=(",", ":")).encode())
    return f"v1.{body}.{_encode(_sign(key, body))}"


def read_token(token: str, key: bytes, audience: str, limits: Limits, now: float) -> Token:
    """Check a token.

    Raises:
        BadToken: it is not valid here and now.
    """
    version, _, rest = token.partition(".")
    body, _, signature = rest.partition(".")
    if version != "v1" or len(token) > LONGEST_TOKEN:
        raise BadToken("it is no token of this version")
    if not hmac.compare_digest(_decode(signature), _sign(key, body)):
        raise BadToken("its signature is wrong")
    try:
        claims = json.loads(_decode(body))
        expires, id = float(claims["exp"]), str(claims["jti"])
        allow = claims.get("allow")
        found = Token(
            id,
            expires,
            None if allow is None else AllowList(map(str, allow)),
            limits.lowered(claims.get("limits", {})),
        )
    except (KeyError, TypeError, ValueError, AttributeError, BadEntry) as error:
        raise BadToken(f"its claims mean nothing: {error}") from None
    if claims.get("aud") != audience:
        raise BadToken("it is for another relay")
    if now >= expires:
        raise BadToken("it has expired")
    return found


def _check_key(key: bytes) -> None:
    if len(key) < SHORTEST_KEY:
        raise ValueError(f"a key has {SHORTEST_KEY} bytes or more, this one has {len(key)}")


def read_key(text: bytes) -> bytes:
    """A key from its file: what is in it, without the line's end.

    Raises:
        ValueError: it is too short.
    """
    key = text.strip()
    _check_key(key)
    return key


def _sign(key: bytes, body: str) -> bytes:
    return hmac.new(key, f"v1.{body}".encode(), hashlib.sha256).digest()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    try:
        if not re.fullmatch("[A-Za-z0-9_-]*", text):
            raise binascii.Error
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise BadToken("it is not base64url") from None
