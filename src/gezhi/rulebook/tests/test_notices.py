"""The words that go out: complete, short, without personal data; broken ones are refused."""

import re
from datetime import datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gezhi.base.actor import system
from gezhi.rulebook import actions, reads
from gezhi.rulebook.errors import Problem
from gezhi.rulebook.rules import EVENTS, PLACES, WAYS, Template, differences
from gezhi.rulebook.rules.due import Asked
from gezhi.rulebook.rules.reading_notices import read_notices
from gezhi.rulebook.rules.tables import File
from gezhi.rulebook.tests.books import default_book, files_with, line_of, problems_of
from gezhi.rulebook.tests.test_calendars import CITY, city

N = "notices.toml"
NOTHING = Asked()
ONE_SMS, TWO_SMS = 70, 134
SAMPLE = {
    "number": "261122-000421", "what": "占道堆物", "holder": "清河镇综治中心",
    "due": "11月25日17:30",
    "link": "https://gz.example.cn/t/261122-000421", "question": "路灯的杆号是多少？",
    "answer": "已联系产权单位", "words": "现场未见施工人员", "percent": "80", "stage": "停工",
}  # fmt: skip


def words(
    event: str, audience: str, way: str, category: str | None = None, kind: str | None = None
) -> Template | None:
    return default_book().template(
        event, audience=audience, way=way, category=category, size=None, channel=None,
        level=None, kind=kind,
    )  # fmt: skip


def test_every_event_is_told_to_somebody_in_both_languages() -> None:
    told = {one.event for one in default_book().notices.templates}
    assert told == set(EVENTS)
    for one in default_book().notices.templates:
        assert one.text_en, one
        assert bool(one.subject) == bool(one.subject_en) == ("mail" in one.channels), one


def test_a_reporter_gets_one_short_message_that_says_nothing_to_strangers() -> None:
    for one in default_book().notices.templates:
        if "reporter" not in one.audience:
            continue
        for private in ("{what}", "{answer}", "{words}"):
            assert private not in one.text + one.text_en, one
        plain = one.filled(SAMPLE | {"link": ""}, language="zh-hans")[1]
        assert len(plain) <= ONE_SMS, plain
        assert len(one.filled(SAMPLE, language="zh-hans")[1]) <= TWO_SMS


def test_the_first_row_that_fits_is_sent() -> None:
    quiet, urgent = "gov.suggest", "utility.gas.leak"
    assert words("assigned", "holder", "sms", quiet) is None
    found = words("assigned", "holder", "sms", urgent)
    assert found
    assert found.text.startswith("紧急")
    assert words("broken", "reporter", "sms", quiet, "sign") is None, "the centre's own affair"
    assert words("broken", "reporter", "sms", quiet, "finish")
    assert words("broken", "reporter", "sms", quiet, "stage") is None, "the whole is not late yet"
    assert words("broken", "holder", "desk", quiet, "stage")
    assert words("closed", "leader", "desk") is None


def test_a_template_is_filled_in_the_readers_language() -> None:
    found = words("assigned", "reporter", "mail")
    assert found
    assert found.filled(SAMPLE, language="zh-hans") == (
        "已交办：261122-000421",
        "您反映的261122-000421已交清河镇综治中心办理，11月25日17:30前办结。",
    )
    subject, text = found.filled(SAMPLE, language="en")
    assert subject == "On its way: 261122-000421"
    assert text.startswith("Your report 261122-000421 went to ")


def test_without_a_file_the_products_own_words_hold() -> None:
    files = reads.default_files()
    del files[N]
    assert reads.read_files(files).notices == default_book().notices


def test_a_file_may_do_without_quiet_and_digest() -> None:
    text = reads.default_files()[N]
    book = reads.read_files(reads.default_files() | {N: text[: text.index("[quiet]")]})
    assert (book.notices.quiet, book.notices.digest) == (None, None)
    changes = [str(one) for one in differences(default_book(), book)]
    assert changes == ["- quiet quiet", "- digest digest"]


def _from_before_leave_was_told() -> str:
    """The product's file without a row for who gives leave or asks for it."""
    text = reads.default_files()[N].replace('audience = ["holder", "asker"]', 'audience = "holder"')
    text = text.replace('audience = ["asker", "centre"]', 'audience = "centre"')
    head, *rows = text.split("[[template]]")
    kept = (row for row in rows if not re.search('audience = "(approver|asker)"', row))
    return "[[template]]".join([head, *kept])


