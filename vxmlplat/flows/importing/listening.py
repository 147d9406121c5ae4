"""What menus and fields share: prompts, time-outs, and what happens without or with wrong input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vxmlplat.documents.markup import Element
from vxmlplat.flows.importing.actions import Content, actions
from vxmlplat.flows.importing.draft import Target
from vxmlplat.flows.importing.prompts import SPEAKING, Piece, Spoken
from vxmlplat.flows.importing.report import StaysCode
from vxmlplat.flows.importing.scope import Scope, attributes_only, seconds_of

HANDLERS = frozenset({"noinput", "nomatch", "catch", "help", "error"})
EVENTS = ("noinput", "nomatch")
MAX_TRIES = 10


class Handler:
    """What happens when an event occurs so often: words and another try, or a way elsewhere."""

    def __init__(self, count: int, content: Content, scope: Scope) -> None:
        self.count = count
        self.content = content
        meaningful = [child for child in content if isinstance(child, Element) or child.strip()]
        last = meaningful[-1] if meaningful else None
        self.asks_again = isinstance(last, Element) and last.name == "reprompt"
        self.words: list[Piece] = []
        if self.asks_again:
            spoken = Spoken()
            for child in meaningful[:-1]:
                if isinstance(child, Element) and child.name not in SPEAKING:
                    raise StaysCode(
                        f"it uses <{child.name}> when nothing or something wrong is heard",
                        f"无输入或输入错误时使用了 <{child.name}>",
                    )
                spoken.add(child, scope)
            if spoken.timeout is not None or spoken.bargein is False:
                raise StaysCode(
                    "a prompt sets a time-out or cannot be interrupted", "提示音设置了超时或不可打断"
                )
            self.words = spoken.pieces


def prompted(element: Element, scope: Scope, *others: str) -> dict[str, Any]:
    """The fields prompt, bargein and timeout; ``others`` are children that somebody else looks at."""
    spoken = Spoken()
    for child in element.children:
        if isinstance(child, str) or child.name in SPEAKING:
            spoken.add(child, scope)
        elif child.name not in HANDLERS and child.name != "property" and child.name not in others:
            raise StaysCode(f"it uses <{child.name}>", f"使用了 <{child.name}>")
    if not spoken.pieces:
        raise StaysCode("it listens without a prompt of its own", "它没有自己的提示音")
    timeout = seconds_of(spoken.timeout) if spoken.timeout else scope.seconds("timeout")
    return {"prompt": spoken.pieces, "bargein": spoken.bargein is not False, "timeout": timeout}


def retried(
    elements: Sequence[Element], scope: Scope, after: Target
) -> tuple[dict[str, Any], dict[str, Target]]:
    """The fields tries, noinput_prompt and nomatch_prompt, and where the last try leads."""
    handlers: dict[str, list[Handler]] = {event: [] for event in EVENTS}
    for element in elements:
        attributes_only(element, "count", "event")
        events = (element.get("event") or "").split() if element.name == "catch" else [element.name]
        if not events or not set(events) <= set(EVENTS):
            raise StaysCode(
                f"it handles {' '.join(events) or 'all events'}",
                f"它处理了事件 {' '.join(events) or '（全部）'}",
            )
        handler = Handler(_count(element), element.children, scope)
        for event in events:
            handlers[event].append(handler)
    limits = {event: _limit(event, found) for event, found in handlers.items()}
    if len({limits["noinput"], limits["nomatch"]}) != 1:
        raise StaysCode(
            "no input and wrong input are tried differently often", "无输入与输入错误的重试次数不同"
        )
    fields: dict[str, Any] = {"tries": limits["noinput"]}
    ways: dict[str, Target] = {}
    led: dict[Handler, Target] = {}
    for event, found in handlers.items():
        for handler in found:
            if handler.asks_again:
                fields[f"{event}_prompt"] = handler.words
            else:
                if handler not in led:
                    led[handler] = actions(handler.content, scope, after)
                ways[event] = led[handler]
    return fields, ways


def _count(element: Element) -> int:
    count = element.get("count") or "1"
    if not count.isdecimal():
        raise StaysCode(f"it counts {count}", f"计数为 {count}")
    return int(count)


def _limit(event: str, handlers: list[Handler]) -> int:
    """After how many tries the event leads elsewhere; 0 for never."""
    again = [handler for handler in handlers if handler.asks_again]
    final = [handler for handler in handlers if not handler.asks_again]
    silent = event == "noinput"
    if not final and (not again or [handler.count for handler in again] == [1]):
        if again and not again[0].words and not silent:
            raise StaysCode("wrong input is met with silence", "输入错误时没有任何提示")
        return 0
    if len(final) == 1 and [handler.count for handler in again] in ([], [1]):
        (last,) = final
        if not _leads_on(last.content):
            raise StaysCode("it goes on listening without asking again", "它不再提示而继续等待")
        if not 1 <= last.count <= MAX_TRIES or (again and last.count == 1):
            raise StaysCode("its tries are counted in another way", "重试次数的写法不同")
        if last.count > 1 and not again and not silent:
            raise StaysCode(
                "the platform's own words are heard before the last try", "最后一次之前使用平台默认提示"
            )
        return last.count
    raise StaysCode("each try has words of its own", "每次重试的提示各不相同")


def _leads_on(content: Content) -> bool:
    """Whether handling surely ends by going elsewhere."""
    elements = [child for child in content if isinstance(child, Element)]
    return bool(elements) and elements[-1].name in ("goto", "exit", "disconnect")
