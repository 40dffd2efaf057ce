"""Deliveries by mail through a real server on loopback: one by one, gathered, held, refused."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from typing import Any

import pytest
from django.conf import LazySettings

from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.notices import actions, jobs, rules
from gezhi.notices.models import AddressCheck, Delivery
from gezhi.notices.rules import Channel, State
from gezhi.notices.tests.sending import ordinary, send, tell
from gezhi.notices.tests.telling import MailServer, code_in, mail_server
from gezhi.people import actions as people
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.actions import apply_book
from tests.cast import COUNTY, TUESDAY, County, report_leak


@pytest.fixture
def post_office(settings: LazySettings) -> Iterator[MailServer]:
    """A mail server that the settings name."""
    with mail_server() as found:
        settings.MAIL = f"smtp+plain://127.0.0.1:{found.port}"
        settings.MAIL_FROM = "朔渭县综治中心 <gezhi@example.org>"
        yield found


def with_mail(county: County, login: str, post_office: MailServer, **more: Any) -> None:
    """They give their address and type in the code that comes."""
    actor = county.actor(login)
    actions.choose(mail=f"{login}@example.org", wants_mail=True, actor=actor, **more)
    jobs.send_code(str(AddressCheck.objects.latest("asked_at").id))
    actions.confirm(Channel.MAIL, code_in(post_office.mails.pop()), actor=actor)


def test_mail_is_handed_over_with_subject_sender_and_a_key_of_its_own(
    county: County, post_office: MailServer, handled: Case
) -> None:
    mailed_rulebook(digest=False)
    with_mail(county, "shui", post_office)
    tell()
    row = Delivery.objects.get(channel="mail")
    assert send(row).state == State.SENT
    mail = message_from_bytes(post_office.mails[0].encode())
    assert str(make_header(decode_header(mail["From"]))) == "朔渭县综治中心 <gezhi@example.org>"
    assert mail["To"] == "shui@example.org"
    assert str(make_header(decode_header(mail["Subject"]))) == f"新事项 {handled.number}"
    assert mail["Message-ID"] == f"<{row.bundle}@example.org>"
    body = mail.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert row.words in body.decode()


def mailed_rulebook(*, digest: bool) -> None:
    """A rulebook in force that tells holders by mail too, gathered or at once."""
    files = rulebook.default_files()
    head, first, rest = files["notices.toml"].split("[quiet]")[0].partition("[[template]]")
    mail = (
        '[[template]]\nevent = "assigned"\naudience = "holder"\nchannels = ["mail"]\n'
        'subject = "新事项 {number}"\ntext = "请签收 {number}"\n'
    )
    gathered = '[digest]\nchannels = ["mail"]\nat = ["15:00"]\nevents = ["assigned"]\n'
    files["notices.toml"] = head + mail + first + rest + (gathered if digest else "")
    apply_book(files, county=COUNTY, note="mail to holders", actor=system("tests"))


def test_mail_to_one_account_within_the_window_goes_together(
    county: County, post_office: MailServer
) -> None:
    mailed_rulebook(digest=True)
    for login in ("shui", "shuiba"):
        with_mail(county, login, post_office)
    numbers = []
    for minutes in (0, 30, 90):
        with clock.standing_at(TUESDAY + timedelta(minutes=minutes)):
            case = report_leak().case
            cun = county.actor("cun")
            Case.objects.filter(pk=case.pk).update(is_urgent=False)
            cases.accept(case.id, category=ordinary(), actor=cun)
            cases.assign(case.id, unit=county.unit("dept-water"), actor=cun)
            numbers.append(case.number)
            tell()
    three = datetime(2026, 11, 17, 7, 0, tzinfo=UTC)  # 15:00 in the city
    rows = Delivery.objects.filter(channel="mail")
    assert {(row.state, row.due) for row in rows} == {(State.DIGESTED, three)}
    bundles = {row.bundle for row in rows}
    assert len(bundles) == 2, "one for each account"
    for bundle in bundles:
        with clock.standing_at(three):
            assert actions.send(bundle) == 3
    assert len(post_office.mails) == 2
    for mail in (message_from_bytes(each.encode()) for each in post_office.mails):
        assert str(make_header(decode_header(mail["Subject"]))) == "3 条通知"
        body = mail.get_payload(decode=True)
        assert isinstance(body, bytes)
        assert all(number in body.decode() for number in numbers)
    assert set(rows.values_list("state", flat=True)) == {State.SENT}


def test_a_digest_speaks_the_language_of_who_gets_it(
    county: County, post_office: MailServer
) -> None:
    mailed_rulebook(digest=True)
    with_mail(county, "shui", post_office)
    shui = county.accounts["shui"]
    people.change_account(shui.id, language="en", actor=county.actor("guan"))
    with clock.standing_at(TUESDAY):
        for _each in range(2):
            case = report_leak().case
            Case.objects.filter(pk=case.pk).update(is_urgent=False)
            cases.accept(case.id, category=ordinary(), actor=county.actor("cun"))
            cases.assign(case.id, unit=county.unit("dept-water"), actor=county.actor("cun"))
        tell()
    send(Delivery.objects.filter(channel="mail")[0])
    (mail,) = (message_from_bytes(each.encode()) for each in post_office.mails)
    assert str(make_header(decode_header(mail["Subject"]))) == "2 notices"


def test_own_quiet_hours_hold_mail_too(county: County, post_office: MailServer) -> None:
    mailed_rulebook(digest=False)
    with_mail(county, "shui", post_office, quiet_from=time(8, 0), quiet_to=time(12, 0))
    with clock.standing_at(TUESDAY):
        case = report_leak().case
        Case.objects.filter(pk=case.pk).update(is_urgent=False)
        cun = county.actor("cun")
        cases.accept(case.id, category=ordinary(), actor=cun)
        cases.assign(case.id, unit=county.unit("dept-water"), actor=cun)
        tell()
    row = Delivery.objects.get(channel="mail")
    assert (row.state, row.due) == (State.HELD, TUESDAY + timedelta(hours=3))


def test_what_the_settings_break_waits_until_they_are_mended(
    county: County, post_office: MailServer, handled: Case, settings: LazySettings
) -> None:
    mailed_rulebook(digest=False)
    with_mail(county, "shui", post_office)
    tell()
    right = settings.MAIL
    settings.MAIL = right.replace("smtp+plain", "smtps")
    row = Delivery.objects.get(channel="mail")
    begun = row.due
    row = send(row)
    assert row.state in (State.WAITING, State.HELD)
    assert "不是一开始就加密的端口" in row.error
    assert row.due >= begun + rules.WAITS[-1]
    settings.MAIL = right
    assert send(row).state == State.SENT


@pytest.mark.parametrize(
    ("answer", "state"), [("550 no such user", State.FAILED), ("450 later", State.WAITING)]
)
def test_what_a_mail_server_refuses_for_good_is_not_tried_again(
    county: County, post_office: MailServer, handled: Case, answer: str, state: State
) -> None:
    mailed_rulebook(digest=False)
    with_mail(county, "shui", post_office)
    tell()
    post_office.answer = answer
    row = send(Delivery.objects.get(channel="mail"))
    assert row.state == state
    assert row.error == answer