@pytest.mark.django_db
def test_a_version_from_before_leave_was_told_tells_it_in_the_products_words() -> None:
    files = reads.default_files() | {N: _from_before_leave_was_told()}
    stored = actions.apply_book(files, county="990101", actor=system("test"))
    book, own = reads.book("990101", stored.number).notices, default_book().notices
    assert "approval" not in dict(stored.files)[N].partition("[[template]]")[2]
    for event, audience, way in (
        ("approval_asked", "approver", "desk"),
        ("approval_denied", "asker", "mail"),
        ("extended", "asker", "desk"),
        ("supervision_answered", "asker", "mail"),
    ):
        found = book.find(event, audience=audience, channel=way, asked=NOTHING)
        whole = own.find(event, audience=audience, channel=way, asked=NOTHING)
        assert found
        assert whole
        assert found.text == whole.text
    assert len(book.templates) == len(own.templates) + 2, "asker stood in one row with others"


def test_a_file_that_tells_some_of_leave_is_taken_as_it_is() -> None:
    row = (
        '[[template]]\nevent = "approval_asked"\naudience = "approver"\nchannels = "desk"\n'
        'text = "{number}"\n\n'
    )
    text = _from_before_leave_was_told().replace("[quiet]", f"{row}[quiet]", 1)
    found = reads.read_files(reads.default_files() | {N: text}).notices
    of_leave = {"approver", "asker"}
    assert [one.event for one in found.templates if of_leave & set(one.audience)] == [
        "approval_asked",
        "supervision_answered",
        "broken",
    ], "of demands that file says nothing"


def _without(text: str, event: str) -> str:
    """The file without a row for the event."""
    head, *rows = text.split("[[template]]")
    return "[[template]]".join([head, *(one for one in rows if f'event = "{event}"' not in one)])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("old", "event", "audience"),
    [
        (_without(reads.default_files()[N], "handed_down"), "handed_down", "holder"),
        (_without(reads.default_files()[N], "stage_reached"), "stage_reached", "reporter"),
        (
            reads.default_files()[N].replace('["head", "centre", "above"]', '["head", "centre"]'),
            "reminded",
            "above",
        ),
    ],
)
def test_a_version_from_before_something_was_told_tells_it_in_the_products_words(
    old: str, event: str, audience: str
) -> None:
    way = "sms" if audience == "reporter" else "desk"
    assert old != reads.default_files()[N]
    stored = actions.apply_book(
        reads.default_files() | {N: old}, county="990101", note="", actor=system("test")
    )
    book, own = reads.book("990101", stored.number).notices, default_book().notices
    found = book.find(event, audience=audience, channel=way, asked=NOTHING)
    whole = own.find(event, audience=audience, channel=way, asked=NOTHING)
    assert found
    assert whole
    assert found.text == whole.text
    assert len(book.templates) - len(own.templates) == (event == "reminded"), "a row split in two"


def test_words_of_ones_own_for_what_came_later_are_not_joined_by_the_products() -> None:
    row = (
        '[[template]]\nevent = "reminded"\naudience = "above"\nurgent = true\n'
        'channels = "desk"\ntext = "{number}"\n\n'
    )
    text = reads.default_files()[N].replace('["head", "centre", "above"]', '["head", "centre"]')
    found = reads.read_files(
        reads.default_files() | {N: text.replace("[quiet]", f"{row}[quiet]", 1)}
    ).notices
    rows = [one for one in found.templates if one.event == "reminded" and "above" in one.audience]
    assert [one.text for one in rows] == ["{number}"]


def test_an_event_that_a_file_leaves_out_is_told_nobody() -> None:
    kept = _without(reads.default_files()[N], "merged")
    found = reads.read_files(reads.default_files() | {N: kept}).notices
    assert not [one for one in found.templates if one.event == "merged"]


