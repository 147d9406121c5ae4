"""The builtin grammars for voice in Mandarin (VoiceXML 2.0 appendix P), as ABNF text.

Han characters are words of their own to the matcher, so it does not matter where blanks stand in an input.
"""

from __future__ import annotations

from vxmlplat.grammar.builtins.parameters import Parameters

_FIGURES = "〇零一二三四五六七八九"

_DIGIT = (
    "$digit = "
    + " | ".join(f"{figure} {{{max(0, index - 1)}}}" for index, figure in enumerate(_FIGURES))
    + " | 幺 {1} | 两 {2} | "
    + " | ".join(f"{digit} {{{digit}}}" for digit in range(10))
    + ";"
)

_NUMBERS = """
$d1_9 = 一 {1} | 二 {2} | 两 {2} | 三 {3} | 四 {4} | 五 {5} | 六 {6} | 七 {7} | 八 {8} | 九 {9};
$n1_99 = $d1_9 | [$d1_9] 十 {u10} [$d1_9];
$z1_99 = $d1_9 十 {u10} [$d1_9] | (零 | 〇) $d1_9 | (零 | 〇) 十 {u10} [$d1_9];
$n1_999 = $n1_99 | $d1_9 百 {u100} [$z1_99 | $d1_9 {x10}];
$n1_9999 = $n1_999 | $d1_9 千 {u1000} [$d1_9 百 {u100} [$z1_99 | $d1_9 {x10}] | (零 | 〇) $n1_99 |
    $d1_9 {x100}];
$z1_9999 = $d1_9 千 {u1000} [$d1_9 百 {u100} [$z1_99 | $d1_9 {x10}] | (零 | 〇) $n1_99 | $d1_9 {x100}]
  | (零 | 〇) $n1_999;
$below_yi = $n1_9999 | $n1_9999 万 {s10000} [$z1_9999 | $d1_9 {x1000}];
$cardinal = 零 {0} | 〇 {0} | $below_yi | $n1_9999 亿 {s100000000} [[零 | 〇] $below_yi];
"""


def boolean(_parameters: Parameters) -> str:
    """Affirmative and negative phrases."""
    return """$boolean = $yes [$particle] {true} | $no [$particle] {false};
$particle = 的 | 了 | 啊 | 呀 | 吧 | 谢谢;
$yes = 是 | 是是 | 对 | 对对 | 好 | 行 | 可以 | 没错 | 正确 | 确定 | 确认 | 同意 | 要 | 需要 | 嗯 | 当然
    | 没问题 | 有 | 真 | 是这样;
$no = 不 | 不是 | 不对 | 不好 | 不行 | 不可以 | 不要 | 不用 | 不需要 | 不正确 | 不确定 | 不同意 | 错
    | 错误 | 否 | 没有 | 假 | 取消 | 别
  | 不是这样;"""


def digits(parameters: Parameters) -> str:
    """Digits one by one; 幺 is one."""
    return f"$digits = $digit{parameters.repeat()};\n{_DIGIT}"


def number(_parameters: Parameters) -> str:
    """Whole numbers, decimal fractions, a sign before them; also figure by figure."""
    return f"""$number = [$sign] ({{=whole}} $cardinal [$fraction] | {{=figures}} $digit<2-> [$fraction]);
$sign = {{=sign}} ((负 | 零下) {{-}} | 正 {{+}});
$fraction = 点 {{=fraction}} $digit<1->;
{_DIGIT}{_NUMBERS}"""


