"""HTTP for a process that stays: connections are kept and shared by all sessions."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp
from yarl import URL

from vxmlplat.documents.transport import RawResponse, TransportError, gather_headers


class AiohttpTransport:
    """aiohttp with no cookies and no redirects of its own; proxies as the environment names them."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def send(
        self, method: str, uri: str, headers: Mapping[str, str], body: bytes | None, max_bytes: int
    ) -> RawResponse:
        """Send one request over a connection from the pool."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=True,
                timeout=aiohttp.ClientTimeout(total=None),
                connector=aiohttp.TCPConnector(limit=0, limit_per_host=200),
            )
        try:
            async with self._session.request(
                method, URL(uri, encoded=True), headers=headers, data=body, allow_redirects=False
            ) as response:
                parts: list[bytes] = []
                size = 0
                async for part in response.content.iter_any():
                    size += len(part)
                    if size > max_bytes:
                        response.close()
                        raise TransportError("size", f"the answer is larger than {max_bytes} bytes")
                    parts.append(part)
                received, cookies = gather_headers(list(response.headers.items()))
                return RawResponse(response.status, received, b"".join(parts), cookies)
        except aiohttp.ClientConnectionError as error:
            raise TransportError("connect", str(error)) from None
        except (aiohttp.ClientError, ValueError) as error:
            raise TransportError("protocol", str(error)) from None

    async def close(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()
            self._session = None
