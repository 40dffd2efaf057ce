"""A program reports for somebody: what it sends becomes a case like every other."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gezhi.api import errors
from gezhi.api.api.open311.answering import (
    Given,
    asked,
    check_jurisdiction,
    must_be_named,
    program,
)
from gezhi.api.rules import asking
from gezhi.api.rules.asking import Args
from gezhi.api.rules.trees import Many, clean_text
from gezhi.base.api import Answer
from gezhi.base.masking import is_mail
from gezhi.cases import actions, reads
from gezhi.cases.actions import Contact, Upload, Where
from gezhi.cases.errors import AnswersWrong
from gezhi.cases.rules.moves import State
from gezhi.exchange import actions as exchange
from gezhi.record.api import answer_once
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Category, read_answers

LONGEST = 4000
_MOST_OF_FIELD = 2000
_LEAST_OF_PHONE = 5  # digits; the rest is written as each country does
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_ATTRIBUTE = re.compile(r"attribute\[([^\[\]]+)\](?:\[\])?")
_MARKUP = re.compile(r"</?[A-Za-z!][^<>]{0,2000}>")
_URL = re.compile(r"https?://\S{1,1900}")
_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Sent:
    """The fields of a form; an empty one is an absent one. `args` has the last of each name."""

    fields: Mapping[str, tuple[str, ...]]

    @cached_property
    def args(self) -> Args:
        return Args({name: values[-1] for name, values in self.fields.items()})

    def text(self, name: str, most: int = _MOST_OF_FIELD) -> str:
        found = self.args.get(name)
        if len(found) > most:
            why = _("最多 %(most)s 字，现在有 %(length)s 字。")
            self.args.is_wrong(name, why % {"most": most, "length": len(found)})
        return found

    def all(self, name: str) -> tuple[str, ...]:
        return self.fields.get(name, ())

    def needs(self, *names: str) -> None:
        missing = (name for name in names if not self.all(name))
        self.args.faults.extend(errors.ArgumentMissing(name=name) for name in missing)


def read_sent(request: HttpRequest) -> Sent:
    """The form, where the key stands, too: so what is none is said before the key is missed."""
    if request.content_type not in _FORMS and request.body:
        wanted = _("表单（application/x-www-form-urlencoded 或者 multipart/form-data）")
        raise errors.MediaTypeWrong(wanted=wanted)
    fields = {
        name: tuple(text for each in values if (text := clean_text(str(each)).strip()))
        for name, values in request.POST.lists()
    }
    return Sent({name: values for name, values in fields.items() if values})


def report(request: HttpRequest) -> Given:
    """The key is looked at before anything else; then service, place and answers, all of them."""
    sent = read_sent(request)
    actor = program(request, sent.args.get("api_key"))
    check_jurisdiction(sent.args)
    kinds, code = rulebook.current(settings.COUNTY).categories, _code(sent)
    where, contact, words = _where(sent), _contact(sent), plain_words(sent)
    account, answers = sent.text("account_id"), _answers(sent, kinds.get(code))
    sent.args.must_be_right()
    kind = kinds[code]
    what = words or kind.name_in(get_language() or "")  # the service's name stands for them
    files = tuple(
        Upload(file.name or "photo", file.read())
        for name in request.FILES
        for file in request.FILES.getlist(name)
    )

    def do() -> Answer:
        made = actions.report(
            county=settings.COUNTY,
            what=what,
            where=where,
            channel="open311",
            contact=contact,
            uploads=files,
            category=code,
            answers=answers,
            actor=actor,
        )
        exchange.ask_for_pictures(made.case)
        return Answer(_first_answer(made, kind, account))

    # As it was read: the same however it was written, by whichever key it comes again.
    read = repr((code, where, contact, words, account, sorted(answers.items())))
    whole = [read.encode(), *(file.data for file in files)]
    kept = json.loads(answer_once(request, do, sent=whole).content)
    return "service_requests", Many("request", (kept,))


def _code(sent: Sent) -> str:
    sent.needs("service_code")
    code = sent.text("service_code")
    if code and code not in rulebook.current(settings.COUNTY).categories:
        sent.args.faults.append(errors.NoSuchThing(name="service_code"))
    return code


def _where(sent: Sent) -> Where:
    """A point in WGS-84, an address, or the id of an area as `address_id` of a request has it."""
    lat = asking.read_number(sent.args, "lat", -90, 90)
    lon = asking.read_number(sent.args, "long", -180, 180)
    if sent.all("lat") or sent.all("long"):
        sent.needs("lat", "long")
    address, area = sent.text("address_string", 200), sent.text("address_id", 15)
    if not (sent.all("lat") or sent.all("long") or address or area):
        name = _("lat+long、address_string 或者 address_id")
        sent.args.faults.append(errors.ArgumentMissing(name=name))
    return Where(lon=lon, lat=lat, place=address, path=area)


def _contact(sent: Sent) -> Contact:
    """Whom to reach; an e-mail is an address as good as any."""
    first, last = sent.text("first_name", 40), sent.text("last_name", 40)
    is_han = bool(_HAN.search(first + last))
    name = f"{last}{first}" if is_han else f"{first} {last}".strip()
    phone, mail = sent.text("phone", 40), sent.text("email", 200)
    if phone and sum(map(str.isdecimal, phone)) < _LEAST_OF_PHONE:
        sent.args.is_wrong("phone", _("这不像电话号码，请检查一下，或者留空。"))
    if mail and not is_mail(mail):
        sent.args.is_wrong("email", _("应写成 name@example.org 的样子，或者留空。"))
    return Contact(name=name, phone=phone, address=mail)


def plain_words(sent: Sent) -> str:
    """The description without marks of HTML."""
    return _MARKUP.sub("", sent.text("description", LONGEST)).strip()


def _answers(sent: Sent, kind: Category | None) -> dict[str, tuple[str, ...]]:
    """What answers the questions of a service; what is wrong with them stands beside the rest."""
    answers: dict[str, tuple[str, ...]] = {}
    for name, values in sent.fields.items():
        if (found := _ATTRIBUTE.fullmatch(name)) and found[1] != "media_url":
            answers[found[1]] = answers.get(found[1], ()) + values
    _kept, faults = read_answers(kind.asks if kind else (), answers)
    if faults:
        sent.args.faults.append(AnswersWrong(faults))
    links = sent.all("media_url")
    if any(not _URL.fullmatch(link) for link in links):
        sent.args.is_wrong("media_url", _("应为 http(s) 网址。"))
    if links:
        answers["media_url"] = ("\n".join(links),)
    return answers


def _first_answer(made: actions.Reported, kind: Category, account: str) -> dict[str, str]:
    """A number, a token, or neither; what the reporter needs to follow it stands in the notice."""
    notice = _("编号 %(number)s，查询码 %(code)s：凭这两样可以查看进展、评价结果。")
    found = {
        "realtime": {"service_request_id": made.case.number},
        "batch": {"token": _token_of(made.case.id)},
        "blackbox": {},
    }[kind.service_type]
    found["service_notice"] = notice % {"number": made.case.number, "code": made.code}
    return {**found, "account_id": account} if account else found


def _signer() -> Signer:
    return Signer(salt="gezhi.open311.token", sep=".")


def _token_of(case: UUID) -> str:
    return _signer().sign(case.hex)


def token(request: HttpRequest, token: str = "") -> Given:
    """The number, once the centre has taken the report up; nothing in its place until then."""
    args = asked(request)
    check_jurisdiction(args)
    must_be_named("token", token)
    try:
        found = reads.cases_behind([UUID(_signer().unsign(token))])
    except (BadSignature, ValueError):
        found = []
    if not found or found[0].county != settings.COUNTY:
        raise errors.NoSuchThing(name="token")
    case = found[0]
    number = None if case.state == State.REPORTED else case.number
    answer = {"service_request_id": number, "token": token}
    return "service_requests", Many("request", (answer,))
