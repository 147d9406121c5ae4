"""Digest authentication (RFC 7616, RFC 8760), as client and as server: MD5 and SHA-256, qop auth and
auth-int.

A server's nonce proves itself (time and HMAC), so a flood of challenges stores nothing; what is stored is the
highest nonce count of nonces that were used with right credentials, which is what refuses a replay.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from vxmlplat.clock import Clock
from vxmlplat.sip.errors import MessageError
from vxmlplat.sip.grammar import QUOTED, TOKEN, unquote
from vxmlplat.sip.settings import Algorithm, Credentials
from vxmlplat.sip.uri import parse_uri

_ALGORITHMS: dict[str, Callable[[bytes], hashlib._Hash]] = {
    "SHA-256": hashlib.sha256,
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False),
}
_PAIR = re.compile(rf"\s*({TOKEN})\s*=\s*({QUOTED}|[^\s,\"]*)\s*(?:,|$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Secret:
    """What the server knows of a user: the password, or H(user:realm:password) by algorithm.

    Who is known by the hash of one algorithm only is offered that one only, since a telephone answers the
    first challenge that it understands (RFC 8760 §2.4).
    """

    password: str | None = field(default=None, repr=False)
    ha1: Mapping[str, str] = field(default_factory=dict, repr=False)


def user_hash(algorithm: Algorithm, user: str, realm: str, password: str) -> str:
    """What a server may keep instead of a password (RFC 7616 §3.4.2): H(user:realm:password) in
    hexadecimal."""
    return _digest(algorithm, user, realm, password)


Secrets = Callable[[str], "Secret | None"]
"""Gives the secret of a user, None for somebody unknown."""


def parse_digest(value: str) -> dict[str, str] | None:
    """The parameters of a Digest challenge or credentials, names in lower case; None for another scheme or
    noise."""
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() != "digest":
        return None
    parameters: dict[str, str] = {}
    at = 0
    while at < len(rest):
        found = _PAIR.match(rest, at)
        if found is None:
            return None
        parameters[found[1].lower()] = unquote(found[2])
        at = found.end()
    return parameters


def _digest(algorithm: str, *parts: str) -> str:
    return _ALGORITHMS[algorithm](":".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _session_key(ha1: str, algorithm: str, sess: bool, nonce: str, cnonce: str) -> str:
    return _digest(algorithm, ha1, nonce, cnonce) if sess else ha1


def _base_algorithm(name: str) -> tuple[str, bool] | None:
    upper = name.upper()
    sess = upper.endswith("-SESS")
    base = upper[:-5] if sess else upper
    return (base, sess) if base in _ALGORITHMS else None


@dataclass(slots=True)
class DigestClient:
    """Our side of one realm: answers challenges and counts the uses of a nonce."""

    credentials: Credentials
    _counts: dict[str, int] = field(default_factory=dict)

    def can_answer(self, challenges: list[str]) -> bool:
        """Whether one of the challenges can be answered."""
        return self._best(challenges) is not None

    def answer(self, challenges: list[str], method: str, uri: str, body: bytes = b"") -> str | None:
        """The Authorization value for the best of the challenges, or None when none can be answered."""
        best = self._best(challenges)
        return self._answer(best, method, uri, body) if best is not None else None

    def _best(self, challenges: list[str]) -> dict[str, str] | None:
        usable: list[tuple[int, dict[str, str]]] = []
        for value in challenges:
            challenge = parse_digest(value)
            if challenge is None or "nonce" not in challenge or "realm" not in challenge:
                continue
            algorithm = _base_algorithm(challenge.get("algorithm", "MD5"))
            qops = [q.strip().lower() for q in challenge.get("qop", "").split(",") if q.strip()]
            if algorithm is None or (qops and not {"auth", "auth-int"} & set(qops)):
                continue
            if self.credentials.realm not in {None, challenge["realm"]}:
                continue
            usable.append((list(_ALGORITHMS).index(algorithm[0]), challenge))
        return min(usable, key=lambda pair: pair[0])[1] if usable else None

    def _answer(self, challenge: dict[str, str], method: str, uri: str, body: bytes) -> str:
        user, nonce, realm = self.credentials.username, challenge["nonce"], challenge["realm"]
        name = challenge.get("algorithm", "MD5")
        base = _base_algorithm(name)
        assert base is not None, "only usable challenges come here"
        algorithm, sess = base
        cnonce = secrets.token_hex(8)
        ha1 = _digest(algorithm, user, realm, self.credentials.password)
        ha1 = _session_key(ha1, algorithm, sess, nonce, cnonce)
        qops = [q.strip().lower() for q in challenge.get("qop", "").split(",") if q.strip()]
        out = [("username", user), ("realm", realm), ("nonce", nonce), ("uri", uri)]
        text = ", ".join(f'{k}="{_escape(v)}"' for k, v in out)
        if "algorithm" in challenge:
            text += f", algorithm={name}"
        if qops:
            qop = "auth" if "auth" in qops else "auth-int"
            ha2 = _ha2(algorithm, method, uri, qop, body)
            count = self._counts.get(nonce, 0) + 1
            if len(self._counts) > 64:
                self._counts.clear()
            self._counts[nonce] = count
            response = _digest(algorithm, ha1, nonce, f"{count:08x}", cnonce, qop, ha2)
            text += f', qop={qop}, nc={count:08x}, cnonce="{cnonce}"'
        else:
            response = _digest(algorithm, ha1, nonce, _ha2(algorithm, method, uri, "auth", body))
            if sess:
                text += f', cnonce="{cnonce}"'
        text += f', response="{response}"'
        if "opaque" in challenge:
            text += f', opaque="{_escape(challenge["opaque"])}"'
        return f"Digest {text}"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _same_place(given: str, uri: str) -> bool:
    """Whether the digest's URI fits the Request-URI.

    They may differ in SIP, since the Request-URI changes on its way (RFC 3261 §22.4 item 5); the host has to
    be the same, so that credentials meant for one server do not serve at another.
    """
    if given == uri:
        return True
    try:
        return parse_uri(given).host == parse_uri(uri).host
    except MessageError:
        return False


def _ha2(algorithm: str, method: str, uri: str, qop: str, body: bytes) -> str:
    if qop == "auth-int":
        return _digest(algorithm, method, uri, _ALGORITHMS[algorithm](body).hexdigest())
    return _digest(algorithm, method, uri)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``ok`` with the user; ``stale``: right credentials on an old or used nonce; ``refused``."""

    outcome: Literal["ok", "stale", "refused"]
    user: str | None = None


