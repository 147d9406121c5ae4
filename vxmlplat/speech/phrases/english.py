"""Figures in English."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from vxmlplat.speech.phrases.language import Phrase, Unspeakable, only_digits, phrase_language

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth"
).split()
_MONTHS = "January February March April May June July August September October November December".split()
_SCALES = ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_MONEY = {
    "USD": ("dollar", "cent"),
    "CNY": ("yuan", "fen"),
    "RMB": ("yuan", "fen"),
    "EUR": ("euro", "cent"),
    "GBP": ("pound", "penny"),
    "HKD": ("dollar", "cent"),
}
_PLURAL = {"dollar": "dollars", "cent": "cents", "yuan": "yuan", "fen": "fen", "euro": "euros"} | {
    "pound": "pounds",
    "penny": "pence",
}


def _pieces() -> dict[str, str]:
    pieces = {str(n): word for n, word in enumerate(_SMALL)}
    pieces |= {str(20 + 10 * n): word for n, word in enumerate(_TENS)}
    pieces |= {f"ordinal-{n + 1}": word for n, word in enumerate(_ORDINALS)}
    pieces |= {"ordinal-20": "twentieth", "ordinal-30": "thirtieth"}
    pieces |= {f"month-{n + 1}": word for n, word in enumerate(_MONTHS)}
    pieces |= {name: name for _, name in _SCALES}
    pieces |= {word: word for pair in _MONEY.values() for word in pair} | {w: w for w in _PLURAL.values()}
    pieces |= {"minus": "minus", "point": "point", "and": "and", "oh": "oh", "extension": "extension"}
    pieces |= {
        "am": "a m",
        "pm": "p m",
        "oclock": "o'clock",
        "hundred-hours": "hundred hours",
        "hours": "hours",
    }
    return pieces | {"yes": "yes", "no": "no", "star": "star", "pound-key": "pound"}


@phrase_language("en")
class English:
    """American reading order; the pieces serve British voices as well."""

    pieces: Mapping[str, str] = _pieces()

    def digits(self, text: str) -> Phrase:
        """``4711`` → four, seven, one, one; keys ``*`` and ``#`` are named."""
        return tuple({"*": "star", "#": "pound-key"}.get(c, c) for c in only_digits(text, "*#"))

    def telephone(self, text: str) -> Phrase:
        """Digit by digit; ``x`` is read as *extension*, a leading plus is silent."""
        plain = only_digits(text.removeprefix("+"), "x*#")
        return tuple({"x": "extension", "*": "star", "#": "pound-key"}.get(c, c) for c in plain)

    def cardinal(self, value: Decimal) -> Phrase:
        """``-1204.5`` → minus, one, thousand, two, hundred, four, point, five."""
        whole, _, decimals = format(abs(value), "f").partition(".")
        out = [*(("minus",) if value < 0 else ()), *self._whole(int(whole))]
        decimals = decimals.rstrip("0")
        return tuple([*out, "point", *decimals] if decimals else out)

    def _whole(self, n: int) -> Phrase:
        if n >= 10**12:
            raise Unspeakable("numbers are spoken below 10**12")
        if n < 20:
            return (str(n),)
        if n < 100:
            return (str(n - n % 10), *((str(n % 10),) if n % 10 else ()))
        for size, name in _SCALES:
            if n >= size:
                return (*self._whole(n // size), name, *(self._whole(n % size) if n % size else ()))
        raise AssertionError("every number of 100 or more has a scale")

    def ordinal(self, value: int) -> Phrase:
        """1 to 39: first … thirty-ninth."""
        if not 1 <= value <= 39:
            raise Unspeakable("ordinals are spoken from 1 to 39")
        if value < 20 or value % 10 == 0:
            return (f"ordinal-{value}",)
        return (str(value - value % 10), f"ordinal-{value % 10}")

    def currency(self, value: Decimal, code: str) -> Phrase:
        """``USD 10.50`` → ten dollars and fifty cents."""
        unit, part = _money(code or "USD")
        cents = int((abs(value) * 100).to_integral_value())
        whole, rest = divmod(cents, 100)
        sign: Phrase = ("minus",) if value < 0 else ()
        out: list[str] = []
        if whole or not rest:
            out += [*self._whole(whole), unit if whole == 1 else _PLURAL[unit]]
        if rest:
            out += [*(("and",) if out else ()), *self._whole(rest), part if rest == 1 else _PLURAL[part]]
        return (*sign, *out)

    def date(self, year: int | None, month: int | None, day: int | None) -> Phrase:
        """Month, day, year, as far as they are known."""
        out: list[str] = []
        if month is not None:
            if not 1 <= month <= 12:
                raise Unspeakable(f"no month {month}")
            out.append(f"month-{month}")
        if day is not None:
            if not 1 <= day <= 31:
                raise Unspeakable(f"no day {day}")
            out += self.ordinal(day)
        if year is not None:
            out += self._year(year)
        if not out:
            raise Unspeakable("a date without year, month and day")
        return tuple(out)

    def _year(self, year: int) -> Phrase:
        high, low = divmod(year, 100)
        if not 1000 <= year <= 9999 or high % 10 == 0:
            return self._whole(year)
        if low == 0:
            return (*self._whole(high), "hundred")
        return (*self._whole(high), *(("oh", str(low)) if low < 10 else self._whole(low)))

    def time(self, hour: int, minute: int, half: str) -> Phrase:
        """``0230p`` → two thirty p m; ``1430h`` → fourteen thirty hours."""
        if not (0 <= hour <= 24 and 0 <= minute <= 59):
            raise Unspeakable(f"no time {hour}:{minute}")
        if half == "h":
            if minute == 0:
                return (*self._whole(hour), "hundred-hours")
            return (*self._whole(hour), *(("oh",) if minute < 10 else ()), *self._whole(minute), "hours")
        spoken = self._whole((hour - 1) % 12 + 1)
        minutes: Phrase = (*(("oh",) if 0 < minute < 10 else ()), *(self._whole(minute) if minute else ()))
        if half == "?":
            return (*spoken, *(minutes or ("oclock",)))
        return (*spoken, *minutes, "am" if half == "a" else "pm")

    def boolean(self, value: bool) -> Phrase:
        """Yes or no."""
        return ("yes" if value else "no",)


def _money(code: str) -> tuple[str, str]:
    if code.upper() not in _MONEY:
        raise Unspeakable(f"no words for the currency {code}")
    return _MONEY[code.upper()]
