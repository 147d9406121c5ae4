"""The operator's settings: one YAML file, every value with a safe default.

    vxmlplat serve --config vxmlplat.yaml

A key that nobody knows is refused, so that a misspelt setting cannot be silently without effect. Every value
can also be set by
an environment variable, ``VXMLPLAT_SECTION_KEY`` (``VXMLPLAT_SIP_PORT=5062``).
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from vxmlplat.errors import ConfigurationError
from vxmlplat.media.config import MediaConfig, SpeechDetector

_PREFIX = "VXMLPLAT_"
Transport = Literal["udp", "tcp", "tls"]
Port = Annotated[int, Field(ge=1, le=65535)]
#: codecs of the media process, by their RTP names
CODECS = ("PCMU", "PCMA", "G722", "opus")
_PLANE = MediaConfig()


class Section(BaseModel):
    """A part of the settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class WebSettings(Section):
    """Pages and API. ``host`` is loopback until told otherwise; put TLS in front of anything else."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    designer: Path = Path("designer/dist")


class TrunkSettings(Section):
    """A provider or outside PBX: where its calls come from, where ours go.

    A ``host`` without ``port`` may be a domain whose DNS names the servers (NAPTR and SRV, RFC 3263); without
    ``transport`` it names that too, else it is UDP.
    ``caller_id`` is shown on our calls instead of the caller's number: a number, or a ``sip:`` address.
    ``register`` makes the platform a client of the provider's registrar (docs/telephony.md). With
    ``probe_seconds`` its servers are asked so often whether they are alive.
    """

    name: Annotated[str, Field(min_length=1)]
    addresses: tuple[str, ...] = ()
    host: str | None = None
    port: Port | None = None
    transport: Transport | None = None
    user: str | None = None
    password: str | None = Field(None, repr=False)
    caller_id: str = ""
    max_calls: Annotated[int, Field(ge=1)] | None = None
    register_account: bool = Field(False, alias="register")
    register_seconds: Annotated[int, Field(ge=60, le=86_400)] = 600
    probe_seconds: Annotated[int, Field(ge=5, le=3600)] | None = None

    @field_validator("addresses")
    @classmethod
    def _networks(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        for address in addresses:
            try:
                ipaddress.ip_network(address, strict=False)
            except ValueError as error:
                raise ValueError(
                    f"{address!r} is no address and no network such as 198.51.100.0/28"
                ) from error
        return addresses

    @model_validator(mode="after")
    def _account(self) -> TrunkSettings:
        if self.register_account and not (self.host and self.user and self.password):
            raise ValueError(f"trunk {self.name}: register needs host, user and password")
        if self.probe_seconds and not self.host:
            raise ValueError(f"trunk {self.name}: probe_seconds needs host")
        return self


class ListenSettings(Section):
    """One more address to listen on, beside ``sip.host``."""

    host: str
    port: Annotated[int, Field(ge=0, le=65535)] = 5060
    transport: Transport = "udp"
    advertise: str | None = None


class SipSettings(Section):
    """SIP. ``open_to_all`` lets anybody call: for a laboratory only.

    TLS has a port of its own, ``tls_port``; ``authorities`` (PEM) vouch for certificates of peers, the
    system's when it is not given; ``client_certificates`` refuses TLS peers without one. ``websocket``
    lets browsers register and call over ``/sip`` of the web server. ``nameservers`` are asked instead of the
    machine's own, each an address with or without a port. ``digest``: the algorithms by which telephones may
    prove their passwords, in the order in which they are offered.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 5060
    transports: tuple[Transport, ...] = ("udp", "tcp")
    tls_port: Annotated[int, Field(ge=0, le=65535)] = 5061
    listen: tuple[ListenSettings, ...] = ()
    advertise: str | None = None
    domain: str | None = None
    certificate: Path | None = None
    private_key: Path | None = None
    authorities: Path | None = None
    client_certificates: bool = False
    websocket: bool = False
    open_to_all: bool = False
    trunks: tuple[TrunkSettings, ...] = ()
    outbound_trunk: str = ""
    nameservers: tuple[str, ...] = ()
    digest: Annotated[tuple[Literal["SHA-256", "MD5"], ...], Field(min_length=1)] = ("SHA-256", "MD5")

    @model_validator(mode="after")
    def _fit_together(self) -> SipSettings:
        over_tls = "tls" in self.transports or any(one.transport == "tls" for one in self.listen)
        if over_tls and (self.certificate is None or self.private_key is None):
            raise ValueError("the transport tls needs certificate and private_key (PEM files)")
        for path in (self.certificate, self.private_key, self.authorities):
            if path is not None and not path.is_file():
                raise ValueError(f"there is no file {path}")
        if self.client_certificates and self.authorities is None:
            raise ValueError("client_certificates needs authorities, which vouch for them")
        names = [trunk.name for trunk in self.trunks]
        if len(set(names)) < len(names):
            raise ValueError(f"two trunks have the same name: {', '.join(names)}")
        if self.outbound_trunk:
            leads = [trunk.name for trunk in self.trunks if trunk.host]
            if self.outbound_trunk not in leads:
                known = ", ".join(leads) or "none"
                raise ValueError(
                    f"outbound_trunk {self.outbound_trunk!r} is no trunk with a host (known: {known})"
                )
        return self


