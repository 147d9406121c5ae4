"""Properties (VoiceXML 2.0 §6.3): where they are looked up, what they are worth when nobody sets them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from vxmlplat.vxml import values
from vxmlplat.vxml.platform import Mode, Recognition, Timing

DEFAULTS: Mapping[str, str] = {
    "confidencelevel": "0.5",
    "sensitivity": "0.5",
    "speedvsaccuracy": "0.5",
    "completetimeout": "0.5s",
    "incompletetimeout": "1s",
    "maxspeechtimeout": "60s",
    "interdigittimeout": "3s",
    "termtimeout": "0s",
    "termchar": "#",
    "bargein": "true",
    "bargeintype": "speech",
    "timeout": "5s",
    "audiofetchhint": "prefetch",
    "documentfetchhint": "safe",
    "grammarfetchhint": "prefetch",
    "objectfetchhint": "prefetch",
    "scriptfetchhint": "prefetch",
    "datafetchhint": "prefetch",
    "fetchaudiodelay": "2s",
    "fetchaudiominimum": "5s",
    "fetchtimeout": "15s",
    "inputmodes": "dtmf voice",
    "universals": "none",
    "maxnbest": "1",
    "recordutterance": "false",
}

UNIVERSALS = ("help", "cancel", "exit")


class Properties:
    """The properties in force at one place: item, dialog, document, application root, platform, in this
    order.

    A value that breaks its type is as if it were not there.
    """

    def __init__(self, *layers: Mapping[str, str]) -> None:
        self._layers = [layer for layer in layers if layer]
        self._listen: ListenSettings | None = None
        self._fetching: dict[str, FetchSettings] = {}

    def text(self, name: str) -> str | None:
        """The innermost value, as written."""
        for layer in self._layers:
            if name in layer:
                return layer[name]
        return DEFAULTS.get(name)

    def seconds(self, name: str) -> float:
        """A time; the platform's own where the document's is no time."""
        given = values.seconds(self.text(name) or "")
        if given is None:
            given = values.seconds(DEFAULTS[name])
        assert given is not None
        return given

    def fraction(self, name: str) -> float:
        """A number from 0.0 to 1.0."""
        given = values.fraction(self.text(name) or "")
        return float(DEFAULTS[name]) if given is None else given

    def flag(self, name: str) -> bool:
        """A boolean."""
        given = values.boolean(self.text(name) or "")
        return DEFAULTS[name] == "true" if given is None else given

    def natural(self, name: str) -> int | None:
        """A whole number; None when it is not set."""
        return values.natural(self.text(name) or "")

    @property
    def listen(self) -> ListenSettings:
        """What they say about a wait."""
        if self._listen is None:
            self._listen = listen_settings(self)
        return self._listen

    def fetching(self, kind: str) -> FetchSettings:
        """What they say about fetching a document, script, grammar, audio file or other data."""
        known = self._fetching.get(kind)
        if known is None:
            known = self._fetching[kind] = FetchSettings(
                self.natural(f"{kind}maxage"), self.natural(f"{kind}maxstale"), self.seconds("fetchtimeout")
            )
        return known

    def all(self) -> dict[str, str]:
        """Every property that a document sets here, innermost value first."""
        found: dict[str, str] = {}
        for layer in reversed(self._layers):
            found.update(layer)
        return found


class FetchSettings(NamedTuple):
    """What the properties say about fetching one kind of resource, in seconds."""

    maxage: int | None
    maxstale: int | None
    timeout: float


@dataclass(frozen=True, slots=True)
class ListenSettings:
    """What the properties say about one wait."""

    timing: Timing
    recognition: Recognition
    modes: frozenset[Mode]
    universals: tuple[str, ...]
    record_utterance: bool
    record_type: str | None


def listen_settings(properties: Properties) -> ListenSettings:
    """Gather the properties of listening."""
    termchar = properties.text("termchar")
    modes: set[Mode] = set()
    for word in (properties.text("inputmodes") or "").split():
        if word == "dtmf":
            modes.add("dtmf")
        elif word == "voice":
            modes.add("voice")
    vendor: Sequence[tuple[str, str]] = [
        (name, value) for name, value in properties.all().items() if "." in name
    ]
    return ListenSettings(
        timing=Timing(
            timeout=properties.seconds("timeout"),
            interdigit=properties.seconds("interdigittimeout"),
            term=properties.seconds("termtimeout"),
            termchar="#" if termchar is None else termchar.strip()[:1],
            complete=properties.seconds("completetimeout"),
            incomplete=properties.seconds("incompletetimeout"),
            maxspeech=properties.seconds("maxspeechtimeout"),
        ),
        recognition=Recognition(
            confidencelevel=properties.fraction("confidencelevel"),
            sensitivity=properties.fraction("sensitivity"),
            speedvsaccuracy=properties.fraction("speedvsaccuracy"),
            maxnbest=max(1, properties.natural("maxnbest") or 1),
            vendor=tuple(vendor),
        ),
        modes=frozenset(modes),
        universals=_universals(properties.text("universals") or ""),
        record_utterance=properties.flag("recordutterance"),
        record_type=properties.text("recordutterancetype"),
    )


def _universals(text: str) -> tuple[str, ...]:
    words = text.split()
    return UNIVERSALS if "all" in words else tuple(word for word in UNIVERSALS if word in words)


def bargein_type(properties: Properties, given: str | None) -> Literal["speech", "hotword"]:
    """``bargeintype`` of a prompt: its attribute, else the property."""
    return "hotword" if (given or properties.text("bargeintype")) == "hotword" else "speech"
