"""Values that look secret, masked before they are written down where others read them."""

from __future__ import annotations

import re
from collections.abc import Callable

from vxmlplat.simulator.conversation_test import JSON

MASK = "***"

SECRET_WORDS = frozenset(
    "authorization cookie credential credentials csrf cvc cvv iban jwt otp passphrase passwd password pin "
    "pwd secret signature ssn tan token".split()
)
SECRET_PAIRS = frozenset(
    (first, second)
    for first, seconds in {
        "access": "key",
        "account": "number no",
        "api": "key",
        "apikey": "",
        "card": "number no",
        "client": "key",
        "id": "card",
        "private": "key",
        "session": "id key",
        "sessionid": "",
    }.items()
    for second in seconds.split(" ")
)
SECRET_CHINESE = ("密码", "口令", "密钥", "令牌", "身份证", "卡号", "账号", "验证码", "签名")

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SECRET_TEXT = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"  # a signed token (RFC 7519)
    r"|(?i:\b(?:Bearer|Basic) [\w+/=.~-]{8,})"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*-----|$)"
    r"|\b(?:sk|pk|ghp|gho|xox[a-z])[_-][\w-]{16,}"
    r"|\b\d{17}[\dXx]\b"  # a Chinese identity card
)
_RANDOM = re.compile(r"(?=[^\s]*\d)(?=[^\s]*[A-Za-z])[A-Za-z0-9+/_=-]{32,}")
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")


def secret_name(name: str) -> bool:
    """Whether a member of this name holds a secret: ``api_key``, ``cardNumber``, ``密码``."""
    words = [word.lower() for word in _WORD.findall(name)]
    pairs = zip(words, [*words, ""][1:], strict=True)
    return (
        not SECRET_WORDS.isdisjoint(words)
        or any(pair in SECRET_PAIRS or (pair[0], "") in SECRET_PAIRS for pair in pairs)
        or any(word in name for word in SECRET_CHINESE)
    )


def masked(value: JSON, keep: Callable[[str], bool] = lambda _: False) -> tuple[JSON, list[str]]:
    """The value with what looks secret masked, and the paths of that (``customer.pin``).

    ``keep``: whether a value, as text, is known to everybody anyway.
    """
    found: list[str] = []
    return _masked(value, "", False, keep, found), found


def _masked(value: JSON, path: str, secret: bool, keep: Callable[[str], bool], found: list[str]) -> JSON:
    if isinstance(value, dict):
        return {
            name: _masked(one, f"{path}.{name}" if path else name, secret or secret_name(name), keep, found)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [_masked(one, path, secret, keep, found) for one in value]
    if value is None or isinstance(value, bool) or value == "" or keep(str(value)):
        return value
    mask = MASK if secret else _text_masked(str(value))
    if mask == str(value):
        return value
    if path not in found:
        found.append(path)
    return mask


def _text_masked(text: str) -> str:
    if _RANDOM.fullmatch(text) and not _UUID.fullmatch(text):
        return MASK
    text = _SECRET_TEXT.sub(MASK, text)
    return _CARD.sub(lambda card: MASK if _luhn(card[0]) else card[0], text)


def _luhn(number: str) -> bool:
    """Whether the digits are those of a payment card (ISO/IEC 7812-1)."""
    digits = [int(digit) for digit in reversed(number) if digit.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return len(set(digits)) > 1 and (sum(digits[::2]) + sum(doubled)) % 10 == 0
