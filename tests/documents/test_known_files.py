"""Files that were read are known until they change."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from vxmlplat.documents import FetchError
from vxmlplat.documents.local import KnownFiles

LONG_AGO = time.time() - 3600


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that counts as left alone for long."""
    monkeypatch.setattr("vxmlplat.documents.local.SETTLED", -3600.0)
    path = tmp_path / "menu ä.vxml"
    path.write_bytes(b"one")
    return path


def test_an_unchanged_file_is_the_same_bytes(file: Path) -> None:
    files = KnownFiles()
    assert files.find(file.as_uri(), 100) is None
    first = files.read(file.as_uri(), 100)
    assert files.find(file.as_uri(), 100) is first
    assert files.find(file.as_uri(), 2) is None  # too large for who asks now


def test_a_change_is_seen(file: Path) -> None:
    files = KnownFiles()
    files.read(file.as_uri(), 100)
    file.write_bytes(b"two")
    os.utime(file, (LONG_AGO, LONG_AGO))
    assert files.find(file.as_uri(), 100) is None
    assert files.read(file.as_uri(), 100).body == b"two"
    file.unlink()
    assert files.find(file.as_uri(), 100) is None
    with pytest.raises(FetchError):
        files.read(file.as_uri(), 100)


def test_a_file_changed_just_now_is_not_trusted(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vxmlplat.documents.local.SETTLED", 3600.0)
    files = KnownFiles()
    files.read(file.as_uri(), 100)
    assert files.find(file.as_uri(), 100) is None


def test_so_many_are_known_and_no_more(tmp_path: Path, file: Path) -> None:
    files = KnownFiles(capacity=2)
    uris = []
    for number in range(3):
        path = tmp_path / f"{number}.vxml"
        path.write_bytes(b"x")
        uris.append(path.as_uri())
        files.read(path.as_uri(), 100)
    assert [files.find(uri, 100) is not None for uri in uris] == [False, True, True]
