"""Running sipp for tests: one scenario against a port, bounded in calls and time, its output when it
fails."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

from ports import free_port

SCENARIOS = Path(__file__).parent / "sip_scenarios"


class Sipp:
    """One run of sipp. ``scenario`` is a file of ``sip_scenarios`` or the name of a built-in one (``uac``,
    ``uas``)."""

    def __init__(
        self,
        program: str,
        folder: Path,
        scenario: str,
        remote_port: int | None = None,
        *options: str,
        calls: int = 1,
        seconds: int = 20,
        host: str = "127.0.0.1",
    ) -> None:
        path = SCENARIOS / f"{scenario}.xml"
        which = ["-sf", str(path)] if path.exists() else ["-sn", scenario]
        target = (
            []
            if remote_port is None
            else [f"[{host}]:{remote_port}" if ":" in host else f"{host}:{remote_port}"]
        )
        self.port = free_port()
        self.folder = folder
        self.command = [
            program,
            *target,
            *which,
            *(
                "-i",
                host,
                "-p",
                str(self.port),
                "-m",
                str(calls),
                "-timeout",
                f"{seconds}s",
                "-timeout_error",
            ),
            *("-nostdin", "-trace_err", "-error_file", str(folder / f"{scenario}.err")),
            *options,
        ]
        self.error_file = folder / f"{scenario}.err"
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Sipp:
        self._process = await asyncio.create_subprocess_exec(
            *self.command,
            cwd=self.folder,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        process = self._process
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()

    async def listening(self) -> None:
        """Wait until the port is bound: another bind fails then."""
        for _ in range(200):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                try:
                    probe.bind(("127.0.0.1", self.port))
                except OSError:
                    return
            await asyncio.sleep(0.02)
        raise AssertionError(f"sipp did not start: {self.command}")

    async def succeeded(self) -> None:
        """Wait for the end; every call must have gone as the scenario says."""
        assert self._process is not None, "enter the context first"
        code = await self._process.wait()
        errors = self.error_file.read_text(errors="replace") if self.error_file.exists() else ""
        assert code == 0, f"sipp ended with {code}: {errors[-3000:]}"
