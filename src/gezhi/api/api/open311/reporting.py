"""A program reports for somebody: what it sends becomes a case like every other."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
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
from gezhi.api.rules.trees import Many, clean_text
from gezhi.base.api import Answer
from gezhi.cases import actions, reads
from gezhi.cases.actions import Contact, Upload, Where
from gezhi.cases.rules.moves import State
from gezhi.exchange import actions as exchange
from gezhi.record.api import answer_once
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Category

LONGEST = 4000
_MOST_OF_FIELD = 2000
_ATTRIBUTE = re.compile(r"attribute\[([^\[\]]+)\](?:\[\])?")
_MARKUP = re.compile(r"</?[A-Za-z!][^<>]{0,2000}>")
_URL = re.compile(r"https?://\S{1,1900}")
_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Sent:
    """The fields of a report; an empty one is an absent one."""

    fields: Mapping[str, tuple[str, ...]]

    def text(self, name: str, most: int = _MOST_OF_FIELD) -> str:
        found = self.fields.get(name, ("",))[-1]
        if len(found) > most:
            why = _("最多 %(most)s 字，现在有 %(length)s 字。")
            raise errors.ArgumentWrong(
                name=name, why=why % {"most": most, "length": len(found)}
            )  # fmt: skip
        return found

    def all(self, name: str) -> tuple[str, ...]:
        return self.fields.get(name, ())

    @property
    def content(self) -> bytes:
        """All that is sent but the key, which may be another when it is sent again."""
        fields = {name: values for name, values in self.fields.items() if name != "api_key"}
        return repr(sorted(fields.items())).encode()

    @property
    def plain(self) -> dict[str, str]:
        return {name: values[-1] for name, values in self.fields.items()}


def read_sent(request: HttpRequest) -> Sent:
    fields = {
        name: tuple(text for each in values if (text := clean_text(str(each)).strip()))
        for name, values in request.POST.lists()
    }
    return Sent({name: values for name, values in fields.items() if values})


def report(request: HttpRequest) -> Given:
    """The key is looked at before anything else; then place, service and answers."""
    sent = read_sent(request)
    actor = program(request, sent.plain.get("api_key", ""))
    check_jurisdiction(sent.plain)
    kind = _kind(sent)
    where, contact, what = _where(sent), _contact(sent), _what(sent, kind)
    answers = _answers(sent)
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
            category=kind.key,
            answers=answers,
            actor=actor,
        )
        exchange.ask_for_pictures(made.case)
        return Answer(_first_answer(made, kind, sent.text("account_id")))

    whole = [sent.content, *(file.data for file in files)]
    kept = json.loads(answer_once(request, do, sent=whole).content)
    return "service_requests", Many("request", (kept,))


def _kind(sent: Sent) -> Category:
    code = sent.text("service_code")
    if not code:
        raise errors.ArgumentMissing(name="service_code")
    kind = rulebook.current(settings.COUNTY).categories.get(code)
    if kind is None:
        raise errors.NoSuchThing(name="service_code")
    return kind


def _where(sent: Sent) -> Where:
    """A point in WGS-84, an address, or the id of an area as `address_id` of a request has it."""
    lat = asking.read_number(sent.plain, "lat", -90, 90)
    lon = asking.read_number(sent.plain, "long", -180, 180)
    if (lat is None) != (lon is None):
        raise errors.ArgumentMissing(name="lat" if lat is None else "long")
    address, area = sent.text("address_string", 200), sent.text("address_id", 15)
    if lat is None and not address and not area:
        raise errors.ArgumentMissing(name=_("lat+long、address_string 或者 address_id"))
    return Where(lon=lon, lat=lat, place=address, path=area)


def _contact(sent: Sent) -> Contact:
    """Whom to reach; an e-mail is an address as good as any."""
    first, last = sent.text("first_name", 40), sent.text("last_name", 40)
    is_han = bool(_HAN.search(first + last))
    name = f"{last}{first}" if is_han else f"{first} {last}".strip()
    return Contact(name=name, phone=sent.text("phone", 40), address=sent.text("email", 200))


def _what(sent: Sent, kind: Category) -> str:
    """The words; without any the name of the service stands for them."""
    return plain_words(sent) or kind.name_in(get_language() or "")


def plain_words(sent: Sent) -> str:
    """The description without marks of HTML."""
    return _MARKUP.sub("", sent.text("description", LONGEST)).strip()


def _answers(sent: Sent) -> dict[str, tuple[str, ...]]:
    answers: dict[str, tuple[str, ...]] = {}
    for name, values in sent.fields.items():
        if (found := _ATTRIBUTE.fullmatch(name)) and found[1] != "media_url":
            answers[found[1]] = answers.get(found[1], ()) + values
    links = sent.all("media_url")
    if any(not _URL.fullmatch(link) for link in links):
        raise errors.ArgumentWrong(name="media_url", why=_("应为 http(s) 网址。"))
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
