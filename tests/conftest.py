"""What all tests share: programs of the operating system that some tests need.

``@pytest.mark.needs("sipp")`` skips a test where the program is missing and says which package brings it. In
CI (``CI=true``)
a missing program is a failure: a test that quietly does not run protects nobody.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from vxmlplat.server.assembly import Assembly

#: program -> (where it may lie besides PATH, Debian package)
PROGRAMS: dict[str, tuple[tuple[str, ...], str]] = {
    "sipp": ((), "sip-tester"),
    "baresip": ((), "baresip-core"),
    "linphonec": ((), "linphone-cli"),
    "kamailio": (("/usr/sbin/kamailio",), "kamailio"),
    "chromium": (("/usr/bin/chromium-browser",), "chromium"),
    "postgres": (tuple(f"/usr/lib/postgresql/{n}/bin/postgres" for n in range(13, 20)), "postgresql"),
    "espeak-ng": ((), "espeak-ng"),
    "node": ((".node/bin/node",), "nodejs"),
}
IN_CI = os.environ.get("CI") == "true"


def find_program(name: str) -> str | None:
    """The path of a program, or None where it is not installed."""
    found = shutil.which(name)
    if found:
        return found
    root = Path(__file__).parent.parent
    for place in PROGRAMS[name][0]:
        path = root / place
        if path.exists():
            return str(path)
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Playwright keeps an event loop running in the thread until its fixture ends; no asynchronous test can
    # run beside it.
    items.sort(key=lambda item: "/browser/" in item.nodeid or item.nodeid.startswith("browser/"))
    for item in items:
        for mark in item.iter_markers("needs"):
            for name in mark.args:
                if name not in PROGRAMS:
                    raise pytest.UsageError(f"{item.nodeid}: unknown program {name!r} in needs()")
                if find_program(name) is None and not IN_CI:
                    package = PROGRAMS[name][1]
                    item.add_marker(pytest.mark.skip(reason=f"needs {name}: apt-get install {package}"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        for name in mark.args:
            if IN_CI and find_program(name) is None:
                pytest.fail(f"CI lacks {name} (apt-get install {PROGRAMS[name][1]})", pytrace=False)


@pytest.fixture
def program() -> object:
    """A function from a program's name to its path, for tests marked with needs()."""

    def path_of(name: str) -> str:
        path = find_program(name)
        assert path is not None, f"{name} is missing; is the test marked needs({name!r})?"
        return path

    return path_of


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[Assembly]:
    """The whole platform with its samples, on free ports of loopback;

    its telephones' addresses are given by the tests.
    """
    from centre import settings

    from vxmlplat.server.assembly import ROOT, Assembly

    async with Assembly(settings(tmp_path / "var"), samples=ROOT / "samples") as assembly:
        yield assembly