def currency(_parameters: Parameters) -> str:
    """Amounts with 元 or 块, 角 or 毛, 分, and in other currencies."""
    return f"""$currency = [人民币 {{=unit}} {{CNY}}] $amount | $foreign_amount
  | {{=whole}} $cardinal [$fraction];
$amount = {{=whole}} $cardinal $yuan [$rest] | $small | {{=whole}} $cardinal $fraction $yuan;
$yuan = {{=unit}} (元 | 块 | 圆) [钱 | 整 | 人民币] {{CNY}};
$rest = {{=tenths}} $d1_9 [(角 | 毛) [钱]] | {{=tenths}} $d1_9 (角 | 毛) [零] {{=cents}} $d1_9 [分] [钱]
  | [零] {{=cents}} $d1_9 分 [钱];
$small = {{=tenths}} $d1_9 (角 | 毛) [{{=cents}} $d1_9 [分]] [钱] {{=unit}} {{CNY}} | {{=cents}} $n1_99 分
    [钱] {{=unit}} {{CNY}};
$foreign_amount = {{=whole}} $cardinal [$fraction] {{=unit}} $foreign [{{=cents}} $n1_99 (美分 | 分)];
$foreign = (美元 | 美金) {{USD}} | 欧元 {{EUR}} | 英镑 {{GBP}} | (日元 | 日圆) {{JPY}} | (港币
    | 港元) {{HKD}} | 加元 {{CAD}} | 澳元 {{AUD}}
  | (台币 | 新台币) {{TWD}} | 韩元 {{KRW}} | 瑞士法郎 {{CHF}};
$fraction = 点 {{=fraction}} $digit<1-2>;
{_DIGIT}{_NUMBERS}"""


def phone(_parameters: Parameters) -> str:
    """Figures one by one, and an extension."""
    return f"""$phone = [区号] $digit<1-> [(转 | 分机 | 转分机) [号] {{=extension}} $digit<1->];
{_DIGIT}"""


def date(_parameters: Parameters) -> str:
    """A year, a month, a day, or those of them that are said; what is not said is ``?`` in the value."""
    figures = " | ".join(f"{figure} {{f{max(0, index - 1)}}}" for index, figure in enumerate(_FIGURES))
    ascii_figures = " | ".join(f"{digit} {{f{digit}}}" for digit in range(10))
    return f"""$date = [公元] $year [$month [$day]] [$weekday] | $month [$day] [$weekday] | $day [$weekday];
$year = {{=year}} ($year_figure<4> | $d1_9 千 {{u1000}} [$d1_9 百 {{u100}} [$z1_99] | (零 | 〇) $n1_99]) 年;
$year_figure = {figures} | {ascii_figures};
$month = {{=month}} ($d1_9 | 十 {{u10}} [一 {{1}} | 二 {{2}}]) 月 [份];
$day = {{=day}} ($d1_9 | [二 {{2}}] 十 {{u10}} [$d1_9] | 三 {{3}} 十 {{u10}} [一 {{1}}]) (日 | 号);
$weekday = (星期 | 礼拜 | 周) (一 | 二 | 三 | 四 | 五 | 六 | 日 | 天);
{_NUMBERS}"""


def time(_parameters: Parameters) -> str:
    """Times on the clock of twelve hours, with or without their part of the day, and on that of
    twenty-four.
    """
    return f"""$time = [$half] $clock;
$clock = $hour $sign [钟 | 整] | $hour $sign $minutes | 差 $before $hour $sign | $hour $sign 差 $before;
$sign = 点 | 时;
$half = {{=half}} ((上午 | 早上 | 早晨 | 凌晨 | 清晨) {{a}} | 下午 {{p}} | 中午 {{n}} | (晚上 | 傍晚
    | 夜里 | 夜间 | 半夜) {{e}} {{=night}});
$hour = {{=hour}} ($d1_9 | 零 {{0}} | 〇 {{0}} | 十 {{u10}} [$d1_9] | (二 {{2}} | 两 {{2}}) 十 {{u10}}
    [一 {{1}} | 二 {{2}} | 三 {{3}}]);
$minutes = {{=minute}} (半 {{30}} | 一刻 {{15}} | 三刻 {{45}} | [过] $n1_59 [分] [钟] | (零 | 〇) $d1_9 [分]);
$before = {{=before}} ($n1_59 分 | 一刻 {{15}});
$n1_59 = $d1_9 | [$d1_5] 十 {{u10}} [$d1_9];
$d1_5 = 一 {{1}} | 二 {{2}} | 三 {{3}} | 四 {{4}} | 五 {{5}};
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
