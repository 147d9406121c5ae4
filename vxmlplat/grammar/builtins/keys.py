"""The builtin grammars for keys (VoiceXML 2.0 appendix P), as ABNF text. The same in every language."""

from __future__ import annotations

from vxmlplat.grammar.builtins.parameters import Parameters

DIGIT = "$digit = 0 {0} | 1 {1} | 2 {2} | 3 {3} | 4 {4} | 5 {5} | 6 {6} | 7 {7} | 8 {8} | 9 {9};"


def _figures(text: str) -> str:
    """Alternatives of keys that stand for themselves."""
    return "(" + " | ".join(f"{key} {{{key}}}" for key in text) + ")"


def boolean(parameters: Parameters) -> str:
    """``y`` for true, ``n`` for false; 1 and 2 unless told otherwise."""
    yes, no = parameters.key("y", "1"), parameters.key("n", "2")
    if yes == no:
        parameters.refuse(f"y and n are the same key {yes!r}")
    return f'$boolean = "{yes}" {{true}} | "{no}" {{false}};'


def digits(parameters: Parameters) -> str:
    """One digit or more, within ``length``, ``minlength`` and ``maxlength``."""
    return f"$digits = $digit{parameters.repeat()};\n{DIGIT}"


def date(_parameters: Parameters) -> str:
    """Eight digits, yyyymmdd, of a day that a calendar can have."""
    low, any_key = _figures("123456789"), "$digit"
    to_29 = f"(0 {{0}} {low} | {_figures('12')} {any_key})"
    thirty, thirty_one = "3 {3} 0 {0}", "3 {3} " + _figures("01")
    return "\n".join(
        (
            f"$date = {{=figures}} $digit<4> $month_day;\n{DIGIT}",
            f"$month_day = 0 {{0}} 2 {{2}} {to_29}",
            f"  | (0 {{0}} {_figures('469')} | 1 {{1}} 1 {{1}}) ({to_29} | {thirty})",
            f"  | (0 {{0}} {_figures('13578')} | 1 {{1}} {_figures('02')}) ({to_29} | {thirty_one});",
        )
    )


def currency(_parameters: Parameters) -> str:
    """An amount, ``*`` for the decimal point, at most two digits after it."""
    return f"""$currency = {{=figures}} $digit<1-> ["*" {{=fraction}} $digit<1-2>]
  | "*" {{=fraction}} $digit<1-2>;
{DIGIT}"""


def number(_parameters: Parameters) -> str:
    """A positive number, ``*`` for the decimal point."""
    return f"""$number = {{=figures}} $digit<1-> ["*" {{=fraction}} $digit<1->]
  | "*" {{=fraction}} $digit<1->;
{DIGIT}"""


def phone(_parameters: Parameters) -> str:
    """A telephone number, ``*`` before the extension."""
    return f"""$phone = $digit<1-> ["*" {{=extension}} $digit<1->];\n{DIGIT}"""


def time(_parameters: Parameters) -> str:
    """Four digits, hhmm, from 0000 to 2359."""
    return f"""$time = {{=figures}} ($teens $digit | 2 {{2}} {_figures("0123")}) {_figures("012345")} $digit;
$teens = 0 {{0}} | 1 {{1}};
{DIGIT}"""


GRAMMARS = {
    "boolean": boolean,
    "digits": digits,
    "date": date,
    "currency": currency,
    "number": number,
    "phone": phone,
    "time": time,
}
