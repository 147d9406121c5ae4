"""Figures in Mandarin (普通话)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from vxmlplat.speech.phrases.language import Phrase, Unspeakable, only_digits, phrase_language

_DIGITS = "零一二三四五六七八九"
_UNITS = ((1000, "qian"), (100, "bai"), (10, "shi"))
_MONEY = {"CNY": "yuan", "RMB": "yuan", "USD": "meiyuan", "EUR": "ouyuan", "GBP": "yingbang", "HKD": "gangbi"}


def _pieces() -> dict[str, str]:
    pieces = {str(n): word for n, word in enumerate(_DIGITS)}
    pieces |= {"liang": "两", "yao": "幺", "shi": "十", "bai": "百", "qian": "千", "wan": "万", "yi": "亿"}
    pieces |= {"minus": "负", "point": "点", "di": "第", "zhuan": "转", "star": "星号", "pound-key": "井号"}
    pieces |= {"yuan": "元", "jiao": "角", "fen": "分", "zheng": "整", "meiyuan": "美元", "ouyuan": "欧元"}
    pieces |= {"yingbang": "英镑", "gangbi": "港币", "meifen": "美分"}
    pieces |= {"nian": "年", "yue": "月", "ri": "日", "hour": "点", "minute": "分", "sharp": "整"}
    pieces |= {"dawn": "凌晨", "morning": "上午", "noon": "中午", "afternoon": "下午", "evening": "晚上"}
    return pieces | {"yes": "是", "no": "否"}


@phrase_language("zh", "cmn")
class Mandarin:
    """Reading as telephone services in mainland China do it."""

    pieces: Mapping[str, str] = _pieces()

    def digits(self, text: str) -> Phrase:
        """Digit by digit, one read as 一."""
        return tuple({"*": "star", "#": "pound-key"}.get(c, c) for c in only_digits(text, "*#"))

    def telephone(self, text: str) -> Phrase:
        """Digit by digit, one read as 幺, as telephone numbers are; ``x`` is 转."""
        plain = only_digits(text.removeprefix("+"), "x*#")
        return tuple({"1": "yao", "x": "zhuan", "*": "star", "#": "pound-key"}.get(c, c) for c in plain)

    def cardinal(self, value: Decimal) -> Phrase:
        """``-10204.5`` → 负一万零二百零四点五."""
        whole, _, decimals = format(abs(value), "f").partition(".")
        out = [*(("minus",) if value < 0 else ()), *self._whole(int(whole))]
        decimals = decimals.rstrip("0")
        return tuple([*out, "point", *decimals] if decimals else out)

    def _whole(self, n: int) -> Phrase:
        if n >= 10**12:
            raise Unspeakable("numbers are spoken below 10**12")
        if n == 0:
            return ("0",)
        out: list[str] = []
        for size, name in ((10**8, "yi"), (10**4, "wan"), (1, "")):
            group, n = divmod(n, size)
            if not group:
                continue
            # A gap between groups is read as one 零: 一万零五, 一亿零三万.
            if out and group < 1000:
                out.append("0")
            out += self._below_ten_thousand(group, first=not out)
            if name:
                out.append(name)
        return tuple(out)

    def _below_ten_thousand(self, n: int, *, first: bool) -> list[str]:
        out: list[str] = []
        gap = False
        for size, name in _UNITS:
            digit, n = divmod(n, size)
            if digit:
                if gap and out:
                    out.append("0")
                gap = False
                # 十二, not 一十二, where the number begins with it.
                if not (size == 10 and digit == 1 and first and not out):
                    out.append("liang" if digit == 2 and size >= 1000 else str(digit))
                out.append(name)
            else:
                gap = gap or bool(out)
        if n:
            if gap and out:
                out.append("0")
            out.append(str(n))
        return out

    def ordinal(self, value: int) -> Phrase:
        """第 and the number."""
        if value < 1:
            raise Unspeakable("ordinals begin with 1")
        return ("di", *self._whole(value))

    def currency(self, value: Decimal, code: str) -> Phrase:
        """``12.50`` → 十二元五角; other currencies by their decimals: 十二点五美元."""
        code = (code or "CNY").upper()
        if code not in _MONEY:
            raise Unspeakable(f"no words for the currency {code}")
        if _MONEY[code] != "yuan":
            return (*self.cardinal(value), _MONEY[code])
        cents = int((abs(value) * 100).to_integral_value())
        whole, rest = divmod(cents, 100)
        jiao, fen = divmod(rest, 10)
        out: list[str] = ["minus"] if value < 0 else []
        if whole or not rest:
            out += [*self._amount(whole), "yuan"]
        if jiao:
            out += [str(jiao), "jiao"]
        elif fen and whole:
            out.append("0")
        if fen:
            out += [str(fen), "fen"]
        return tuple(out)

    def _amount(self, n: int) -> Phrase:
        return ("liang",) if n == 2 else self._whole(n)

    def date(self, year: int | None, month: int | None, day: int | None) -> Phrase:
        """年 digit by digit, 月 and 日 as numbers."""
        out: list[str] = []
        if year is not None:
            out += [*str(year), "nian"]
        if month is not None:
            if not 1 <= month <= 12:
                raise Unspeakable(f"no month {month}")
            out += [*self._whole(month), "yue"]
        if day is not None:
            if not 1 <= day <= 31:
                raise Unspeakable(f"no day {day}")
            out += [*self._whole(day), "ri"]
        if not out:
            raise Unspeakable("a date without year, month and day")
        return tuple(out)

    def time(self, hour: int, minute: int, half: str) -> Phrase:
        """``0230p`` → 下午两点三十分; ``1430h`` → 十四点三十分."""
        if not (0 <= hour <= 24 and 0 <= minute <= 59):
            raise Unspeakable(f"no time {hour}:{minute}")
        out: list[str] = []
        if half in ("a", "p"):
            hour = hour % 12 + (12 if half == "p" else 0)
            out.append(_part_of_day(hour))
            hour = (hour - 1) % 12 + 1
        out += [*self._amount(hour), "hour"]
        if minute == 0:
            return (*out, "sharp")
        return (*out, *(("0",) if minute < 10 else ()), *self._whole(minute), "minute")

    def boolean(self, value: bool) -> Phrase:
        """是 or 否."""
        return ("yes" if value else "no",)


def _part_of_day(hour: int) -> str:
    for until, name in ((6, "dawn"), (12, "morning"), (13, "noon"), (18, "afternoon"), (25, "evening")):
        if hour < until:
            return name
    raise AssertionError("every hour is below 25")
