"""The builtin grammars for voice in English (VoiceXML 2.0 appendix P), as ABNF text."""

from __future__ import annotations

from vxmlplat.grammar.builtins.parameters import Parameters

_UNITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_ORDINAL_TEENS = (
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
)
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _words(words: tuple[str, ...], first: int, step: int = 1) -> str:
    """Alternatives that add the numbers from ``first`` on."""
    return " | ".join(f"{word} {{{first + step * index}}}" for index, word in enumerate(words))


def _joined(tens: tuple[str, ...]) -> str:
    """``twenty-one`` and so on."""
    return " | ".join(
        f"{ten}-{unit} {{{20 + 10 * number + 1 + digit}}}"
        for number, ten in enumerate(tens)
        for digit, unit in enumerate(_UNITS)
    )


def _tens_and_units() -> str:
    """``twenty``, ``twenty one``, ``twenty-one``: the last as one word, as recognisers write it."""
    return f"$tens [$n1_9] | {_joined(_TENS)}"


_DIGIT = (
    "$digit = zero {0} | oh {0} | o {0} | nought {0} | "
    + _words(_UNITS, 1)
    + " | "
    + " | ".join(f"{digit} {{{digit}}}" for digit in range(10))
    + ";"
)

_NUMBERS = "\n".join(
    (
        f"$n1_9 = {_words(_UNITS, 1)};",
        f"$n10_19 = {_words(_TEENS, 10)};",
        f"$tens = {_words(_TENS, 20, 10)} | fourty {{40}};",
        f"$n20_99 = {_tens_and_units()};",
        "$n1_99 = $n1_9 | $n10_19 | $n20_99;",
        "$n10_99 = $n10_19 | $n20_99;",
    )
)

_CARDINAL = """
$hundreds = (a {1} | $n1_9 | $n10_19) hundred {u100} [[and] $n1_99];
$n1_999 = $n1_99 | $hundreds;
$n_or_a = $n1_999 | a {1};
$cardinal = zero {0} | nought {0}
  | [$n_or_a billion {s1000000000} [and]] [$n_or_a million {s1000000} [and]] [$n_or_a thousand {s1000}
    [and]] $n1_999
  | [$n_or_a billion {s1000000000} [and]] [$n_or_a million {s1000000} [and]] $n_or_a thousand {s1000}
  | [$n_or_a billion {s1000000000} [and]] $n_or_a million {s1000000}
  | $n_or_a billion {s1000000000};
"""


def boolean(_parameters: Parameters) -> str:
    """Affirmative and negative phrases."""
    return """$boolean = $yes [please] {true} | $no {false};
$yes = yes | yeah | yep | yup | yes yes | yes sir | yes "ma'am" | sure | ok | okay | correct | right
    | true | affirmative
  | absolutely | definitely | certainly | of course
  | [yes] (that is | "that's" | it is | this is) (right | correct
    | true | it)
  | yes (it is | i do | i am | i would | correct) | i do | you bet | uh huh | mm hmm | fine;
$no = no | (absolutely | definitely | of course | certainly) not | nope | nah | no no | no sir | no "ma'am" |
no (thanks | thank you) | false | wrong | incorrect
    | negative | no way
  | not [at all] | never | [no] (that is | "that's" | it is | this is) (wrong | incorrect | false | not
    (right | correct | true | it))
  | [no] (that | it | this) "isn't" (right | correct | true | it) | not (right | correct | true)
  | no (it is not | it "isn't" | i do not | i "don't" | i am not | not really)
  | i "don't" | not really | uh uh;"""


def digits(parameters: Parameters) -> str:
    """Digits one by one; ``double`` and ``triple`` where no length is asked for."""
    if parameters.values:
        return f"$digits = $digit{parameters.repeat()};\n{_DIGIT}"
    return f"$digits = ($digit | $repeated)<1->;\n{_DIGIT}\n{_repeated()}"


def _repeated() -> str:
    doubled = " | ".join(
        f"double ({names}) {{{value}}} {{{value}}} | triple ({names}) {{{value}}} {{{value}}} {{{value}}}"
        for value, names in enumerate(("zero | oh | o | nought", *_UNITS))
    )
    return f"$repeated = {doubled};"


