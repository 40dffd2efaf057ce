"""Versions of the rulebook: applied, kept, refused when broken, one at a time."""

import threading
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from gezhi.base.actor import NOBODY, Actor, Post, system
from gezhi.base.refusal import SignInNeeded
from gezhi.record import reads as record
from gezhi.rulebook import actions, reads
from gezhi.rulebook.errors import BrokenRulebook, RulebookMissing, VersionUnknown
from gezhi.rulebook.models import Version
from gezhi.rulebook.tests.books import files_with

COUNTY = "990101"
HOUSE = system("test")
QUICKER = ("deadlines.toml", 'within = "1 hour"', 'within = "30 minutes"')


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    reads.forget(COUNTY)


@pytest.mark.django_db
def test_a_county_without_a_rulebook_is_told_so() -> None:
    with pytest.raises(RulebookMissing):
        reads.current(COUNTY)


@pytest.mark.django_db
def test_the_default_comes_once_and_is_announced() -> None:
    first = actions.ensure_default(COUNTY, HOUSE)
    again = actions.ensure_default(COUNTY, HOUSE)
    assert (first.id, first.number) == (again.id, 1)
    assert reads.current(COUNTY).version == 1
    assert reads.current(COUNTY).digest == first.digest
    (line,) = record.facts_about("rulebook", county=COUNTY)
    assert line.data == {"version": 1, "digest": first.digest}


@pytest.mark.django_db
def test_a_county_to_try_things_on_may_guess_unknown_years_and_says_so() -> None:
    actions.ensure_default(COUNTY, HOUSE, guess_weekdays=True)
    book = reads.current(COUNTY)
    unknown = max(book.calendar.official.years) + 1
    due = book.due(
        "finish",
        category="gov.suggest",
        size="small",
        channel="portal",
        level="village",
        start=datetime(unknown, 3, 1, tzinfo=UTC),
    )
    assert due.guessed == (unknown,)
    assert due.basis == f"finish-small: 1 working day; {unknown}: weekdays only"


@pytest.mark.django_db
def test_a_new_version_is_in_force_and_the_old_one_can_still_be_asked() -> None:
    actions.ensure_default(COUNTY, HOUSE)
    files = files_with(*QUICKER)
    second = actions.apply_book(files, note=" 加快转办 ", county=COUNTY, actor=HOUSE)
    assert (second.number, second.note, second.applied_by) == (2, "加快转办", "system:test")
    assert reads.current(COUNTY).version == 2
    old, new = reads.book(COUNTY, 1), reads.book(COUNTY, 2)
    assert [str(one) for one in reads.diff(old, new)] == [
        "~ due forward within: 1 hour → 30 minutes"
    ]
    with pytest.raises(VersionUnknown):
        reads.book(COUNTY, 3)


@pytest.mark.django_db
def test_a_broken_book_is_refused_and_the_one_in_force_goes_on() -> None:
    actions.ensure_default(COUNTY, HOUSE)
    broken = files_with("deadlines.toml", 'within = "1 hour"', 'within = "soon"')
    with pytest.raises(BrokenRulebook):
        actions.apply_book(broken, county=COUNTY, actor=HOUSE)
    assert reads.current(COUNTY).version == 1
    assert Version.objects.count() == 1


@pytest.mark.django_db
def test_the_same_files_again_change_nothing() -> None:
    actions.ensure_default(COUNTY, HOUSE)
    again = actions.apply_book(reads.default_files(), county=COUNTY, actor=HOUSE)
    windows = {name: text.replace("\n", "\r\n") for name, text in again.files.items()}
    assert actions.apply_book(windows, county=COUNTY, actor=HOUSE).number == 1
    assert Version.objects.count() == 1


@pytest.mark.django_db
def test_an_older_version_can_be_put_in_force_again_as_a_new_one() -> None:
    first = actions.ensure_default(COUNTY, HOUSE)
    actions.apply_book(files_with(*QUICKER), county=COUNTY, actor=HOUSE)
    third = actions.apply_book(first.files, county=COUNTY, actor=HOUSE)
    assert (third.number, third.digest) == (3, first.digest)
    assert Version.objects.get(is_current=True) == third


@pytest.mark.django_db
def test_only_those_who_manage_the_rulebook_may() -> None:
    manager = Actor(
        label="account:1",
        kind="staff",
        posts=(Post(uuid4(), "administrator", COUNTY, frozenset({"rulebook.manage"})),),
    )
    assert actions.apply_book(reads.default_files(), county=COUNTY, actor=manager).number == 1
    with pytest.raises(SignInNeeded):
        actions.apply_book(files_with(*QUICKER), county=COUNTY, actor=NOBODY)
    with pytest.raises(SignInNeeded):
        reads.versions(NOBODY, county=COUNTY)


@pytest.mark.django_db
def test_counties_do_not_share_their_rulebooks() -> None:
    actions.ensure_default(COUNTY, HOUSE)
    actions.apply_book(files_with(*QUICKER), county="990102", actor=HOUSE)
    assert reads.current(COUNTY).version == reads.current("990102").version == 1
    assert reads.current(COUNTY).digest != reads.current("990102").digest
    reads.forget("990102")


@pytest.mark.django_db
def test_the_table_itself_allows_one_in_force() -> None:
    first = actions.ensure_default(COUNTY, HOUSE)
    first.pk, first.number = uuid4(), 2
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_what_is_not_committed_is_seen_only_by_its_own_thread() -> None:
    actions.ensure_default(COUNTY, HOUSE)
    assert reads.current(COUNTY).version == 1
    seen: list[int] = []

    def look() -> None:
        try:
            reads.forget(COUNTY)
            seen.append(reads.current(COUNTY).version)
        finally:
            connection.close()

    def apply_and_give_up() -> None:
        with transaction.atomic():
            actions.apply_book(files_with(*QUICKER), county=COUNTY, actor=HOUSE)
            assert reads.current(COUNTY).version == 2
            other = threading.Thread(target=look)
            other.start()
            other.join()
            raise RuntimeError("given up")

    with pytest.raises(RuntimeError, match="given up"):
        apply_and_give_up()
    assert seen == [1]
    assert reads.current(COUNTY).version == 1
    actions.apply_book(files_with(*QUICKER), county=COUNTY, actor=HOUSE)
    assert reads.current(COUNTY).version == 2, "a commit is seen at once by this process"


@pytest.mark.django_db(transaction=True)
def test_two_who_apply_at_once_get_two_numbers() -> None:
    """Both stand at the door together; the lock lets them in one after the other."""
    actions.ensure_default(COUNTY, HOUSE)
    together = threading.Barrier(2)
    done: list[int] = []

    def put(minutes: int) -> None:
        files = files_with("deadlines.toml", 'within = "1 hour"', f'within = "{minutes} minutes"')
        try:
            together.wait(timeout=600)
            done.append(actions.apply_book(files, county=COUNTY, actor=HOUSE).number)
        finally:
            connection.close()

    threads = [threading.Thread(target=put, args=(minutes,)) for minutes in (20, 40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [2, 3]
    assert Version.objects.filter(is_current=True).count() == 1


@pytest.mark.django_db
def test_asking_again_costs_no_query(django_assert_num_queries: Any) -> None:
    Version.objects.create(
        county="990103",
        number=1,
        digest="x",
        files=reads.default_files(),
        applied_at="2026-11-20T00:00Z",
        applied_by="system:test",
        is_current=True,
    )
    assert reads.current("990103").version == 1
    with django_assert_num_queries(0):
        assert reads.current("990103").version == 1
    reads.forget("990103")
