"""What a kind of matter asks beside words and place, and whether an answer will do.

The kinds of answers are those of Open311's service definitions.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from gezhi.rulebook.rules.naming import Named

DATATYPES = ("string", "number", "datetime", "text", "singlevaluelist", "multivaluelist")
LISTS = ("singlevaluelist", "multivaluelist")
# What one answer may hold, in characters.
LONGEST = {"string": 200, "number": 40, "datetime": 40, "text": 2000}
Given = Mapping[str, tuple[str, ...]]
Answers = dict[str, str | list[str]]

FAULTS = {
    "missing": _("必填"),
    "not_listed": _("不在可选的值里"),
    "not_number": _("应为数字"),
    "not_datetime": _("应为带时区的时间，例如 2026-11-22T09:00:00+08:00"),
    "too_long": _("太长"),
    "one_only": _("只能有一个值"),
}


@dataclass(frozen=True)
class Question(Named):
    """One question of a category. `values` are the answers of a list, by key.

    What is no `variable` asks nothing: words that are shown to whoever reports. `note` says how
    the answer is to be written.
    """

    code: str
    datatype: str = "string"
    required: bool = False
    variable: bool = True
    note: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """What is wrong with the answer to one question."""

    question: Question
    code: str

    def __str__(self) -> str:
        return f"{self.question.code} ({self.question.name}): {FAULTS[self.code]}"


# Asked by every kind of matter: where pictures of it lie elsewhere.
ALWAYS = (Question("图片链接", "Link to a picture", "media_url", "text"),)


def read_answers(questions: Iterable[Question], given: Given) -> tuple[Answers, list[Fault]]:
    """The answers as they are kept, and what is wrong; codes that nobody asked for are left out."""
    answers: Answers = {}
    faults: list[Fault] = []
    for one in questions:
        said = tuple(text for each in given.get(one.code, ()) if (text := each.strip()))
        code = _fault(one, said)
        if code:
            faults.append(Fault(one, code))
        elif said and one.variable:
            answers[one.code] = list(said) if one.datatype == "multivaluelist" else said[0]
    return answers, faults


def _fault(question: Question, said: tuple[str, ...]) -> str:
    if not question.variable:
        return ""
    if not said:
        return "missing" if question.required else ""
    if question.datatype in LISTS and not set(said) <= set(question.values):
        return "not_listed"
    if question.datatype == "multivaluelist":
        return ""
    if len(said) > 1:
        return "one_only"
    if len(said[0]) > LONGEST.get(question.datatype, len(said[0])):
        return "too_long"
    return _CHECKS.get(question.datatype, _anything)(said[0])


def _anything(text: str) -> str:
    return ""


def _number(text: str) -> str:
    try:
        return "" if isfinite(float(text)) else "not_number"
    except ValueError:
        return "not_number"


def _datetime(text: str) -> str:
    try:
        return "" if datetime.fromisoformat(text).tzinfo else "not_datetime"
    except ValueError:
        return "not_datetime"


_CHECKS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"number": _number, "datetime": _datetime}
)


def told(questions: Iterable[Question], answers: Answers) -> list[tuple[Question, str]]:
    """Each answer as people read it, with its question; the keys of a list by their words."""
    return [
        (one, "、".join(one.values.get(each, each) for each in _each(answers[one.code])))
        for one in questions
        if one.code in answers
    ]


def _each(answer: str | list[str]) -> list[str]:
    return [answer] if isinstance(answer, str) else answer
