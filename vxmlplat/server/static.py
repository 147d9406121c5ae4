"""The designer's built pages.

A file under ``assets/`` has a hash in its name and may be kept for ever; the page itself is asked for each
time. Any other address of the browser's own (``/flows/hotline``) gets the page, which then shows the right
view. A file that the build compressed (``x.js.br``, ``x.js.gz``) is sent as it is to browsers that take it.
"""

from __future__ import annotations

from pathlib import Path

from aiohttp import hdrs, web

from vxmlplat.server.errors import ApiError
from vxmlplat.server.roles import Access
from vxmlplat.server.routes import RouteTable
from vxmlplat.server.services import services_of

TABLE = RouteTable()

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"

OWN = ("api", "published", "prompts", "services", "metrics")
"""First segments of addresses that are no pages."""


@TABLE.get("/{path:.*}", Access.PUBLIC)
async def page(request: web.Request) -> web.StreamResponse:
    """A file of the build, or the page for an address of the browser's own."""
    path = request.match_info["path"]
    root = services_of(request).settings.designer
    if root is None or path.split("/")[0] in OWN:
        raise ApiError(404, "http.404", "there is nothing at this address")
    file = _inside(root.resolve(), path)
    if file is not None:
        caching = FOR_EVER if path.startswith("assets/") else ASK_AGAIN
        return web.FileResponse(file, headers={hdrs.CACHE_CONTROL: caching})
    index = root / "index.html"
    if "." in path.rpartition("/")[2] or not index.is_file():
        raise ApiError(404, "http.404", "there is nothing at this address")
    return web.FileResponse(index, headers={hdrs.CACHE_CONTROL: ASK_AGAIN})


def _inside(root: Path, path: str) -> Path | None:
    """The file of that path, if it lies in the build; links that lead out of it do not count."""
    if not path or "\0" in path:
        return None
    file = (root / path).resolve()
    return file if file.is_relative_to(root) and file.is_file() else None
