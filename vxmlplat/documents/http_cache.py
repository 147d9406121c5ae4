"""A shared HTTP cache (RFC 9111), asked with VoiceXML's maxage and maxstale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vxmlplat.clock import Clock
from vxmlplat.documents.http_dates import parse_http_date
from vxmlplat.documents.resource import Resource
from vxmlplat.documents.transport import RawResponse

HEURISTIC_FRACTION = 0.1
HEURISTIC_MOST = 86400.0


def directives(header: str | None) -> dict[str, str]:
    """The directives of a Cache-Control header, names in lower case, '' for one without an argument."""
    found: dict[str, str] = {}
    for part in (header or "").split(","):
        name, _, argument = part.strip().partition("=")
        if name:
            found.setdefault(name.lower(), argument.strip().strip('"'))
    return found


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.isdigit() and len(text) < 12 else None


@dataclass(slots=True)
class Stored:
    """A stored response. Times are seconds since the epoch of the clock's wall time."""

    response: RawResponse
    requested_with: dict[str, str]
    """The request's headers that Vary names."""
    stored_at: float
    age_at_storing: float
    lifetime: float
    must_revalidate: bool
    no_cache: bool
    resource: Resource | None = None
    """What the response is to whoever fetches it, once somebody has."""
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = len(self.response.body) + 1000

    def fits(self, headers: Mapping[str, str]) -> bool:
        """Whether it answers a request with these headers too (RFC 9111 §4.1)."""
        return all(headers.get(name, "") == value for name, value in self.requested_with.items())

    def age(self, now: float) -> float:
        """How old the response is (RFC 9111 §4.2.3)."""
        return self.age_at_storing + max(0.0, now - self.stored_at)

    def usable(self, now: float, maxage: float | None, maxstale: float | None) -> bool:
        """Whether it may be used without asking the server (RFC 9111 §4.2; VoiceXML 2.0 §6.1.2.1)."""
        age = self.age(now)
        if self.no_cache or (maxage is not None and age > maxage) or maxage == 0:
            return False
        stale = age - self.lifetime
        return stale < 0 or (not self.must_revalidate and maxstale is not None and stale <= maxstale)

    def conditions(self) -> dict[str, str]:
        """The headers of a request that asks whether it is still valid (RFC 9111 §4.3.1)."""
        headers = self.response.headers
        found = {}
        if "etag" in headers:
            found["If-None-Match"] = headers["etag"]
        if "last-modified" in headers:
            found["If-Modified-Since"] = headers["last-modified"]
        return found


class HttpCache:
    """Responses to GET, at most ``capacity`` bytes of them; what was not used longest goes first.

    It is shared by all sessions, and so keeps nothing that a server calls private.
    """

    def __init__(self, clock: Clock, capacity: int = 64 << 20) -> None:
        self._clock = clock
        self._capacity = capacity
        self._size = 0
        self._stored: dict[str, list[Stored]] = {}

    def now(self) -> float:
        """The moment that ages are counted to: seconds since the epoch."""
        return self._clock.wall().timestamp()

    def find(self, uri: str, headers: Mapping[str, str]) -> Stored | None:
        """The stored response for a request with these headers (names in lower case), fresh or not."""
        variants = self._stored.pop(uri, None)
        if variants is None:
            return None
        self._stored[uri] = variants  # now the one used last
        for stored in variants:
            if stored.fits(headers):
                return stored
        return None

    def store(self, uri: str, headers: Mapping[str, str], response: RawResponse) -> None:
        """Store the response to a GET if the rules allow (RFC 9111 §3)."""
        stored = self._assess(headers, response)
        self.forget(uri, stored_for=headers)
        if stored is None or stored.size > self._capacity // 4:
            return
        self._stored.setdefault(uri, []).append(stored)
        self._size += stored.size
        while self._size > self._capacity:
            self.forget(next(iter(self._stored)))

    def refresh(
        self, uri: str, headers: Mapping[str, str], stored: Stored, answer: RawResponse
    ) -> RawResponse:
        """Take in a 304: the stored body with the headers brought up to date (RFC 9111 §4.3.4)."""
        kept = {name: value for name, value in answer.headers.items() if name != "content-length"}
        merged = RawResponse(
            stored.response.status, {**stored.response.headers, **kept}, stored.response.body
        )
        self.store(uri, headers, merged)
        return merged

    def forget(self, uri: str, stored_for: Mapping[str, str] | None = None) -> None:
        """Drop what is stored for an address, or only the variant for these request headers."""
        variants = self._stored.pop(uri, [])
        kept = [stored for stored in variants if stored_for is not None and not stored.fits(stored_for)]
        self._size -= sum(stored.size for stored in variants) - sum(stored.size for stored in kept)
        if kept:
            self._stored[uri] = kept

    def _assess(self, request_headers: Mapping[str, str], response: RawResponse) -> Stored | None:
        headers = response.headers
        control = directives(headers.get("cache-control"))
        vary = [name.strip().lower() for name in headers.get("vary", "").split(",") if name.strip()]
        if response.status != 200 or "no-store" in control or "private" in control or "*" in vary:
            return None
        if "authorization" in request_headers and not control.keys() & {
            "public",
            "s-maxage",
            "must-revalidate",
        }:
            return None
        now = self.now()
        date = parse_http_date(headers["date"]) if "date" in headers and "expires" in headers else None
        lifetime = _seconds(control.get("s-maxage"))
        if lifetime is None:
            lifetime = _seconds(control.get("max-age"))
        if lifetime is None and "expires" in headers:
            expires = parse_http_date(headers["expires"])
            lifetime = max(0.0, expires - (date or now)) if expires is not None else 0.0
        if lifetime is None:
            lifetime = 0.0
            modified = parse_http_date(headers["last-modified"]) if "last-modified" in headers else None
            if modified is not None:
                lifetime = min(HEURISTIC_MOST, max(0.0, now - modified) * HEURISTIC_FRACTION)
        no_cache = "no-cache" in control or (not control and "no-cache" in headers.get("pragma", ""))
        if (lifetime <= 0 or no_cache) and not headers.keys() & {"etag", "last-modified"}:
            return None
        return Stored(
            response=response,
            requested_with={name: request_headers.get(name, "") for name in vary},
            stored_at=now,
            age_at_storing=_seconds(headers.get("age")) or 0.0,
            lifetime=lifetime,
            must_revalidate=bool(control.keys() & {"must-revalidate", "proxy-revalidate", "s-maxage"}),
            no_cache=no_cache,
        )
