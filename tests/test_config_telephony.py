"""Settings of SIP and media: what is accepted, and what a wrong one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from vxmlplat.config import SipSettings, load
from vxmlplat.errors import ConfigurationError
from vxmlplat.media import MediaConfig
from vxmlplat.server.sip_setup import sip_config


def read(folder: Path, text: str) -> SipSettings:
    file = folder / "vxmlplat.yaml"
    file.write_text(text)
    return load(file, {}).sip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("media:\n  codecs: [PCMU, G729]\n", "G729: the codecs are PCMU, PCMA, G722, opus"),
        ("media:\n  codecs: []\n", "media.codecs"),
        ("media:\n  srtp: maybe\n", "media.srtp.*'off', 'accept' or 'require'"),
        ("media:\n  address: media.example\n", "no IP address"),
        ("media:\n  speech_detector: loud\n", "media.speech_detector.*'voice' or 'energy'"),
        ("media:\n  first_port: 80\n", "the range must rise and lie in 1024-65534"),
        ("media:\n  jitter_initial_ms: 300\n", "jitter_initial_ms <= jitter_max_ms"),
        ("media:\n  media_timeout: -1\n", "media.media_timeout"),
        ("sip:\n  transports: [udp, tls]\n", "tls needs certificate and private_key"),
        ("sip:\n  certificate: /nowhere.pem\n", "there is no file /nowhere.pem"),
        ("sip:\n  client_certificates: true\n", "needs authorities"),
        (
            "sip:\n  trunks:\n    - {name: a, addresses: [carrier.example]}\n",
            "'carrier.example' is no address",
        ),
        (
            "sip:\n  trunks:\n    - {name: a, register: true, host: h}\n",
            "register needs host, user and password",
        ),
        ("sip:\n  trunks:\n    - {name: a}\n    - {name: a}\n", "two trunks have the same name"),
        ("sip:\n  outbound_trunk: b\n  trunks:\n    - {name: a, host: h}\n", r"known: a"),
        ("sip:\n  trunks:\n    - {name: a, port: 0}\n", "sip.trunks.0.port"),
        ("calls:\n  user_to_user_bytes: 8\n", "calls.user_to_user_bytes"),
    ],
)
def test_a_wrong_setting_is_told_what_it_may_be(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        read(tmp_path, text)


def test_codecs_are_named_as_on_the_wire(tmp_path: Path) -> None:
    file = tmp_path / "vxmlplat.yaml"
    file.write_text("media:\n  codecs: [OPUS, g722, pcma, PCMA]\n")
    assert load(file, {}).media.codecs == ("opus", "G722", "PCMA")


def test_the_media_process_is_told_what_the_operator_set(tmp_path: Path) -> None:
    file = tmp_path / "vxmlplat.yaml"
    file.write_text("media: {last_port: 40000, speech_detector: energy, speech_onset_ms: 100}\n")
    plane = load(file, {"VXMLPLAT_MEDIA_JITTER_MAX_MS": "400"}).media.plane()
    assert plane == MediaConfig(
        last_port=40000, speech_detector="energy", speech_onset_ms=100, jitter_max_ms=400
    )


def test_every_address_is_listened_on(tmp_path: Path) -> None:
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).touch()
    settings = read(
        tmp_path,
        f"""
sip:
  host: 192.0.2.1
  transports: [udp, tls]
  certificate: {tmp_path}/cert.pem
  private_key: {tmp_path}/key.pem
  listen:
    - {{host: 198.51.100.1, port: 5070, transport: tcp, advertise: 203.0.113.1}}
""",
    )
    points = sip_config(settings).listen
    assert [(p.transport, p.host, p.port, p.advertise) for p in points] == [
        ("udp", "192.0.2.1", 5060, None),
        ("tls", "192.0.2.1", 5061, None),
        ("tcp", "198.51.100.1", 5070, "203.0.113.1"),
    ]
    assert points[1].tls is not None
    assert points[1].tls.verify_peer is False
