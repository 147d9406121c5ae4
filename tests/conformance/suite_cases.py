"""The conformance cases outside of this repository, run in process through the code of ``vxmlplat run``.

The cases, their server and the comparison are the suite's own (``run_suite.py``); only the process is saved.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
import time
import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from vxmlplat.simulator.inputs import InputError
from vxmlplat.simulator.run_command import event_line, run

ROOT = Path(__file__).resolve().parents[2]


def suites_path() -> Path:
    """Where the cases lie: ``VXMLPLAT_SUITES``, else ``../shared/suites`` beside the checkout."""
    return Path(os.environ.get("VXMLPLAT_SUITES") or ROOT.parent / "shared" / "suites").resolve()


def runner_module(suites: Path) -> ModuleType:
    """The suite's own ``run_suite.py``."""
    spec = importlib.util.spec_from_file_location("run_suite", suites / "run_suite.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["run_suite"] = module
    spec.loader.exec_module(module)
    return module


def load_cases(suites: Path, folder: str) -> list[dict[str, Any]]:
    """All cases of a folder of the suites."""
    cases: list[dict[str, Any]] = runner_module(suites).load_cases([str(suites / folder)])
    return cases


@dataclass(frozen=True)
class Outcome:
    """What became of a case: ``reason`` None when it passed."""

    case: str
    area: str
    section: str
    reason: str | None
    seconds: float


class SuiteRunner:
    """Serves the documents of cases and runs them. A context manager."""

    def __init__(self, suites: Path) -> None:
        self._runner = runner_module(suites)
        self._site = self._runner.Site()
        self._server = self._runner.make_server(self._site)

    def __enter__(self) -> SuiteRunner:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def run(self, case: dict[str, Any]) -> Outcome:
        """Run one case."""
        began = time.monotonic()
        name = case["id"]
        events: list[dict[str, Any]] = []
        self._site.add(name, self._runner.build_resources(case))
        port = self._server.server_address[1]
        first = urllib.parse.quote(next(iter(case["documents"])))
        try:
            status = run(f"http://127.0.0.1:{port}/{name}/{first}", case.get("inputs") or [], events.append)
            printed = self._runner.parse_output(printed_lines(events))
            reason = self._runner.evaluate(case.get("kind", "vxml"), case["expect"], printed, status)
        except (InputError, ValueError) as error:
            reason = f"{type(error).__name__}: {error}"
        finally:
            self._site.drop(name)
        return Outcome(name, case["_area"], str(case["spec"]), reason, time.monotonic() - began)


def printed_lines(events: list[dict[str, Any]]) -> bytes:
    """The events as the command would print them."""
    return "\n".join(event_line(event) for event in events).encode()
