from pathlib import Path

import pytest

from vxmlplat.config import load
from vxmlplat.errors import ConfigurationError


def test_without_a_file_everything_is_on_loopback() -> None:
    settings = load(None, {})
    assert (settings.web.host, settings.sip.host, settings.sip.port) == ("127.0.0.1", "127.0.0.1", 5060)
    assert settings.sip.open_to_all is False


def test_a_file_and_the_environment_are_read(tmp_path: Path) -> None:
    file = tmp_path / "vxmlplat.yaml"
    file.write_text("sip:\n  port: 5070\n  trunks:\n    - {name: provider, addresses: [192.0.2.0/28]}\n")
    settings = load(file, {"VXMLPLAT_CALLS_PORTS": "12", "VXMLPLAT_WEB_HOST": "0.0.0.0", "HOME": "/x"})
    assert (settings.sip.port, settings.calls.ports, settings.web.host) == (5070, 12, "0.0.0.0")
    assert settings.sip.trunks[0].addresses == ("192.0.2.0/28",)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("sip:\n  prot: 1\n", "sip.prot"),
        ("sip:\n  port: 99999\n", "sip.port"),
        ("- 1\n", "mapping"),
        ("sip: [\n", "vxmlplat.yaml"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, named: str) -> None:
    file = tmp_path / "vxmlplat.yaml"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=named):
        load(file, {})