@pytest.mark.parametrize(
    ("old", "new", "blamed", "code"),
    [
        ('event = "accepted"', 'event = "acepted"', 'event = "acepted"', "not_one_of"),
        ('audience = "reporter"', 'audience = "mayor"', 'audience = "mayor"', "not_one_of"),
        ('audience = "reporter"', "audience = []", "audience = []", "missing"),
        ('channels = ["sms", "mail"]', 'channels = "fax"', 'channels = "fax"', "not_one_of"),
        ("未能受理，原因", "未能受理{reason}", "{reason}", "place_unknown"),
        ("未能受理，原因", "未能受理{number.x}", "{number.x}", "place_unknown"),
        ("未能受理，原因", "未能受理{number!r}", "{number!r}", "place_unknown"),
        ("未能受理，原因", "未能受理{number:>9}", "{number:>9}", "place_unknown"),
        ("未能受理，原因", "未能受理{}", "受理{}", "place_unknown"),
        ("未能受理，原因", "未能受理{", "受理{", "bad_braces"),
        ("未能受理，原因", "未能受理}", "受理}", "bad_braces"),
        ('event = "refused"', 'event = "accepted"', None, "row_unreachable"),
        ('from = "22:00"', 'from = "25:00"', 'from = "25:00"', "bad_clock"),
        ('to = "07:30"', 'to = "22:00"', 'to = "22:00"', "bad_clock"),
        ('"09:00", "15:00"', '"15:00", "09:00"', "15:00", "bad_clock"),
        ('at = ["09:00", "15:00"]\n', "", "[digest]", "every_or_at"),
        ('at = ["09:00"', 'every = "1 hour"\nat = ["09:00"', "[digest]", "every_or_at"),
        ('at = ["09:00", "15:00"]', 'every = "2 days"', "2 days", "bad_span"),
        ('at = ["09:00", "15:00"]', 'every = "1 working hour"', "1 working", "bad_span"),
        ('events = ["assigned"', 'events = ["asigned"', "asigned", "not_one_of"),
        ('kind = "reply"', 'kind = "replies"', 'kind = "replies"', "not_one_of"),
        ("urgent_goes = true", "urgent_gose = true", "urgent_gose", "key_unknown"),
    ],
)
def test_each_fault_is_told_with_its_line(
    old: str, new: str, blamed: str | None, code: str
) -> None:
    files = files_with(N, old, new)
    found = {(one.line, one.code) for one in problems_of(files) if one.file == N}
    second = files[N].index("[[template]]", files[N].index("[[template]]") + 1)
    line = line_of(files[N], blamed) if blamed else files[N][:second].count("\n") + 1
    assert (line, code) in found


def test_two_braces_are_one() -> None:
    files = files_with(N, "未能受理，原因", "{{未能受理}}，原因")
    refused = next(
        one for one in reads.read_files(files).notices.templates if one.event == "refused"
    )
    assert "{未能受理}" in refused.filled(SAMPLE, language="zh-hans")[1]


def test_changed_words_are_among_the_differences() -> None:
    files = files_with(N, "已受理，由{holder}负责", "受理了，由{holder}负责")
    (change,) = differences(default_book(), reads.read_files(files))
    assert (change.section, change.key, change.field) == (
        "notice", "accepted reporter sms+mail", "text",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [((21, 59), False), ((22, 0), True), ((23, 59), True), ((0, 0), True), ((7, 29), True),
     ((7, 30), False)],
)  # fmt: skip
def test_quiet_hours_run_over_midnight(clock: tuple[int, int], quiet: bool) -> None:
    hours = default_book().notices.quiet
    assert hours
    assert hours.is_quiet(time(*clock)) is quiet
    assert hours.holds("sms", time(*clock), urgent=False) is quiet
    assert not hours.holds("sms", time(*clock), urgent=True)
    assert not hours.holds("mail", time(*clock), urgent=False)
    day = datetime(2026, 11, 22, *clock, tzinfo=CITY)
    assert hours.end_after(day, CITY) == city(
        "2026-11-23T07:30" if clock >= (7, 30) else "2026-11-22T07:30"
    )


def test_a_digest_goes_at_its_times_or_every_so_often() -> None:
    digest = default_book().notices.digest
    assert digest
    assert digest.takes("assigned", "mail")
    assert not digest.takes("assigned", "sms")
    assert not digest.takes("broken", "mail")
    assert digest.next_after(city("2026-11-22T08:59"), CITY) == city("2026-11-22T09:00")
    assert digest.next_after(city("2026-11-22T09:00"), CITY) == city("2026-11-22T15:00")
    assert digest.next_after(city("2026-11-22T15:00"), CITY) == city("2026-11-23T09:00")
    files = files_with(N, 'at = ["09:00", "15:00"]', 'every = "7 hours"')
    often = reads.read_files(files).notices.digest
    assert often
    assert often.next_after(city("2026-11-22T00:00"), CITY) == city("2026-11-22T07:00")
    assert often.next_after(city("2026-11-22T21:00"), CITY) == city("2026-11-23T00:00")


ROW = '[[template]]\nevent = "closed"\naudience = "head"\nchannels = "desk"\ntext = "TEXT"\n'


@settings(max_examples=1000, deadline=None)
@given(text=st.text(alphabet="{}:!.a" + "".join(PLACES)[:12], max_size=24))
def test_words_that_are_taken_can_always_be_filled(text: str) -> None:
    problems: list[Problem] = []
    file = File(N, ROW.replace("TEXT", text), problems)
    (template,) = read_notices(file, {}).templates
    if not problems:
        template.filled(SAMPLE, language="zh-hans")


def test_the_ways_are_those_a_person_can_choose() -> None:
    assert WAYS == ("desk", "sms", "mail", "chat")
