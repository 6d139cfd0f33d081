"""Origin trial tokens are read before they are served: what is wrong with one is said at once."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

from sospeso import cli
from sospeso.origin_trial import Token, read_token
from sospeso.paths import UserError

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def token_of(version: int = 3, **fields: object) -> str:
    payload = json.dumps(
        {"origin": "https://example.org:443", "feature": "F", "expiry": 1_800_000_000, **fields}
    ).encode()
    head = bytes([version]) + b"s" * 64 + len(payload).to_bytes(4, "big")
    return base64.b64encode(head + payload).decode()


def test_a_token_says_for_whom_for_what_and_until_when() -> None:
    token = read_token(token_of())
    assert token == Token("https://example.org:443", "F", datetime.fromtimestamp(1.8e9, UTC))
    assert token.doubts("https://example.org", NOW) == []


@pytest.mark.parametrize(
    ("origin", "page"),
    [
        ("https://example.org:443", "https://example.org/"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:80", "http://[::1]"),
    ],
)
def test_the_same_origin_is_one_with_its_usual_port(origin: str, page: str) -> None:
    assert read_token(token_of(origin=origin)).doubts(page, NOW) == []


def test_another_origin_and_a_past_date_are_doubts() -> None:
    doubts = read_token(token_of(expiry=1_000_000_000)).doubts("http://127.0.0.1:8000", NOW)
    assert doubts == [
        "it ran out on 2001-09-09",
        "it is for https://example.org:443, and pages here are of http://127.0.0.1:8000",
    ]


@pytest.mark.parametrize(
    "text",
    ["", "not base64!", "AAAA", token_of()[:-8], token_of(version=9), token_of(expiry="soon")],
)
def test_what_is_no_token_is_refused_with_the_place_to_get_one(text: str) -> None:
    with pytest.raises(UserError, match=r"no origin trial token .*developer\.chrome\.com"):
        read_token(text)


def test_serve_refuses_what_is_no_token(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["serve", "--port", "0", "--origin-trial", "token"])
    assert caught.value.code == cli.EXIT_USER_ERROR
    assert "no origin trial token" in capsys.readouterr().err
