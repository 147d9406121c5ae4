"""The steps of a conversation test as its file has them: one reader a kind of step."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import yaml

from vxmlplat.simulator.conversation_place import Place, only
from vxmlplat.simulator.conversation_test import (
    ANY_LANGUAGE,
    COMPARISONS,
    ENDS,
    JSON,
    PLACEHOLDER,
    TRANSFERS,
    Does,
    Ends,
    Entered,
    Handed,
    Hears,
    Holds,
    Line,
    What,
)

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
_KEYS = re.compile(rf"[0-9*#A-Da-d{re.escape(PLACEHOLDER)} ]+")


def _hears(at: Place, _: Mapping[str, Place]) -> Hears:
    if isinstance(at.node, yaml.ScalarNode):
        return Hears({ANY_LANGUAGE: at.text("hears")})
    members = at.members("what is heard")
    for comparison in COMPARISONS:
        if comparison in members:
            only(members, (comparison,), "what is heard")
            text = _texts(members[comparison], comparison)
            if comparison == "pattern":
                _compiles(members[comparison], text)
            return Hears(text, comparison)
    if not members or not all(_LANGUAGE.fullmatch(name) for name in members):
        raise at.wrong(
            f"hears takes a text, texts by language, or one of {', '.join(COMPARISONS)}",
            f"hears 应为文本、各语言的文本，或 {'、'.join(COMPARISONS)} 之一",
        )
    return Hears(_texts(at, "hears"))


def _texts(at: Place, what: str) -> dict[str, str]:
    if isinstance(at.node, yaml.ScalarNode):
        return {ANY_LANGUAGE: at.text(what)}
    texts = {language: text.text(what) for language, text in at.members(what).items()}
    for language in texts:
        if _LANGUAGE.fullmatch(language) is None:
            raise at.wrong(
                f"{language!r} is no language such as en-US or zh-CN",
                f"{language!r} 不是 en-US 或 zh-CN 这样的语言标签",
            )
    return texts


def _compiles(at: Place, texts: Mapping[str, str]) -> None:
    for text in texts.values():
        if len(text) > 500:
            raise at.wrong("a pattern has at most 500 characters", "表达式最多 500 个字符")
        try:
            re.compile(text)
        except re.error as error:
            raise at.wrong(
                f"the pattern {text!r} is no regular expression: {error}",
                f"{text!r} 不是有效的正则表达式：{error}",
            ) from error


def _presses(at: Place, rest: Mapping[str, Place]) -> Does:
    keys = at.text("presses")
    if _KEYS.fullmatch(keys) is None:
        raise at.wrong(
            f"{keys!r} holds something that is no key; keys are 0 to 9, *, #, A to D, and ? for unknown",
            f"{keys!r} 中含有不是按键的字符；按键为 0 至 9、*、#、A 至 D，未知按键写 ?",
        )
    return Does({"dtmf": keys} | _while(rest))


def _says(at: Place, rest: Mapping[str, Place]) -> Does:
    action: dict[str, JSON] = {"say": at.text("says")}
    if "confidence" in rest:
        action["confidence"] = rest["confidence"].number("confidence")
    return Does(action | _while(rest))


def _while(rest: Mapping[str, Place]) -> dict[str, JSON]:
    """``during: prompt``: the caller does not wait for the prompt's end."""
    if "during" not in rest:
        return {}
    if rest["during"].text("during") != "prompt":
        raise rest["during"].wrong(
            "during is prompt: while the prompt plays", "during 只能是 prompt：在提示音播放期间"
        )
    return {"during": "prompt"}


def _waits(at: Place, _: Mapping[str, Place]) -> Does:
    return Does({"noinput": True})


def _hangs_up(at: Place, _: Mapping[str, Place]) -> Does:
    return Does({"hangup": True})


def _records(at: Place, rest: Mapping[str, Place]) -> Does:
    action: dict[str, JSON] = {"record": at.number("records")}
    if "ended_by" in rest:
        ended = rest["ended_by"].text("ended_by")
        if ended not in ("silence", "hangup", *"0123456789*#"):
            raise rest["ended_by"].wrong(
                "ended_by is a key in quotation marks, silence or hangup",
                "ended_by 应为加引号的按键、silence 或 hangup",
            )
        action["end"] = ended
    return Does(action)


def _transfer(at: Place, rest: Mapping[str, Place]) -> Does:
    outcome = at.text("transfer")
    if outcome not in TRANSFERS:
        raise at.wrong(
            f"transfer is one of {', '.join(TRANSFERS)}", f"transfer 应为 {'、'.join(TRANSFERS)} 之一"
        )
    action: dict[str, JSON] = {"transfer": outcome}
    if "after" in rest:
        action["after"] = rest["after"].number("after")
    return Does(action)


def _node(at: Place, _: Mapping[str, Place]) -> Entered:
    return Entered(at.text("node"))


def _variables(at: Place, _: Mapping[str, Place]) -> Holds:
    return Holds({name: value.value() for name, value in at.members("variables").items()})


def _handed(at: Place, rest: Mapping[str, Place]) -> Handed:
    data = {name: value.value() for name, value in at.members("handed").items()}
    return Handed(data, rest["to"].text("to") if "to" in rest else "")


def _ends(at: Place, _: Mapping[str, Place]) -> Ends:
    reason = at.text("ends")
    if reason not in ENDS:
        raise at.wrong(f"ends is one of {', '.join(ENDS)}", f"ends 应为 {'、'.join(ENDS)} 之一")
    return Ends(reason)


_Reader = Callable[[Place, Mapping[str, Place]], What]
STEPS: dict[str, tuple[_Reader, tuple[str, ...]]] = {
    "hears": (_hears, ()),
    "presses": (_presses, ("during",)),
    "says": (_says, ("confidence", "during")),
    "waits": (_waits, ()),
    "hangs up": (_hangs_up, ()),
    "records": (_records, ("ended_by",)),
    "transfer": (_transfer, ("after",)),
    "node": (_node, ()),
    "variables": (_variables, ()),
    "handed": (_handed, ("to",)),
    "ends": (_ends, ()),
}
"""Kinds of steps: how each is read, and the further members that it may have beside ``note``."""

_WITHOUT_VALUE = ("waits", "hangs up")


def read_step(at: Place) -> Line:
    """One line of the conversation."""
    if isinstance(at.node, yaml.ScalarNode) and at.node.value in _WITHOUT_VALUE:
        return Line(STEPS[at.node.value][0](at, {}), line=at.line)
    if not isinstance(at.node, yaml.MappingNode):
        raise at.wrong(f"a step is one of {', '.join(STEPS)}", f"步骤应为 {'、'.join(STEPS)} 之一")
    members = at.members("a step")
    kinds = [name for name in members if name in STEPS]
    if len(kinds) != 1:
        found = ", ".join(members) or "nothing"
        raise at.wrong(
            f"a step has exactly one of {', '.join(STEPS)}; here stands {found}",
            f"每个步骤只能有 {'、'.join(STEPS)} 中的一个；此处为 {found}",
        )
    read, further = STEPS[kinds[0]]
    only(members, (kinds[0], *further, "note"), f"the step {kinds[0]!r}")
    what = read(members[kinds[0]], members)
    return Line(what, members["note"].text("note") if "note" in members else "", at.line)
