"""The operator's settings: one YAML file, every value with a safe default.

    vxmlplat serve --config vxmlplat.yaml

A key that nobody knows is refused, so that a misspelt setting cannot be silently without effect. Every value
can also be set by
an environment variable, ``VXMLPLAT_SECTION_KEY`` (``VXMLPLAT_SIP_PORT=5062``).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vxmlplat.errors import ConfigurationError

_PREFIX = "VXMLPLAT_"
Transport = Literal["udp", "tcp", "tls"]


class Section(BaseModel):
    """A part of the settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class WebSettings(Section):
    """Pages and API. ``host`` is loopback until told otherwise; put TLS in front of anything else."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    designer: Path = Path("designer/dist")


class TrunkSettings(Section):
    """A provider or outside PBX: where its calls come from, where ours go."""

    name: str
    addresses: tuple[str, ...] = ()
    host: str | None = None
    port: int | None = None
    transport: Transport = "udp"
    user: str | None = None
    password: str | None = Field(None, repr=False)
    max_calls: int | None = None


class SipSettings(Section):
    """SIP. ``open_to_all`` lets anybody call: for a laboratory only."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 5060
    transports: tuple[Transport, ...] = ("udp", "tcp")
    advertise: str | None = None
    domain: str | None = None
    certificate: str | None = None
    private_key: str | None = None
    open_to_all: bool = False
    trunks: tuple[TrunkSettings, ...] = ()
    outbound_trunk: str = ""


class MediaSettings(Section):
    """Audio. ``address`` empty: the one that faces the peer."""

    address: str = ""
    first_port: int = 20000
    last_port: int = 29998
    codecs: tuple[str, ...] = ("PCMU", "PCMA")


class StoreSettings(Section):
    """Where everything is kept. ``url`` empty: SQLite in ``folder``."""

    folder: Path = Path("var")
    url: str = ""


class SpeechSettings(Section):
    """Voices, in the order in which they are tried."""

    engines: tuple[str, ...] = ("hibari", "piper", "espeak")


class CallSettings(Section):
    """Limits on calls. ``ports`` are the licences: how many calls may be up at once."""

    ports: Annotated[int, Field(ge=1)] = 240


class FlowSettings(Section):
    """What flows may reach: hosts (``host`` or ``host:port``) that are private or loopback, databases by name."""

    allowed_hosts: tuple[str, ...] = ()
    databases: dict[str, str] = {}


class Settings(Section):
    """All of it."""

    web: WebSettings = WebSettings()
    sip: SipSettings = SipSettings()
    media: MediaSettings = MediaSettings()
    store: StoreSettings = StoreSettings()
    speech: SpeechSettings = SpeechSettings()
    calls: CallSettings = CallSettings()
    flows: FlowSettings = FlowSettings()


def load(path: Path | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings. Raises ConfigurationError that names the file, the setting and what it may be."""
    data: dict[str, Any] = {}
    if path is not None:
        try:
            data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        except (OSError, yaml.YAMLError) as error:
            raise ConfigurationError(f"{path}: {error}") from error
        if not isinstance(data, dict):
            raise ConfigurationError(f"{path}: settings are a mapping of sections")
    for section, key, value in _from_environment(environment):
        part = data.setdefault(section, {})
        if not isinstance(part, dict):
            raise ConfigurationError(f"{path}: {section} is a section")
        part[key] = value
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ConfigurationError(f"{path or 'environment'}: {problems}") from error


def _from_environment(environment: Mapping[str, str]) -> list[tuple[str, str, Any]]:
    found = []
    for name, value in environment.items():
        section, _, key = name.removeprefix(_PREFIX).lower().partition("_")
        if name.startswith(_PREFIX) and section in Settings.model_fields and key:
            found.append((section, key, yaml.safe_load(value) if value else ""))
    return found
