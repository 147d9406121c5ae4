"""A real telephone for tests: linphonec, driven over its prompt."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from ports import free_port


class Linphone:
    """One telephone: ``async with Linphone(folder) as phone``. It sends silence and throws away what it
    hears.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Linphone:
        config = self._folder / "linphonerc"
        config.write_text(
            f"[sip]\nsip_port={free_port()}\nsip_tcp_port={free_port()}\nsip_tls_port=0\nuse_ipv6=0\n"
            f'contact="l" <sip:l@127.0.0.1>\n[rtp]\naudio_rtp_port={free_port()}\n'
        )
        self._process = await asyncio.create_subprocess_exec(
            "linphonec", "-c", str(config), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL, env={"HOME": str(self._folder)},
        )  # fmt: skip
        try:
            await self.order("ipv6 disable")
            await self.order("soundcard use files", "wav files")
            await asyncio.sleep(1.0)  # its transports are opened anew
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            await self._process.wait()

    async def order(self, command: str, seen: str = "") -> str:
        """Give a command, and wait until its output matches; the output."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{command}\n".encode())
        text = ""
        async with asyncio.timeout(10):
            while seen and not re.search(seen, text):
                chunk = await process.stdout.read(4096)
                assert chunk, text
                text += chunk.decode("utf-8", "replace")
        return text
