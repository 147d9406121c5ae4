"""A whole platform on free ports, with the sample hotline, for tests with real telephones and browsers."""

from __future__ import annotations

import itertools
from pathlib import Path

from vxmlplat.config import (
    CallSettings,
    MediaSettings,
    Settings,
    SipSettings,
    SpeechSettings,
    StoreSettings,
    WebSettings,
)
from vxmlplat.server.assembly import Assembly
from vxmlplat.store.agents import Agent

_RANGES = itertools.cycle(range(24000, 29000, 500))


def settings(folder: Path, ports: int = 240) -> Settings:
    """Everything on loopback and on free ports."""
    first = next(_RANGES)
    return Settings(
        web=WebSettings(port=0),
        sip=SipSettings(port=0),
        media=MediaSettings(first_port=first, last_port=first + 498),
        store=StoreSettings(folder=folder),
        speech=SpeechSettings(engines=("espeak",)),  # starts at once; the others have tests of their own
        calls=CallSettings(ports=ports),
    )


def sip_port(platform: Assembly) -> int:
    """Where it listens for SIP over UDP."""
    return next(port for transport, _, port in platform.user_agent.addresses if transport == "udp")


async def staff(platform: Assembly, agent: str, address: str, skills: dict[str, int]) -> None:
    """Give an agent a telephone at a fixed address and put him to work."""
    known = await platform.store.agents.get(agent)
    await platform.store.agents.put(Agent(id=agent, name=known.agent.name, address=address), skills)
    await platform.acd.reload()
    await platform.acd.set_state(agent, platform.acd.agent(agent).state.READY)
