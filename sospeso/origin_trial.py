"""What an origin trial's token says: for whom, for what, until when.

Why: Chrome 123 to 136 switch JSPI on for an origin that has a token, and say nothing in the page
when the token is for another one or has run out. `sospeso serve --origin-trial` reads it first.
The signature is Chrome's to check.

A token is base64 of: a byte that is the version (2 or 3), 64 bytes of signature, 4 bytes that are
the length of what follows (big-endian), and JSON.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from .paths import UserError

HEAD = 1 + 64 + 4
CURE = "Copy it whole from https://developer.chrome.com/origintrials/"


@dataclass(frozen=True)
class Token:
    """A token's contents.

    Attributes:
        origin: e.g. "https://example.org:443".
        feature: Chrome's name of what is tried.
        expiry: after this moment it is worth nothing.
    """

    origin: str
    feature: str
    expiry: datetime

    def doubts(self, origin: str, now: datetime) -> list[str]:
        """Why Chrome would not heed it in pages of `origin`, a sentence each."""
        found = []
        if self.expiry < now:
            found.append(f"it ran out on {self.expiry:%Y-%m-%d}")
        if _with_port(self.origin) != _with_port(origin):
            found.append(f"it is for {self.origin}, and pages here are of {origin}")
        return found


def _with_port(origin: str) -> str:
    origin = origin.rstrip("/")
    scheme, _, rest = origin.partition("://")
    port = {"http": ":80", "https": ":443"}.get(scheme, "")
    return origin if ":" in rest.rpartition("]")[2] else origin + port


def read_token(text: str) -> Token:
    """The contents of a token.

    Raises:
        UserError: it is none.
    """
    try:
        data = base64.b64decode(text, validate=True)
        length = int.from_bytes(data[HEAD - 4 : HEAD], "big")
        if data[0] not in (2, 3) or len(data) != HEAD + length:
            raise ValueError("its parts do not add up")
        fields = json.loads(data[HEAD:])
        expiry = datetime.fromtimestamp(int(fields["expiry"]), UTC)
        return Token(str(fields["origin"]), str(fields["feature"]), expiry)
    except (binascii.Error, IndexError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"--origin-trial got no origin trial token ({error}). {CURE}") from None
