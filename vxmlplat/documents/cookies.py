"""Cookies of one session (RFC 6265). VoiceXML 2.0 §6.1 expects a platform to accept and return them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from vxmlplat.clock import Clock, SystemClock
from vxmlplat.documents.http_dates import parse_http_date

COOKIES_A_SESSION = 300
LONGEST_COOKIE = 4096


@dataclass(slots=True)
class _Cookie:
    name: str
    value: str
    domain: str
    host_only: bool
    path: str
    secure: bool
    expires: float | None
    """Seconds since the epoch."""


class CookieJar:
    """The cookies of one session: two calls never share one.

    Hand it to every :meth:`Fetcher.fetch` of the session.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._cookies: dict[tuple[str, str, str], _Cookie] = {}

    def header(self, uri: str) -> str | None:
        """The Cookie header for a request to the address, or None."""
        if not self._cookies:
            return None
        parts = urlsplit(uri)
        host, path = (parts.hostname or "").lower(), parts.path or "/"
        now = self._clock.wall().timestamp()
        found = [
            cookie
            for cookie in self._cookies.values()
            if (host == cookie.domain if cookie.host_only else _in_domain(host, cookie.domain))
            and _under_path(path, cookie.path)
            and (not cookie.secure or parts.scheme == "https")
            and (cookie.expires is None or cookie.expires > now)
        ]
        found.sort(key=lambda cookie: -len(cookie.path))
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in found) or None

    def store(self, uri: str, set_cookie: str) -> None:
        """Take in one Set-Cookie header of an answer from the address.

        One that is too long, names another host, or breaks the rules otherwise is ignored (RFC 6265 §5.2,
        §5.3).
        """
        if len(set_cookie) > LONGEST_COOKIE:
            return
        pair, *attributes = set_cookie.split(";")
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not equals or not name or any(ord(character) < 32 for character in name + value):
            return
        parts = urlsplit(uri)
        host = (parts.hostname or "").lower()
        cookie = _Cookie(name, value, host, True, _default_path(parts.path), False, None)
        max_age = False
        for attribute in attributes:
            key, _, argument = (part.strip() for part in attribute.partition("="))
            match key.lower():
                case "domain" if argument.lstrip("."):
                    domain = argument.lstrip(".").lower()
                    if domain != host:
                        # Without a list of public suffixes, a bare top level is all that can be told apart.
                        if not _in_domain(host, domain) or "." not in domain:
                            return
                        cookie.domain, cookie.host_only = domain, False
                    else:
                        cookie.host_only = False
                case "path" if argument.startswith("/"):
                    cookie.path = argument
                case "secure":
                    if parts.scheme != "https":
                        return
                    cookie.secure = True
                case "max-age" if argument.lstrip("-").isdigit():
                    cookie.expires = self._clock.wall().timestamp() + int(argument[:10])
                    max_age = True
                case "expires" if not max_age:
                    cookie.expires = parse_http_date(argument)
        place = (cookie.domain, cookie.path, cookie.name)
        self._cookies.pop(place, None)
        if cookie.expires is None or cookie.expires > self._clock.wall().timestamp():
            while len(self._cookies) >= COOKIES_A_SESSION:
                del self._cookies[next(iter(self._cookies))]
            self._cookies[place] = cookie


def _in_domain(host: str, domain: str) -> bool:
    return host == domain or (host.endswith("." + domain) and not host.replace(".", "").isdigit())


def _under_path(path: str, prefix: str) -> bool:
    return path == prefix or (path.startswith(prefix) and (prefix.endswith("/") or path[len(prefix)] == "/"))


def _default_path(path: str) -> str:
    return path[: path.rfind("/")] or "/" if path.startswith("/") else "/"
