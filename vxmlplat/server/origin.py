"""Where a request comes from: this machine, or one of our own pages."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from aiohttp import hdrs, web

_PROXIED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


def is_loopback(request: web.Request) -> bool:
    """Whether a program of this machine asks directly: not through a proxy, whose caller may be anybody."""
    if any(name in request.headers for name in _PROXIED):
        return False
    try:
        return ipaddress.ip_address((request.remote or "").partition("%")[0]).is_loopback
    except ValueError:
        return False


def from_own_page(request: web.Request) -> bool:
    """Whether the browser says that a page of this very server sent the request (RFC 6454)."""
    origin = request.headers.get(hdrs.ORIGIN)
    return origin is not None and urlsplit(origin).netloc.lower() == request.host.lower()