class MediaSettings(Section):
    """Audio. ``address`` empty: the one that faces the peer.

    ``codecs`` in order of preference: PCMU, PCMA, G722, opus. ``srtp``: ``off``, ``accept`` (encrypted
    when the peer offers it), ``require`` (calls without it are refused with 488). The others are those of the
    media process (:class:`~vxmlplat.media.config.MediaConfig`, docs/media.md).
    """

    address: str = ""
    codecs: Annotated[tuple[str, ...], Field(min_length=1)] = ("PCMU", "PCMA")
    srtp: Literal["off", "accept", "require"] = "accept"
    first_port: int = _PLANE.first_port
    last_port: int = _PLANE.last_port
    realtime: bool = _PLANE.realtime
    prompt_cache_bytes: int = _PLANE.prompt_cache_bytes
    media_timeout: Annotated[float, Field(ge=0)] = _PLANE.media_timeout
    lock_packets: int = _PLANE.lock_packets
    jitter_initial_ms: int = _PLANE.jitter_initial_ms
    jitter_max_ms: int = _PLANE.jitter_max_ms
    speech_detector: SpeechDetector = _PLANE.speech_detector
    speech_onset_ms: Annotated[int, Field(ge=20, le=1000)] = _PLANE.speech_onset_ms
    speech_end_ms: Annotated[int, Field(ge=20, le=10_000)] = _PLANE.speech_end_ms

    @model_validator(mode="after")
    def _sound(self) -> MediaSettings:
        try:
            self.plane()
        except ConfigurationError as error:
            raise ValueError(str(error)) from error
        return self

    def plane(self) -> MediaConfig:
        """What the media process is told."""
        own = {one.name for one in fields(MediaConfig)}
        return MediaConfig(**{name: value for name, value in self if name in own})

    @field_validator("codecs")
    @classmethod
    def _known(cls, codecs: tuple[str, ...]) -> tuple[str, ...]:
        names = {name.lower(): name for name in CODECS}
        unknown = [codec for codec in codecs if codec.lower() not in names]
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: the codecs are {', '.join(CODECS)}")
        return tuple(dict.fromkeys(names[codec.lower()] for codec in codecs))

    @field_validator("address")
    @classmethod
    def _literal(cls, address: str) -> str:
        if address:
            try:
                ipaddress.ip_address(address)
            except ValueError as error:
                raise ValueError(f"{address!r} is no IP address of this machine") from error
        return address


class StoreSettings(Section):
    """Where everything is kept. ``url`` empty: SQLite in ``folder``.

    ``recordings``: what kept messages are made, once they are stored: ``audio/flac``, every sample in half
    the size, ``audio/ogg``, Opus in a tenth, or ``audio/wav``, as they came.
    """

    folder: Path = Path("var")
    url: str = ""
    recordings: Literal["audio/wav", "audio/flac", "audio/ogg"] = "audio/wav"


