"""A real telephone for tests: baresip, driven over its control port, its SIP trace at hand."""

from __future__ import annotations

import asyncio
import json
import math
import re
import struct
import wave
from pathlib import Path
from typing import Any

from ports import free_port

CONFIG = """\
sip_listen 127.0.0.1:{port}
sip_trans_def udp
call_local_timeout 120
rtp_ports {rtp}-{rtp_end}
module_path {modules}
audio_source aufile,{folder}/voice.wav
audio_player aufile,{folder}/heard.wav
audio_alert aufile,{folder}/alert.wav
ausrc_srate 8000
auplay_srate 8000
module g711.so
module aufile.so
module ctrl_tcp.so
module_app menu.so
module_app account.so
ctrl_tcp_listen 127.0.0.1:{control}
"""
MODULES = "/usr/lib/baresip/modules"


def _voice(path: Path) -> None:
    """Ten seconds of a hum, which the telephone sends as its user's voice."""
    wave_form = (int(3000 * math.sin(2 * math.pi * 300 * n / 8000)) for n in range(80_000))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in wave_form))


class Baresip:
    """One telephone: ``async with Baresip(folder) as phone``. ``answer`` is ``auto`` or ``manual``.

    The account needs no registrar: it is reached at :attr:`uri`. What it hears lands in ``heard.wav`` of its
    folder.
    """

    def __init__(
        self,
        folder: Path,
        *,
        user: str = "1001",
        answer: str = "manual",
        port: int = 0,
        account: str = "",
        more: str = "",
    ) -> None:
        self.folder = folder
        self.user = user
        self.port = port or free_port()
        self.uri = f"sip:{user}@127.0.0.1:{self.port}"
        self._answer = answer
        self._account = account
        self._more = more
        self._control = free_port()
        self._process: asyncio.subprocess.Process | None = None
        self._pump: asyncio.Task[None] | None = None
        self._text = ""
        self._grown = asyncio.Event()
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.events: list[dict[str, Any]] = []
        self._listener: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Baresip:
        self.folder.mkdir(parents=True, exist_ok=True)
        rtp = 40000 + (self.port % 1000) * 10
        (self.folder / "config").write_text(
            CONFIG.format(
                port=self.port,
                rtp=rtp,
                rtp_end=rtp + 8,
                modules=MODULES,
                folder=self.folder,
                control=self._control,
            )
            + self._more
        )
        _voice(self.folder / "voice.wav")
        account = self._account or f"<sip:{self.user}@127.0.0.1:{self.port}>;regint=0"
        (self.folder / "accounts").write_text(f"{account};answermode={self._answer}\n")
        (self.folder / "contacts").touch()
        self._process = await asyncio.create_subprocess_exec(
            "baresip", "-f", str(self.folder), "-s",
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        self._pump = asyncio.create_task(self._read())
        await self.saw("baresip is ready", 10)
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._control)
        self._listener = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in (self._listener,):
            if task is not None:
                task.cancel()
        if self._writer is not None:
            self._writer.close()
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), 5)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        if self._pump is not None:
            await self._pump

    @property
    def trace(self) -> str:
        """Everything it has printed: its log and every SIP message."""
        return self._text

    async def saw(self, pattern: str, seconds: float = 10.0) -> re.Match[str]:
        """Wait until the trace matches; fails with the end of the trace."""
        try:
            async with asyncio.timeout(seconds):
                while not (found := re.search(pattern, self._text, re.DOTALL)):
                    self._grown.clear()
                    await self._grown.wait()
                return found
        except TimeoutError:
            raise AssertionError(f"{self.user} never saw {pattern!r}; last:\n{self._text[-3000:]}") from None

    async def dial(self, uri: str) -> None:
        """Place a call and wait until it is established."""
        await self.command("dial", uri)
        await self.saw("Call established")

    async def answer(self) -> None:
        """Take the call that rings."""
        await self.command("accept")

    async def press(self, keys: str, pause: float = 0.25) -> None:
        """Press keys one after the other, as a finger does."""
        for key in keys:
            await self.command("sndcode", key)
            await asyncio.sleep(pause)

    async def hangup(self) -> None:
        """End the call."""
        await self.command("hangup")

    async def command(self, name: str, parameters: str = "") -> str:
        """Give a command to the telephone; its answer."""
        assert self._writer is not None
        text = json.dumps({"command": name, "params": parameters, "token": "x"}).encode()
        self._writer.write(b"%d:%s," % (len(text), text))
        await self._writer.drain()
        answer = await asyncio.wait_for(self._answers.get(), 10)
        return str(answer.get("data", ""))

    async def _listen(self) -> None:
        assert self._reader is not None
        while True:
            length = int((await self._reader.readuntil(b":"))[:-1])
            message = json.loads((await self._reader.readexactly(length + 1))[:-1])
            if message.get("response"):
                self._answers.put_nowait(message)
            else:
                self.events.append(message)

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        while data := await self._process.stdout.read(65536):
            self._text += re.sub(r"\x1b\[[0-9;]*m", "", data.decode("utf-8", "replace"))
            self._grown.set()
