"""Which cookies go where (RFC 6265)."""

from __future__ import annotations

import pytest

from vxmlplat.clock import VirtualClock
from vxmlplat.documents import CookieJar


@pytest.mark.parametrize(
    ("set_at", "cookie", "asked_at", "sent"),
    [
        ("http://a.example/x/y", "k=v", "http://a.example/x/z", "k=v"),
        ("http://a.example/x/y", "k=v", "http://a.example/", None),
        ("http://a.example/x/y", "k=v; Path=/", "http://a.example/", "k=v"),
        ("http://a.example/", "k=v; Path=/ab", "http://a.example/abc", None),
        ("http://a.example/", "k=v; Path=/ab", "http://a.example/ab/c", "k=v"),
        ("http://a.example/", "k=v", "http://b.a.example/", None),
        ("http://b.a.example/", "k=v; Domain=.a.example", "http://c.a.example/", "k=v"),
        ("http://b.a.example/", "k=v; Domain=other.example", "http://other.example/", None),
        ("http://b.a.example/", "k=v; Domain=example", "http://c.example/", None),
        ("http://127.0.0.1/", "k=v; Domain=0.0.1", "http://10.0.0.1/", None),
        ("https://a.example/", "k=v; Secure", "http://a.example/", None),
        ("https://a.example/", "k=v; Secure", "https://a.example/", "k=v"),
        ("http://a.example/", "k=v; Secure", "https://a.example/", None),
        ("http://a.example/", "k=v; Max-Age=0", "http://a.example/", None),
        ("http://a.example/", "k=v; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://a.example/", None),
        ("http://a.example/", "k=v; Expires=nonsense", "http://a.example/", "k=v"),
        ("http://a.example/", "no equals sign", "http://a.example/", None),
        ("http://a.example/", "k=v\x01", "http://a.example/", None),
        ("http://a.example/", "k=" + "v" * 5000, "http://a.example/", None),
        ("http://A.Example:8080/", 'k="q v"; HttpOnly', "http://a.example:9090/", 'k="q v"'),
    ],
)
def test_where_a_cookie_goes(set_at: str, cookie: str, asked_at: str, sent: str | None) -> None:
    jar = CookieJar(VirtualClock())
    jar.store(set_at, cookie)
    assert jar.header(asked_at) == sent


def test_longer_paths_come_first_and_later_values_replace() -> None:
    jar = CookieJar(VirtualClock())
    for cookie in ("a=1; Path=/", "b=2; Path=/x", "a=3; Path=/"):
        jar.store("http://a.example/", cookie)
    assert jar.header("http://a.example/x/y") == "b=2; a=3"


def test_a_cookie_expires() -> None:
    clock = VirtualClock()
    jar = CookieJar(clock)
    jar.store("http://a.example/", "k=v; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT")
    assert jar.header("http://a.example/") == "k=v"
    clock.jump(61)
    assert jar.header("http://a.example/") is None


def test_a_server_cannot_fill_the_jar() -> None:
    jar = CookieJar(VirtualClock())
    for number in range(1000):
        jar.store("http://a.example/", f"k{number}=v")
    assert len((jar.header("http://a.example/") or "").split("; ")) == 300
