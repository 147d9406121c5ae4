"""A private PostgreSQL: a cluster of its own in a temporary directory, on loopback and a free port."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import find_program


class Cluster:
    """A running server; :meth:`database` makes an empty database in it."""

    def __init__(self, binaries: Path, port: int) -> None:
        self._binaries = binaries
        self._port = port

    def database(self) -> str:
        """The URL of a new database."""
        name = f"t{uuid.uuid4().hex}"
        place = ["-h", "127.0.0.1", "-p", str(self._port), "-U", "vxmlplat"]
        subprocess.run([self._binaries / "createdb", *place, name], check=True, capture_output=True)
        return f"postgresql://vxmlplat@127.0.0.1:{self._port}/{name}"


@contextmanager
def private_cluster() -> Iterator[Cluster]:
    """Start a cluster, stop it and remove its files."""
    program = find_program("postgres")
    assert program is not None
    binaries = Path(program).resolve().parent
    folder = Path(tempfile.mkdtemp(prefix="vxmlplat-pg-"))
    # The server refuses to run as root: then it runs as nobody.
    user = _user(folder)
    try:
        data = folder / "data"
        init = [binaries / "initdb", "-D", data, "-U", "vxmlplat", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(init, check=True, capture_output=True, cwd=folder, **user)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off"
        control = [binaries / "pg_ctl", "-D", data, "-w", "-t", "60"]
        start = [*control, "-o", options, "-l", folder / "log", "start"]
        subprocess.run(start, check=True, stdout=subprocess.DEVNULL, cwd=folder, **user)
        try:
            yield Cluster(binaries, port)
        finally:
            stop = [*control, "-m", "immediate", "stop"]
            subprocess.run(stop, check=True, capture_output=True, cwd=folder, **user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user(folder: Path) -> dict[str, int]:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid}
