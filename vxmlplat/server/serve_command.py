"""``vxmlplat serve``: run the platform until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from vxmlplat.config import Settings, load
from vxmlplat.errors import ConfigurationError
from vxmlplat.server.assembly import ROOT, Assembly


def main(argv: Sequence[str]) -> int:
    """Exit status 0 after an orderly stop, 2 for settings that cannot be used."""
    parser = argparse.ArgumentParser(prog="vxmlplat serve", description="Run the platform.")
    parser.add_argument("--config", type=Path, help="settings (YAML)")
    parser.add_argument("--samples", action="store_true", help="fill an empty store with the samples")
    parser.add_argument("--verbose", action="store_true", help="log what is done, not only what goes wrong")
    arguments = parser.parse_args(argv)
    logging.basicConfig(
        level=logging.INFO if arguments.verbose else logging.WARNING,
        format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    try:
        settings = load(arguments.config)
        return asyncio.run(_serve(settings, ROOT / "samples" if arguments.samples else None))
    except ConfigurationError as error:
        print(f"vxmlplat: {error}", file=sys.stderr)
        return 2


async def _serve(settings: Settings, samples: Path | None) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Assembly(settings, samples=samples) as platform:
        # What is loaded by now lives as long as the platform: it is not searched for garbage again and again.
        gc.collect()
        gc.freeze()
        announce(platform)
        await stop.wait()
        if platform.admission.in_use:
            print(f"waiting for {platform.admission.in_use} calls to end", flush=True)
        await platform.drain()
    return 0


def announce(platform: Assembly) -> None:
    """Say where everything is, and the first administrator's password, which is shown this once."""
    lines = [f"pages      {platform.base_uri}/"]
    if platform.password is not None:
        lines.append(f"sign in    admin / {platform.password}   (shown this once)")
    dial = platform.settings.sip.domain or platform.settings.sip.host
    addresses = platform.user_agent.addresses
    port = next((p for transport, _, p in addresses if transport == "udp"), addresses[0][2])
    suffix = "" if port == 5060 else f":{port}"
    lines += [f"dial       sip:{number}@{dial}{suffix}" for number in platform.numbers.numbers()]
    print("\n".join(["vxmlplat is up.", *lines]), flush=True)
