"""Where nobody is at work: who is in charge hears of it, on the desk and by mail."""

from datetime import timedelta

import pytest
from django.conf import LazySettings

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.cases.models import Case
from gezhi.deadlines import jobs
from gezhi.deadlines.facts import NobodyOnDuty
from gezhi.deadlines.models import Deadline
from gezhi.deadlines.tests.test_visits import told as reported_lamp
from gezhi.notices import actions
from gezhi.notices.models import Choice, Delivery, Notice, address_key
from gezhi.notices.rules import Channel, State
from gezhi.notices.tests.sending import tell
from gezhi.notices.tests.test_telling import logins, told
from gezhi.people.models import Post
from gezhi.record.actions import announce
from gezhi.record.models import Line
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.actions import apply_book
from tests.cast import COUNTY, SETTING_UP, TOWN, TUESDAY, VILLAGE, County

MINUTE = timedelta(minutes=1)


@pytest.fixture
def left_alone(county: County, settings: LazySettings) -> Case:
    """Reported on Tuesday at nine in a village whose centre nobody works at any more.

    The town's supervisor wants mail.
    """
    settings.ADDRESS = "https://gezhi.example"
    Post.objects.filter(unit=county.unit(f"centre-{VILLAGE}")).update(
        valid_to=TUESDAY.date() - timedelta(days=1)
    )
    mail = "zhendu@example.org"
    Choice.objects.create(
        account=county.accounts["zhendu"], mail=mail, wants_mail=True,
        mail_confirmed=address_key(Channel.MAIL, mail), changed_at=TUESDAY,
    )  # fmt: skip
    with clock.standing_at(TUESDAY):
        return reported_lamp().case


def watch_and_tell(minutes: int) -> None:
    with clock.standing_at(TUESDAY + minutes * MINUTE):
        while jobs.watch(COUNTY):
            pass
        tell()


def test_where_nobody_works_and_nobody_supervises_the_town_is_told(left_alone: Case) -> None:
    """Half of the ten minutes to accept it are gone."""
    watch_and_tell(5)
    (alarm,) = [each for each in told("nobody_on_duty", "above") if each.account_id]
    (reminder,) = [each for each in told("reminded", "above") if each.account_id]
    assert logins([alarm, reminder]) == ["zhendu", "zhendu"]
    assert alarm.is_on_desk
    assert reminder.is_on_desk
    assert f"柳树村综治中心无人在岗：{left_alone.number}" in alarm.words
    assert reminder.words.startswith(f"时限已过50%：{left_alone.number}")
    mailed = Delivery.objects.get(notice=alarm, channel="mail")
    assert mailed.address == "zhendu@example.org"
    assert (mailed.state, mailed.subject) == (
        State.KEPT, f"无人在岗：柳树村综治中心 {left_alone.number}",
    )  # fmt: skip
    (group,) = [each for each in told("nobody_on_duty", "above") if each.unit_id]
    assert Delivery.objects.get(notice=group).address == f"centre-{TOWN}"


def test_a_rulebook_from_before_such_reminders_tells_them_too(left_alone: Case) -> None:
    files = rulebook.default_files()
    known = files["notices.toml"].replace('["head", "centre", "above"]', '["head", "centre"]')
    apply_book(files | {"notices.toml": known}, county=COUNTY, note="", actor=SETTING_UP)
    watch_and_tell(5)
    assert logins(told("reminded", "above")) == ["zhendu"]


def test_the_words_name_the_unit_that_is_empty_and_old_lines_the_one_that_owes(
    county: County, handled: Case
) -> None:
    row = Deadline.objects.get(case=handled, kind="finish")
    said = NobodyOnDuty(
        case=handled.id, number=handled.number, deadline=row.id, promise="finish",
        unit=row.unit_id, due=row.due, path=handled.path, audience="above",
        told=(county.accounts["zhendu"].id,), absent=county.unit(f"centre-{VILLAGE}"),
    )  # fmt: skip
    announce(said, about=f"case:{handled.id}", county=COUNTY, actor=NOBODY, now=clock.now())
    (line,) = Line.objects.filter(kind="nobody_on_duty")
    for absent, name in ((True, "柳树村综治中心"), (False, "水务局")):
        if not absent:
            del line.data["absent"]
        actions.note([line], now=clock.now())
        (alarm,) = [each for each in told("nobody_on_duty", "above") if each.account_id]
        assert alarm.words.startswith(f"{name}无人在岗")
        Delivery.objects.all().delete()
        Notice.objects.all().delete()
