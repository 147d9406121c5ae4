"""What nodes share that wait for keys or words: timing, tries, prompts for silence and mistakes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from vxmlplat.flows.fields import Duration, titled
from vxmlplat.flows.node_type import NodeFields
from vxmlplat.flows.schema import Prompt

if TYPE_CHECKING:
    from vxmlplat.flows.node_check import NodeCheck
    from vxmlplat.flows.node_writer import NodeWriter
    from vxmlplat.flows.problems import Problem


class Listening(NodeFields):
    """A node with one input item."""

    prompt: Prompt = titled("Prompt", "提示音", widget="prompt")
    timeout: Duration = titled(
        "Wait for input",
        "等待输入",
        5.0,
        widget="duration",
        help_=("Seconds of silence before “no input”.", "静默多少秒后视为无输入。"),
        last=True,
    )
    tries: Annotated[int, Field(ge=0, le=10)] = titled(
        "Tries",
        "尝试次数",
        3,
        help_=(
            "After so many tries the call leaves by “No input” or “Wrong input”. 0: without limit.",
            "达到次数后，从“无输入”或“输入错误”端口离开；0 表示不限次数。",
        ),
        last=True,
    )
    noinput_prompt: Prompt = titled("When nothing is heard", "无输入时提示", [], widget="prompt", last=True)
    nomatch_prompt: Prompt = titled(
        "When the input is wrong", "输入错误时提示", [], widget="prompt", last=True
    )
    bargein: bool = titled("Keys interrupt the prompt", "允许打断", True, last=True)

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """The three prompts."""
        yield from at.prompt(self.prompt, "prompt")
        yield from at.prompt(self.noinput_prompt, "noinput_prompt", needed=False)
        yield from at.prompt(self.nomatch_prompt, "nomatch_prompt", needed=False)

    @contextmanager
    def listening(
        self, out: NodeWriter, name: str, *, modal: bool = False, cond: str | None = None
    ) -> Iterator[None]:
        """The node's field; the ``with`` writes its properties, grammars and ``<filled>``."""
        with out.element("field", {"name": name, "cond": cond, "modal": "true" if modal else None}):
            out.property("timeout", seconds(self.timeout))
            yield
            self.write_prompt(out)
            self._after(out, "noinput", self.noinput_prompt)
            self._after(out, "nomatch", self.nomatch_prompt)

    def write_prompt(self, out: NodeWriter) -> None:
        """What is said before listening."""
        out.prompt(self.prompt, bargein=self.bargein)

    def _after(self, out: NodeWriter, event: str, prompt: Prompt) -> None:
        """Speak and ask again until the tries are used up, then leave by the port named like the event."""
        if self.tries == 0:
            # Without words of the flow's own the platform says its own, and asks again.
            if prompt:
                with out.element(event):
                    out.prompt(prompt, bargein=self.bargein)
                    out.empty("reprompt")
            return
        if self.tries > 1:
            with out.element(event):
                out.prompt(prompt, bargein=self.bargein)
                out.empty("reprompt")
        with out.element(event, {"count": str(self.tries)} if self.tries > 1 else None):
            out.leave(event)


class Helping(Listening):
    """A node with one input item at which the caller can ask for help."""

    help_prompt: Prompt = titled(
        "When the caller asks for help",
        "主叫求助时提示",
        [],
        widget="prompt",
        last=True,
        help_=(
            "By the key below, or by saying “help” where speech is listened to.",
            "主叫按下方按键，或在语音交互中说“帮助”时播放。",
        ),
    )
    help_key: Annotated[str, Field(pattern=r"^[0-9*#]?$")] = titled(
        "Key for help", "求助按键", "", widget="keys", last=True
    )

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """The help's words, and a key of its own."""
        yield from super().check(at)
        yield from at.prompt(self.help_prompt, "help_prompt", needed=bool(self.help_key))
        if self.help_key and self.help_key in self.choice_keys():
            yield at.problem(
                "error",
                "help.key",
                (f"The key {self.help_key} is a choice already.", f"按键 {self.help_key} 已用于选项。"),
                ("Take another key for help.", "请为求助设置其他按键。"),
                field="help_key",
            )

    def choice_keys(self) -> frozenset[str]:
        """The keys by which the caller answers."""
        return frozenset()

    def used_keys(self) -> frozenset[str]:
        """The answers' keys and the one for help."""
        return self.choice_keys() | ({self.help_key} if self.help_key else frozenset())

    @contextmanager
    def listening(
        self, out: NodeWriter, name: str, *, modal: bool = False, cond: str | None = None, first: bool = True
    ) -> Iterator[None]:
        """The key is a link of the form; ``first``: no field before this one has written it."""
        if self.help_key and first:
            out.empty("link", {"dtmf": self.help_key, "event": "help"})
        with super().listening(out, name, modal=modal, cond=cond):
            if self.help_prompt:
                out.property("universals", "help")
                with out.element("help"):
                    out.prompt(self.help_prompt)
                    out.empty("reprompt")
            yield


def seconds(duration: float) -> str:
    """A time designation of VoiceXML ("5s", "1500ms")."""
    return f"{round(duration)}s" if duration == round(duration) else f"{round(duration * 1000)}ms"
