"""The web application."""

from __future__ import annotations

from aiohttp import web

from vxmlplat.documents.fetcher import RouteHandler
from vxmlplat.server.services import Services


def create_app(services: Services) -> web.Application:
    """The application with every route."""
    raise NotImplementedError


def platform_routes(services: Services) -> dict[str, RouteHandler]:
    """The path families that calls reach in process: ``/published/``, ``/prompts/`` and ``/services/``.

    Mount each with ``documents.Fetcher.mount(base + prefix, handler)``; the web application serves the same
    functions.
    """
    raise NotImplementedError


async def first_administrator(services: Services) -> str | None:
    """Make the user ``admin`` in a store without users; its random password, to be shown once, else None."""
    raise NotImplementedError
