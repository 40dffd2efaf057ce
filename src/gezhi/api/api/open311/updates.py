"""The update extension: what became of requests, and what their reporters add, both ways."""

from collections.abc import Collection, Iterable

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from gezhi.api import errors
from gezhi.api.api.open311.answering import Given, More, asked, check_jurisdiction, program
from gezhi.api.api.open311.pictures import own_address
from gezhi.api.api.open311.reporting import Sent, plain_words, read_sent
from gezhi.api.api.open311.requests import knows_whole, told_by
from gezhi.api.rules import asking
from gezhi.api.rules import updates as rules
from gezhi.api.rules.trees import Many, Tree
from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.masking import mask_text
from gezhi.cases import actions, reads
from gezhi.cases import rules as case_rules
from gezhi.cases.models import Case, HistoryLine
from gezhi.cases.rules.moves import Act
from gezhi.cases.rules.open_data import Wanted
from gezhi.people import reads as people
from gezhi.record import actions as record
from gezhi.record.errors import KeyReused
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book


def updates(request: HttpRequest) -> Given | More:
    """The oldest first, so that who comes again with the last moment it has seen misses nothing."""
    args = asked(request)
    check_jurisdiction(args)
    who = told_by(request, args)
    found = reads.open_cases(county=settings.COUNTY, told_by=who)
    since, until = asking.read_range(args, clock.now())
    part = asking.read_part(args, "updates")
    args.must_be_right()
    told = reads.updates(
        found, since, until, county=settings.COUNTY,
        start=part.start, most=part.most, after=part.after,
    )  # fmt: skip
    book = rulebook.current(settings.COUNTY)
    pictures = reads.shown_pictures(line for line, _case in told)
    is_whole = knows_whole((case for _line, case in told), who)

    def media(line: HistoryLine, case: Case) -> str:
        """Where the picture of the work lies: as anybody's, or for its own program alone."""
        file = pictures.get(line.id)
        if file is None or not is_whole(case):
            return ""
        if case.is_public:
            return request.build_absolute_uri(reverse("portal:file", args=[file]))
        return own_address(request, file)

    mains = _public_mains(line for line, _case in told)
    rows = tuple(
        _update(line, case, book, is_whole(case), media(line, case), mains) for line, case in told
    )
    given = "service_request_updates", Many("request_update", rows)
    if len(told) < part.most:
        return given
    last, _case = told[-1]
    return More(given, asking.cursor_behind((last.at, last.id), "updates"))


def _public_mains(lines: Iterable[HistoryLine]) -> set[str]:
    """Of the cases that others were merged into, the numbers that anybody may read."""
    numbers = {str(line.data.get("main", "")) for line in lines if line.act == Act.MERGE}
    if not numbers:
        return set()
    found = reads.open_cases(county=settings.COUNTY, wanted=Wanted(numbers=tuple(numbers)))
    return set(reads.rows_of(found).values_list("number", flat=True))


def _update(
    line: HistoryLine, case: Case, book: Book, is_whole: bool, media: str, mains: Collection[str]
) -> Tree:
    is_told = is_whole and case_rules.are_words_for("", act=line.act, actor=line.actor)
    outcome = str(line.data.get("outcome", "")) or case.outcome
    known = book.outcomes.get(outcome)
    status = rules.status_after(
        line.act, line.state, outcome, is_solved=bool(known and known.is_solved)
    )
    words = mask_text(line.words) if is_told else ""
    words = words or str(case_rules.ACT_NAMES[Act(line.act)])
    main = line.data.get("main") if is_whole and line.act == Act.MERGE else None
    if main in mains:
        words = _("%(words)s（并入 %(number)s）") % {"words": words, "number": main}
    return {
        "update_id": str(line.id),
        "service_request_id": case.number,
        "status": status,
        "description": words,
        "updated_datetime": line.at,
        "media_url": media or None,
        "external_status_code": line.act,
    }


def update(request: HttpRequest) -> Given:
    """What whoever reported adds, told by the program that reported it; once for each id."""
    sent = read_sent(request)
    actor = program(request, sent.args.get("api_key"))
    check_jurisdiction(sent.args)
    sent.needs("service_request_id", "update_id", "updated_datetime", "status", "description")
    number, id = sent.text("service_request_id"), _id(sent)
    moment, status = asking.read_past(sent.args, "updated_datetime", clock.now()), _status(sent)
    # The words, and where pictures of it lie: those of an update nobody fetches.
    words = "\n".join([plain_words(sent), *sent.all("media_url")])
    sent.args.must_be_right()
    own = people.labels_of_program(actor)
    case = reads.told_case(number, county=settings.COUNTY, told_by=own)
    if case is None:
        raise errors.NoSuchThing(name="service_request_id")

    def do() -> tuple[int, dict[str, str]]:
        _take(case, status, words)
        return 200, {"update_id": id}

    # As it was read: the same however it was written, by whichever key it comes again.
    read = repr((number, moment, status, words)).encode()
    try:
        record.once(f"update:{id}", request=read, do=do, actor=actor, now=clock.now())
    except KeyReused as error:
        why = _("这个编号已用于内容不同的另一条更新，请换一个新的。")
        raise errors.ArgumentWrong(name="update_id", why=why) from error
    return "service_request_updates", Many("request_update", ({"update_id": id},))


def _id(sent: Sent) -> str:
    id = sent.text("update_id", 100)
    if not id.isprintable():
        sent.args.is_wrong("update_id", _("只能用能显示的字符。"))
    return id


def _status(sent: Sent) -> str:
    status = sent.text("status").lower()
    if status and status not in rules.STATUSES:
        why = _("只能是 %(known)s。") % {"known": " ".join(rules.STATUSES).upper()}
        sent.args.is_wrong("status", why)
    return status


def _take(case: Case, status: str, words: str) -> None:
    [own] = [each for each in reads.reports_of(case) if each.is_first]
    voice = Actor(label=f"report:{own.id}", kind="resident", proven=frozenset({own.id}))
    asked_ = reads.open_question(case, "question")
    act = rules.act_for(status, case.state, is_asked=asked_ is not None)
    if act == Act.WITHDRAW:
        actions.withdraw(case.id, words=words, actor=voice)
    elif act == Act.REOPEN:
        actions.reopen(case.id, reason="not_solved", words=words, actor=voice)
    elif act == Act.ANSWER:
        actions.answer(case.id, words=words, actor=voice)
    else:
        # The reporter's words, erased with them. The house notes it: reporters have no post.
        actions.note(case.id, words=words, actor=Actor(label=voice.label, kind="system"))