class SpeechSettings(Section):
    """Voices, in the order in which they are tried."""

    engines: tuple[str, ...] = ("hibari", "piper", "espeak")


class CallSettings(Section):
    """Limits on calls. ``ports`` are the licences: how many calls may be up at once.

    ``user_to_user_bytes``: more call data than this is not sent along but fetched by the call's id.
    """

    ports: Annotated[int, Field(ge=1)] = 240
    user_to_user_bytes: Annotated[int, Field(ge=64, le=8000)] = 240


class FlowSettings(Section):
    """What flows may reach: private or loopback hosts (``host`` or ``host:port``), databases by name."""

    allowed_hosts: tuple[str, ...] = ()
    databases: dict[str, str] = {}


class EmailSettings(Section):
    """The mail server that takes e-mail of flows. ``security``: how the connection is protected."""

    host: Annotated[str, Field(min_length=1)]
    port: Port = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str | None = Field(None, repr=False)
    sender: Annotated[str, Field(pattern=r"^[^\r\n]*[^@\s]@[^@\s]+$")]


class SmsSettings(Section):
    """The web service that takes SMS: a POST for each, with ``{to}``, ``{text}`` and ``{id}`` in ``body``
    filled in.
    """

    url: Annotated[str, Field(pattern=r"^https?://")]
    headers: dict[str, str] = Field(default={}, repr=False)
    format: Literal["json", "form"] = "json"
    body: Annotated[dict[str, Any], Field(min_length=1)] = {"to": "{to}", "text": "{text}", "id": "{id}"}


class MessageSettings(Section):
    """Where SMS and e-mail of flows go; what has no gateway waits in the outbox."""

    email: EmailSettings | None = None
    sms: SmsSettings | None = None


class CallbackSettings(Section):
    """Calling back those who asked for it instead of waiting.

    Off without a way out: ``destination``, a SIP address with ``{number}`` in it, or ``sip.outbound_trunk``.
    ``prefixes`` of numbers that may be called, empty for all: a caller's number can be forged, and a call
    to it may cost. ``flow`` speaks to whoever answers; empty: the platform leads them to the queue.
    ``hours`` of the day in ``timezone`` at which people may be rung up, ``tries`` altogether,
    ``keep_hours`` after which a callback is over, ``ring`` in seconds. At most ``at_once`` calls,
    ``per_minute`` new ones, and with ``agents_first`` no more than agents of the queue are ready.
    ``detect``: an answering machine is not spoken to but called again later.
    """

    dial: bool = True
    destination: Annotated[str, Field(pattern=r"^((tel|sips?):[^\s]*\{number\}[^\s]*)?$")] = ""
    caller: str = ""
    prefixes: tuple[str, ...] = ()
    flow: str = ""
    hours: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")] = (
        "08:00-20:00"
    )
    timezone: str = "UTC"
    tries: Annotated[int, Field(ge=1, le=20)] = 3
    keep_hours: Annotated[float, Field(gt=0, le=24 * 60)] = 48.0
    ring: Annotated[float, Field(ge=5, le=180)] = 30.0
    at_once: Annotated[int, Field(ge=1, le=1000)] = 4
    per_minute: Annotated[int, Field(ge=1, le=6000)] = 20
    agents_first: bool = True
    detect: bool = False

    @field_validator("timezone")
    @classmethod
    def _zone(cls, timezone: str) -> str:
        try:
            ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{timezone!r} is no time zone such as Asia/Shanghai") from error
        return timezone


class Settings(Section):
    """All of it."""

    web: WebSettings = WebSettings()
    sip: SipSettings = SipSettings()
    media: MediaSettings = MediaSettings()
    store: StoreSettings = StoreSettings()
    speech: SpeechSettings = SpeechSettings()
    calls: CallSettings = CallSettings()
    flows: FlowSettings = FlowSettings()
    messages: MessageSettings = MessageSettings()
    callbacks: CallbackSettings = CallbackSettings()


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
