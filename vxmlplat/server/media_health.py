"""How the media process is, in the words of ``/api/health`` and ``/metrics``."""

from __future__ import annotations

from collections.abc import Callable

from vxmlplat.media.plane import MediaPlane
from vxmlplat.server.services import Health


def media_health(plane: MediaPlane) -> Health:
    """Whether it runs, how often it has died since the platform started, and how soon it was replaced."""
    seen = plane.statistics
    died = ""
    if seen.restarts:
        times = "once" if seen.restarts == 1 else f"{seen.restarts} times"
        died = f"it has died {times}"
    if not plane.running:
        return Health("failed", "the media process is down" + (f"; {died}" if died else ""))
    if died:
        died += f"; the last time another took calls {seen.recovery:.1f} s later"
    return Health("ok", died)


def media_gauges(plane: MediaPlane) -> dict[str, Callable[[], float]]:
    """Figures by their names for Prometheus."""
    return {
        "vxmlplat_media_restarts": lambda: plane.statistics.restarts,
        "vxmlplat_media_recovery_seconds": lambda: plane.statistics.recovery,
        "vxmlplat_media_cpu_seconds": lambda: plane.statistics.cpu,
        "vxmlplat_media_busy": lambda: plane.statistics.busy,
        "vxmlplat_media_slot_late_seconds": lambda: plane.statistics.late_ms / 1000,
        "vxmlplat_media_prompt_bytes": lambda: plane.statistics.prompt_bytes,
    }
