from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vxmlplat.speech.phrases.language import Unspeakable, language_of
from vxmlplat.speech.phrases.mandarin import Mandarin
from vxmlplat.speech.phrases.say_as import phrase_for


def spoken(language: str, kind: str, text: str, form: str = "") -> str:
    speaker = language_of(language)
    assert speaker is not None
    separator = "" if language.startswith("zh") else " "
    return separator.join(speaker.pieces[name] for name in phrase_for(language, kind, text, form))


@pytest.mark.parametrize(
    ("language", "kind", "text", "expected"),
    [
        ("en-US", "number", "-1204.50", "minus one thousand two hundred four point five"),
        ("en-US", "number", "0", "zero"),
        ("en-US", "number", "1000000", "one million"),
        ("zh-CN", "number", "12", "十二"),
        ("zh-CN", "number", "110", "一百一十"),
        ("zh-CN", "number", "-10204.5", "负一万零二百零四点五"),
        ("zh-CN", "number", "2200", "两千二百"),
        ("zh-CN", "number", "100000012", "一亿零一十二"),
        ("zh-CN", "number", "1010000", "一百零一万"),
        ("zh-CN", "currency", "12.50", "十二元五角"),
        ("zh-CN", "currency", "2.05", "两元零五分"),
        ("zh-CN", "currency", "CNY0.30", "三角"),
        ("zh-CN", "currency", "USD12.5", "十二点五美元"),
        ("en-US", "vxml:currency", "USD10.50", "ten dollars and fifty cents"),
        ("en-US", "currency", "GBP1.01", "one pound and one penny"),
        ("en-US", "vxml:date", "20261121", "November twenty first two thousand twenty six"),
        ("en-US", "vxml:date", "????0704", "July fourth"),
        ("en-US", "date", "19050101", "January first nineteen oh 5".replace("5", "five")),
        ("zh-CN", "vxml:date", "20261121", "二零二六年十一月二十一日"),
        ("en-US", "vxml:time", "1430h", "fourteen thirty hours"),
        ("en-US", "vxml:time", "0205p", "two oh five p m"),
        ("en-US", "vxml:time", "0900?", "nine o'clock"),
        ("zh-CN", "vxml:time", "0230p", "下午两点三十分"),
        ("zh-CN", "vxml:time", "1200a", "凌晨十二点整"),
        ("zh-CN", "telephone", "+8613812345678", "八六幺三八幺二三四五六七八"),
        (
            "en-US",
            "vxml:phone",
            "8005551234x789",
            "eight zero zero five five five one two three four extension seven eight nine",
        ),
        ("en-US", "digits", "4 7-11", "four seven one one"),
        ("zh-CN", "vxml:boolean", "true", "是"),
    ],
)
def test_figures_are_read_as_people_read_them(language: str, kind: str, text: str, expected: str) -> None:
    assert spoken(language, kind, text) == expected


def test_a_date_follows_its_format() -> None:
    assert spoken("en-US", "date", "7/4/2026", "mdy") == "July fourth two thousand twenty six"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("number", "twelve"),
        ("number", "NaN"),
        ("currency", "XYZ1.00"),
        ("date", "20261340"),
        ("time", "2561h"),
        ("digits", ""),
        ("nonsense", "1"),
        ("number", "1" + "0" * 12),
    ],
)
def test_what_cannot_be_read_is_said_to_be_so(kind: str, text: str) -> None:
    with pytest.raises(Unspeakable):
        phrase_for("en-US", kind, text)


CHINESE = {"零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
UNITS = {"十": 10, "百": 100, "千": 1000}


def read_back(text: str) -> int:
    """A Chinese number as a reader understands it: the inverse, written independently."""
    total = 0
    for scale, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        group, _, text = (
            text.partition(name) if name and name in text else ("", "", text) if name else (text, "", "")
        )
        value, digit = 0, None
        for c in group:
            if c in CHINESE:
                digit = CHINESE[c]
            else:
                value += (1 if digit is None else digit) * UNITS[c]
                digit = None
        total += (value + (digit or 0)) * scale
    return total


@given(st.integers(0, 10**12 - 1))
def test_every_mandarin_number_can_be_understood(n: int) -> None:
    mandarin = Mandarin()
    text = "".join(mandarin.pieces[p] for p in mandarin.cardinal(Decimal(n)))
    assert read_back(text) == n
    assert "零零" not in text
    assert n == 0 or not text.endswith("零")


@given(
    st.sampled_from(["en-US", "zh-CN"]),
    st.sampled_from(["number", "currency", "date", "time", "telephone", "digits"]),
    st.text(max_size=12),
)
def test_no_text_breaks_a_reader(language: str, kind: str, text: str) -> None:
    speaker = language_of(language)
    assert speaker is not None
    try:
        phrase = phrase_for(language, kind, text)
    except Unspeakable:
        return
    assert phrase
    assert all(name in speaker.pieces for name in phrase)
