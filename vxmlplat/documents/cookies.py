"""Cookies of one session (RFC 6265; VoiceXML 2.0 appendix "Cookies": a platform accepts and returns them)."""

from __future__ import annotations


class CookieJar:
    """The cookies of one session: two calls never share one.

    Hand it to every :meth:`Fetcher.fetch` of the session.
    """

    def header(self, uri: str) -> str | None:
        """The Cookie header for a request to the address, or None."""
        raise NotImplementedError

    def store(self, uri: str, set_cookie: str) -> None:
        """Take in one Set-Cookie header of an answer from the address; one that breaks the rules is
        ignored.
        """
        raise NotImplementedError