def number(_parameters: Parameters) -> str:
    """Whole numbers, decimal fractions, a sign before them; also figure by figure."""
    return f"""$number = [$sign] ({{=whole}} $cardinal [$fraction] | [{{=whole}} (oh | o)] $fraction
  | {{=figures}} $digit<2-> [$fraction]);
$sign = {{=sign}} (minus {{-}} | negative {{-}} | plus {{+}} | positive {{+}});
$fraction = (point | dot) {{=fraction}} $digit<1->;
{_DIGIT}
{_NUMBERS}{_CARDINAL}"""


def currency(parameters: Parameters) -> str:
    """Amounts with their currency; ``dollars`` are those of the language's country, else USD."""
    return f"""$currency = $amount_of_main [[and] ({{=cents}} $n1_99 [$small] | (no | zero) $small)]
  | {{=cents}} $n1_99 $small_of_main | {{=whole}} $cardinal [(point | dot) {{=fraction}} $digit<1-2>]
  | {{=whole}} $n1_99 {{=cents}} ($n10_99 | (oh | o) $n1_9) [{{=unit}} $main]
  | {{=whole}} $cardinal (point | dot) {{=fraction}} $digit<1-2> {{=unit}} $main;
$amount_of_main = {{=whole}} ($cardinal | a {{1}}) {{=unit}} $main;
$main = $dollar | (euro | euros) {{EUR}} | (pound | pounds) [sterling] {{GBP}} | (yen) {{JPY}}
  | (yuan | renminbi | rmb) {{CNY}} | (rupee | rupees) {{INR}} | (swiss franc | swiss francs) {{CHF}} |
    $ambiguous
  | (us | "u s" | american) (dollar | dollars) {{USD}} | canadian (dollar | dollars) {{CAD}}
  | australian (dollar | dollars) {{AUD}} | hong kong (dollar | dollars) {{HKD}} | mexican (peso
    | pesos) {{MXN}};
$dollar = (dollar | dollars | buck | bucks) {{{_dollar_of(parameters.language)}}};
$ambiguous = peso | pesos | franc | francs | crown | crowns;
$small = cent | cents | penny | pennies | pence;
$small_of_main = (cent | cents | penny | pennies) {{=unit}} {{{_dollar_of(parameters.language)}}}
  | pence {{=unit}} {{GBP}} | (euro cent | euro cents) {{=unit}} {{EUR}};
{_DIGIT}
{_NUMBERS}{_CARDINAL}"""


def _dollar_of(language: str) -> str:
    country = language.partition("-")[2].upper()
    return {"CA": "CAD", "AU": "AUD", "NZ": "NZD", "SG": "SGD", "HK": "HKD"}.get(country, "USD")


def phone(_parameters: Parameters) -> str:
    """Figures one by one or doubled, ``eight hundred``, and an extension."""
    return f"""$phone = [plus] [area code] $figures [(extension | ext | x) {{=extension}} $figures];
$figures = ($digit | $repeated | $digit hundred {{0}} {{0}} | $digit thousand {{0}} {{0}} {{0}})<1->;
{_DIGIT}
{_repeated()}"""


