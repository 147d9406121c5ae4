"""``/api/health`` and ``/metrics``: how the parts are."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, fields

from aiohttp import web

from vxmlplat import __version__
from vxmlplat.errors import VxmlplatError
from vxmlplat.server.bodies import json_response
from vxmlplat.server.middleware import ANSWERS
from vxmlplat.server.roles import Access
from vxmlplat.server.routes import RouteTable
from vxmlplat.server.services import Health, HealthCheck, Services, services_of

TABLE = RouteTable()

PATIENCE = 3.0
"""Seconds that a part has to say how it is."""

FAILED = "failed"
_ORDER = ("ok", "degraded", FAILED)


@TABLE.get("/api/health", Access.LOCAL_OR_OPERATOR)
async def health(request: web.Request) -> web.Response:
    """The state of every part, and the worst of them; 503 when one has failed."""
    services = services_of(request)
    checks: dict[str, HealthCheck] = {
        "store": lambda: _store(services),
        "recorder": lambda: _recorder(services),
        **services.health,
    }
    found = dict(zip(checks, await asyncio.gather(*map(_checked, checks.values())), strict=True))
    worst = max((one.state for one in found.values()), key=_ORDER.index)
    parts = {name: {"state": one.state, "message": one.message} for name, one in found.items()}
    value = {"state": worst, "version": __version__, "parts": parts}
    return json_response(value, status=503 if worst == FAILED else 200)


async def _checked(check: HealthCheck) -> Health:
    try:
        async with asyncio.timeout(PATIENCE):
            found = await check()
    except TimeoutError:
        return Health(FAILED, f"no answer in {PATIENCE:g} seconds")
    except (VxmlplatError, OSError) as error:
        return Health(FAILED, str(error))
    return found if found.state in _ORDER else Health(FAILED, f"says {found.state!r}: {found.message}")


async def _store(services: Services) -> Health:
    await services.store.database.ping()
    return Health("ok")


async def _recorder(services: Services) -> Health:
    recorder = services.recorder
    if not recorder.running:
        return Health(FAILED, "nothing is written")
    lost = recorder.counts.dropped + recorder.counts.rejected
    message = f"{recorder.waiting} wait, {lost} lost"
    return Health("degraded" if recorder.failing or lost else "ok", message)


@TABLE.get("/metrics", Access.LOCAL_OR_OPERATOR)
async def metrics(request: web.Request) -> web.Response:
    """Figures in the text format of Prometheus."""
    services = services_of(request)
    lines: list[str] = []

    def family(name: str, kind: str, summary: str) -> None:
        lines.extend((f"# HELP {name} {summary}", f"# TYPE {name} {kind}"))

    family("vxmlplat_info", "gauge", "The version that runs.")
    lines.append(f'vxmlplat_info{{version="{__version__}"}} 1')
    family("vxmlplat_open_calls", "gauge", "Calls that began and did not end.")
    lines.append(f"vxmlplat_open_calls {services.recorder.open_calls}")
    family("vxmlplat_records_waiting", "gauge", "Records of calls that are not yet written.")
    lines.append(f"vxmlplat_records_waiting {services.recorder.waiting}")
    family("vxmlplat_records_total", "counter", "Records of calls, by what became of them.")
    counts = asdict(services.recorder.counts)
    for one in fields(services.recorder.counts):
        lines.append(f'vxmlplat_records_total{{what="{one.name}"}} {counts[one.name]}')
    family("vxmlplat_http_requests_total", "counter", "Requests answered.")
    for (method, status), count in sorted(request.app[ANSWERS].items()):
        lines.append(f'vxmlplat_http_requests_total{{method="{method}",status="{status}"}} {count}')
    if services.calls is not None:
        for name, value in services.calls.live().items():
            if isinstance(value, int | float) and not isinstance(value, bool) and name.isidentifier():
                family(f"vxmlplat_calls_{name}", "gauge", f"The running calls: {name}.")
                lines.append(f"vxmlplat_calls_{name} {value}")
    for name, read in services.gauges.items():
        family(name, "gauge", name.replace("_", " ") + ".")
        lines.append(f"{name} {read()}")
    text = "\n".join(lines) + "\n"
    return web.Response(text=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})
