"""Days that an answer promises: what "三日内", "月底前" or "下周五" means when it is said.

Words of festivals and of the lunar calendar are not guessed: what nobody can look up in a table of
official days is no day here.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gezhi.rulebook.errors import CalendarYearUnknown
from gezhi.rulebook.rules import Calendar, add_working_days

_NUMERALS = {sign: at for at, sign in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_FULL = str.maketrans("０１２３４５６７８９", "0123456789")
_WEEK = {sign: at for at, sign in enumerate("一二三四五六日")} | {"天": 6, "末": 6}
_N = r"(?:\d{1,3}|[一二两三四五六七八九十]{1,3}|半)"
_OF_YEAR = r"(?:(?P<year>20\d\d)年|(?P<which>今年|明年|本年度?)?)"
_PART = r"(?P<part>初|上旬|中旬|下旬|底|末)"
# Of what is said in a clause, what makes a day in it something that is still to come.
_WILL = re.compile(
    r"(?<![现已即特])将(?=于|在|会|对|由|继续|按|组织|安排|进行|陆续|全面|全部|完成|开|启动|建|力|尽|采|从|[今明]年)"
    r"|预计|力争|争取|确保|保证(?!金)|承诺|会在|(?<!决)定于|有望|预期"
)
_PLANS = re.compile(r"计划(?!生育|单列|外|书)")
_DONE_BY = re.compile(
    r"完成|办结|修|答复|回复|开通|竣工|解决|到位|拆除|启动|开工|整改|清理|清运|安装|通车|交付|建成|处理|疏通|更换|投入使用|恢复|办好|告诉|联系"
)
_BY = re.compile(r"\s*(?:之前|以前|前|之内|以内|内)(?!后|往|任|期|述|者|容|来|已)")
_IS_OVER = re.compile(
    r"已|了(?!解)|曾|此前|截至|截止|当时|收到|接到|发布|印发|反映|来信|来电|留言|投诉|公布|核发|取得|通知》|下发|原(?:计划|定|预计)|责令|未履行|为确保|为保证"
)
# A term of the law is no promise of whoever answers.
_OF_LAW = re.compile(
    r"复议|诉讼|起诉|上诉|申诉|仲裁|规定|条例|办法|应当|应在|应于|不得|依法|如有|逾期|申请|收费|须|需|保修|合同|协议|约定"
)
_CLAUSE = "，,。；;：:！!？?\n\u3000"
_LONGEST_CLAUSE = 40


@dataclass(frozen=True)
class Said:
    """A day that the words from `start` to `end` name.

    `is_promise`: something is to be by then. `is_ahead`: it is told as what is still to come, and
    not only as a plan or a term, which may be of long ago.
    """

    start: int
    end: int
    day: date
    is_promise: bool
    is_ahead: bool


_Reader = Callable[[re.Match[str], date], date | None]


def number_of(words: str) -> float:
    """三 is 3, 十五 is 15, 二十 is 20, 半 is a half."""
    if words == "半":
        return 0.5
    if words.isdecimal():
        return int(words)
    tens, ten, ones = words.rpartition("十")
    if not ten:
        return _NUMERALS[ones[-1]]
    return 10 * (_NUMERALS[tens[-1]] if tens else 1) + (_NUMERALS[ones[-1]] if ones else 0)


def _end_of_month(year: int, month: int) -> date:
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, monthrange(year, month)[1])


def _in_month(year: int, month: int, part: str | None) -> date:
    """The last day of a part of a month; of all of it without one."""
    end = _end_of_month(year, month)
    days = {"初": 10, "上旬": 10, "中旬": 20}
    return end.replace(day=days[part]) if part in days else end


def _year(found: re.Match[str], today: date, month: int) -> int:
    """The year that is said; without one that in which the month is nearest."""
    if found["year"]:
        return int(found["year"])
    if found["which"]:
        return today.year + (found["which"] == "明年")
    return today.year + (today.month - month > 6) - (month - today.month > 9)


def _full(found: re.Match[str], today: date) -> date | None:
    month, day = int(found["month"]), int(found["day"])
    try:
        return date(_year(found, today, month), month, day)
    except ValueError:
        return None  # 2月30日 is no day; nobody guesses which one was meant


def _month(found: re.Match[str], today: date) -> date | None:
    month = int(number_of(found["month"]))
    return _in_month(_year(found, today, month), month, found["part"]) if month <= 12 else None


def _this_month(found: re.Match[str], today: date) -> date | None:
    ahead = 1 if (found["which"] or "").startswith("下") else 0
    end = _end_of_month(today.year, today.month + ahead)
    if found["day"]:
        day = int(found["day"])
        return end.replace(day=day) if 0 < day <= end.day else None
    return _in_month(end.year, end.month, found["part"])


def _of_year(found: re.Match[str], today: date) -> date | None:
    year = int(found["year"]) if found["year"] else today.year
    year += (found["which"] or "") == "明年"
    return date(year, 6, 30) if "上半年" in found[0] else date(year, 12, 31)


def _quarter(found: re.Match[str], today: date) -> date | None:
    quarter = int(number_of(found["quarter"]))
    return _end_of_month(_year(found, today, quarter * 3), quarter * 3) if quarter < 5 else None


def _weekday(found: re.Match[str], today: date) -> date | None:
    """下周五 is that of the next week; 周五 alone is the next one that comes."""
    which, named = found["which"] or "", found["day"]
    at = _WEEK[named] if named else 6
    monday = today - timedelta(days=today.weekday())
    if which:
        return monday + timedelta(days=at + 7 * which.count("下"))
    ahead = (at - today.weekday()) % 7
    return today + timedelta(days=ahead)


def _day(found: re.Match[str], today: date) -> date | None:
    ahead = {"今": 0, "当": 0, "明": 1, "后": 2}
    return today + timedelta(days=ahead[found["which"]])


def _span(found: re.Match[str], today: date) -> date | None:
    number, unit = number_of(found["number"]), found["unit"]
    if unit == "月":
        if number == 0.5:
            return today + timedelta(days=15)
        end = _end_of_month(today.year, today.month + int(number))
        return end.replace(day=min(today.day, end.day))
    hours = {"小时": 1, "天": 24, "日": 24, "周": 168, "星期": 168, "年": 8760}[unit]
    return today + timedelta(days=-(-int(number * hours) // 24))


_WITHIN = r"(?P<by>\s*(?:之内|以内|内))"  # 三天前 is over
_KINDS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (re.compile(rf"{_OF_YEAR}(?<!\d)(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})[日号]"), _full),
    (re.compile(rf"{_OF_YEAR}(?<![\d\-—~至、])(?P<month>\d{{1,2}}|[一二三四五六七八九十]{{1,2}}(?=月(?!之?内|以内)))月份?{_PART}?"
                rf"(?!\d|[一二三四五六七八九十]{{1,2}}[日号])"), _month),
    (re.compile(rf"(?P<which>本月|这个月|下个?月)(?:(?P<day>\d{{1,2}})[日号]|{_PART})?"),
     _this_month),
    (re.compile(r"(?P<which>)(?P<day>)(?<![年月\d一二三四五六七八九十个每])月(?P<part>底|末)"),
     _this_month),
    (re.compile(r"(?:(?P<year>20\d\d)年|(?P<which>今年|明年|本年度?))年?(?:上半年|下半年|底|内|末)"
                r"|(?<![\d每往上去])(?:上半年|下半年|年底|年内|年末)"), _of_year),
    (re.compile(rf"{_OF_YEAR}第?(?P<quarter>[一二三四1234])季度[末底]?"), _quarter),
    (re.compile(r"(?P<which>本|这个?|下下?个?)?(?<![每\d一二两三四五六七八九十半])(?:周|星期|礼拜)"
                r"(?P<day>[一二三四五六日天末])(?!次|期|边|围)"),
     _weekday),
    (re.compile(r"(?P<which>本|这|下下?)个?(?:周|星期|礼拜)(?P<day>)(?![一二三四五六日天末])"),
     _weekday),
    (re.compile(r"(?P<which>[今明后当])[天日](?!然|常)"), _day),
    (re.compile(rf"(?<![\d第近前每后起一二三四五六七八九十])(?P<number>{_N})个?"
                rf"(?P<unit>小时|天|日|周|星期|月|年){_WITHIN}(?!容)"), _span),
)  # fmt: skip
_WORKING = re.compile(
    rf"(?<![\d第近后起])(?P<number>{_N})个?工作[日天](?P<by>\s*(?:之内|以内|内|后))?"
)


def days_said(text: str, *, now: datetime, calendar: Calendar) -> list[Said]:
    """Every day that the text names, in order; each stretch of words is read once."""
    plain, today = text.translate(_FULL), calendar.local_date(now)
    taken: list[Said] = []
    for found, day in [*_working(plain, now, calendar), *_others(plain, today)]:
        if day is None or any(found.start() < one.end and one.start < found.end() for one in taken):
            continue
        start, end = found.span()
        if by := _BY.match(plain, end):
            end = by.end()
        is_by = by is not None or bool(found.groupdict().get("by"))
        taken.append(Said(start, end, day, *_is_to_come(plain, start, end, is_by=is_by)))
    return sorted(taken, key=lambda one: one.start)


def _others(text: str, today: date) -> Iterator[tuple[re.Match[str], date | None]]:
    for pattern, read in _KINDS:
        for found in pattern.finditer(text):
            yield found, read(found, today)


def _working(
    text: str, now: datetime, calendar: Calendar
) -> Iterator[tuple[re.Match[str], date | None]]:
    for found in _WORKING.finditer(text):
        try:
            end = add_working_days(now, int(number_of(found["number"])), calendar)
        except CalendarYearUnknown:
            continue  # nobody has said yet which days are worked on
        yield found, calendar.local_date(end)


def _is_to_come(text: str, start: int, end: int, *, is_by: bool) -> tuple[bool, bool]:
    """Whether something is to be by then, and whether the clause says that it is still to come."""
    before, after = _clause(text, start, end)
    clause = before + text[start:end] + after
    if _OF_LAW.search(clause) or _IS_OVER.search(clause):
        return False, False
    is_ahead = bool(_WILL.search(clause)) or before.endswith(("将", "会"))
    is_due = is_by and bool(_DONE_BY.search(clause))
    return is_ahead or is_due or bool(_PLANS.search(clause)), is_ahead


def _clause(text: str, start: int, end: int) -> tuple[str, str]:
    first, last = start, end
    while first > max(0, start - _LONGEST_CLAUSE) and text[first - 1] not in _CLAUSE:
        first -= 1
    while last < min(len(text), end + _LONGEST_CLAUSE) and text[last] not in _CLAUSE:
        last += 1
    return text[first:start], text[end:last]