class DigestServer:
    """Challenges and checks. ``lifetime`` is how many seconds a nonce is good for.

    ``algorithms`` are offered in this order; some telephones look at the first challenge only.
    """

    def __init__(
        self,
        realm: str,
        secrets_of: Secrets,
        clock: Clock,
        lifetime: float = 300.0,
        algorithms: tuple[Algorithm, ...] = ("SHA-256", "MD5"),
    ) -> None:
        self._algorithms = algorithms
        self.realm = realm
        self._secrets_of = secrets_of
        self._clock = clock
        self._lifetime = lifetime
        self._key = secrets.token_bytes(32)
        self._used: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def challenges(self, user: str = "", *, stale: bool = False, weakest: bool = False) -> list[str]:
        """Values of WWW-Authenticate in the order of preference (RFC 8760 §2.3), for whoever the request says
        it comes from; ``weakest`` asks for MD5 alone, where it is allowed at all."""
        tail = ", stale=true" if stale else ""
        nonce = self._nonce()
        secret = self._secrets_of(user)
        able = self._algorithms
        if secret is not None and secret.password is None:
            able = tuple(name for name in able if name in secret.ha1) or able
        if weakest and "MD5" in able:
            able = ("MD5",)
        return [
            f'Digest realm="{_escape(self.realm)}", nonce="{nonce}", algorithm={name}, qop="auth"{tail}'
            for name in able
        ]

    def _nonce(self) -> str:
        stamp = f"{int(self._clock.now() * 1000):x}-{secrets.token_hex(6)}"
        return f"{stamp}-{self._sign(stamp)}"

    def _sign(self, stamp: str) -> str:
        return hmac.new(self._key, stamp.encode(), hashlib.sha256).hexdigest()[:32]

    def check(self, values: list[str], method: str, uri: str, body: bytes = b"") -> Verdict:
        """Judge the Authorization values of a request; ``uri`` is its Request-URI."""
        for value in values:
            given = parse_digest(value)
            if given is not None and given.get("realm") == self.realm:
                return self._judge(given, method, uri, body)
        return Verdict("refused")

    def _judge(self, given: dict[str, str], method: str, uri: str, body: bytes) -> Verdict:
        user, nonce = given.get("username", ""), given.get("nonce", "")
        base = _base_algorithm(given.get("algorithm", "MD5"))
        qop = given.get("qop", "").lower()
        stamp, _, signature = nonce.rpartition("-")
        genuine = hmac.compare_digest(signature.encode(errors="replace"), self._sign(stamp).encode())
        count = given.get("nc", "")
        if not genuine:
            return Verdict("stale")
        if (
            base is None
            or base[0] not in self._algorithms
            or qop != "auth"
            or not re.fullmatch(r"[0-9a-fA-F]{8}", count)
        ):
            return Verdict("refused")
        secret = self._secrets_of(user)
        algorithm, sess = base
        ha1 = None
        if secret is not None:
            ha1 = secret.ha1.get(algorithm)
            if ha1 is None and secret.password is not None:
                ha1 = _digest(algorithm, user, self.realm, secret.password)
        # Somebody unknown costs as much time as somebody known with a wrong password.
        known = ha1 is not None
        ha1 = _session_key(ha1 or "0" * 32, algorithm, sess, nonce, given.get("cnonce", ""))
        expected = _digest(
            algorithm,
            ha1,
            nonce,
            count,
            given.get("cnonce", ""),
            qop,
            _ha2(algorithm, method, given.get("uri", ""), qop, body),
        )
        same = hmac.compare_digest(expected.encode(), given.get("response", "").encode(errors="replace"))
        if not (known and same and _same_place(given.get("uri", ""), uri)):
            return Verdict("refused")
        return Verdict("ok", user) if self._fresh(stamp, nonce, int(count, 16)) else Verdict("stale", user)

    def _fresh(self, stamp: str, nonce: str, count: int) -> bool:
        now = self._clock.now()
        while self._used and next(iter(self._used.values()))[0] < now:
            self._used.popitem(last=False)
        made = int(stamp.partition("-")[0], 16) / 1000
        if now - made > self._lifetime:
            return False
        ends, highest = self._used.get(nonce, (made + self._lifetime, 0))
        if count <= highest:
            return False
        self._used[nonce] = (ends, count)
        return True