def date(_parameters: Parameters) -> str:
    """A day, a month, a year, or those of them that are said; what is not said is ``?`` in the value."""
    months = " | ".join(f"{month} {{{index}}}" for index, month in enumerate(_MONTHS, 1))
    ordinals = f"{_words(_ORDINALS, 1)} | {_words(_ORDINAL_TEENS, 10)} | twentieth {{20}} | thirtieth {{30}}"
    later = " | ".join(
        f"{ten}{joint}{ordinal} {{{tens + unit}}}"
        for ten, tens, last in (("twenty", 20, 9), ("thirty", 30, 1))
        for unit, ordinal in enumerate(_ORDINALS[:last], 1)
        for joint in (" ", "-")
    )
    thirty_one = "thirty {30} one {1} | thirty-one {31} | thirty {30}"
    twenties = "twenty {20} [$n1_9] | " + " | ".join(
        f"twenty-{unit} {{{20 + value}}}" for value, unit in enumerate(_UNITS, 1)
    )
    figures = " | ".join(f"{day}{_ending(day)} {{{day}}}" for day in range(1, 32))
    weekdays = " | ".join(_WEEKDAYS)
    year_figures = " | ".join(f"{word} {{f{value}}}" for value, word in enumerate(("zero", *_UNITS)))
    return f"""$date = [$weekday [the]] $day_and_month [[of] $year] | $month [[of] [the year] $year]
  | [in] [the year] $year | [$weekday] [the] $ordinal_day;
$day_and_month = $month [the] ($ordinal_day | $cardinal_day) | [the] $ordinal_day [of] $month
  | [the] $cardinal_day [of] $month;
$weekday = [on] ({weekdays});
$month = {{=month}} ({months});
$ordinal_day = {{=day}} ({ordinals} | {later} | {figures});
$cardinal_day = {{=day}} ($n1_9 | $n10_19 | {twenties} | {thirty_one});
$year = {{=year}} ($century ($n10_99 | (oh | o | zero) $n1_9 | hundred)
  | $n1_9 thousand {{s1000}} [[and] ($n1_99 | $n1_9 hundred {{u100}} [[and] $n1_99])]
  | $year_figure<4>);
$century = $n10_19 {{u100}} | (twenty) {{20}} {{u100}} | twenty one {{21}} {{u100}};
$year_figure = {year_figures} | (oh | o) {{f0}};
{_NUMBERS}"""


def _ending(day: int) -> str:
    """How an ordinal ends that is written in figures."""
    return "th" if 10 <= day <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def time(_parameters: Parameters) -> str:
    """Times on the clock of twelve hours, with or without their half of the day, and on that of
    twenty-four.
    """
    hours_12 = " | ".join(
        f"{word} {{{value}}}" for value, word in enumerate((*_UNITS, "ten", "eleven", "twelve"), 1)
    )
    hours_24 = " | ".join(f"{word} {{{value}}}" for value, word in enumerate(_TEENS[3:], 13))
    twenties = " | ".join(
        [f"twenty{joint}{_UNITS[unit]} {{{21 + unit}}}" for unit in range(3) for joint in (" ", "-")]
    )
    joined = _joined(_TENS[:4])
    return f"""$time = [at] [about] ($said [$half] | $midday | $past [$half] | $h24);
$said = {{=hour}} $hour12 ["o'clock" | $minutes];
$past = half past {{=minute}} {{30}} {{=hour}} $hour12
  | [a] quarter (past | after) {{=minute}} {{15}} {{=hour}} $hour12
  | [a] quarter (to | of | till | before) {{=before}} {{15}} {{=hour}} $hour12
  | {{=minute}} $n1_59 [minute | minutes] (past | after) {{=hour}} $hour12
  | {{=before}} $n1_59 [minute | minutes] (to | of | till | before) {{=hour}} $hour12;
$midday = (noon | midday | twelve noon) {{=hour}} {{12}} {{=half}} {{p}} | (midnight
    | twelve midnight) {{=hour}} {{12}} {{=half}} {{a}};
$h24 = {{=hour}} $n1_9 hundred [hours] {{=half}} {{h}}
  | {{=hour}} $hour24 ($minutes | hundred [hours] | "o'clock" | hours) [hours] {{=half}} {{h}};
$minutes = {{=minute}} ($n10_59 | (oh | o | zero) $n1_9) [minute | minutes];
$half = {{=half}} ([in the] morning {{a}} | (a m | am | a.m) {{a}} | (p m | pm | p.m) {{p}} |
    [in the] afternoon {{n}}
  | ([in the] evening | tonight) {{e}} | at night {{e}} {{=night}});
$hour12 = {hours_12};
$hour24 = {hours_24} | twenty {{20}} | {twenties} | (zero | oh | o) (zero {{0}} | oh {{0}} | o {{0}} |
    $n1_9) | zero {{0}} | $hundred_hours;
$hundred_hours = ten {{10}} | eleven {{11}} | twelve {{12}};
$n10_59 = $n10_19 | $tens_to_50 [$n1_9] | {joined};
$n1_59 = $n1_9 | $n10_59;
$tens_to_50 = {_words(_TENS[:4], 20, 10)};
{_NUMBERS}"""


GRAMMARS = {
    "boolean": boolean,
    "digits": digits,
    "date": date,
    "currency": currency,
    "number": number,
    "phone": phone,
    "time": time,
}
