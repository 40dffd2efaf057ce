"""Real message files, where they are there: all in or reported, labels kept."""

from collections import Counter
from pathlib import Path

import pytest
from django.utils import timezone

from gezhi.base import clock
from gezhi.cases.models import Case
from gezhi.intake import actions, reads, rules
from tests.cast import COUNTY

FOLDER = Path(__file__).parents[5] / "shared" / "data" / "messages"


def file(name: str) -> bytes:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"no {name}")
    return path.read_bytes()


@pytest.mark.parametrize(
    ("name", "rows"), [("hot_topics_4326.xlsx", 4326), ("labelled_495.xlsx", 495)]
)
@pytest.mark.django_db
def test_every_row_is_read_by_the_guessed_columns(name, rows):
    table = rules.read_table(file(name))
    reading = rules.Reading(
        rules.guess_columns(table.header), "board", rules.OddDates.REPORT,
        timezone.get_default_timezone(), clock.now(),
    )  # fmt: skip
    found = reads.rehearse(table, reading, county=COUNTY)
    assert (found.good + found.known, found.faults) == (rows, {})


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_all_labelled_messages_go_in_with_their_labels_and_once(county):
    data = file("labelled_495.xlsx")
    found = actions.import_messages(
        data, name="labelled.xlsx", county=COUNTY, actor=county.actor("xian")
    )
    assert found.added + found.known + found.failed == 495
    assert (found.added, found.known, found.failed) == (494, 1, 0), "one number is there twice"
    table = rules.read_table(data)
    column = rules.guess_columns(table.header)["label"]
    wanted = Counter(rules.cell_text(row.at(column)) for row in table.rows)
    kept = Counter(Case.objects.values_list("label", flat=True))
    assert wanted.keys() == kept.keys()
    assert (wanted - kept).total() == 1
    again = actions.import_messages(
        data, name="labelled.xlsx", county=COUNTY, actor=county.actor("xian")
    )
    assert (again.added, again.known) == (0, 495)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_all_hot_topics_go_in(county):
    data = file("hot_topics_4326.xlsx")
    found = actions.import_messages(
        data, name="hot.xlsx", county=COUNTY, actor=county.actor("xian")
    )
    assert (found.added, found.known, found.failed) == (4326, 0, 0)
    assert Case.objects.count() == 4326
    assert reads.rows_of(found, rules.Outcome.ADDED).exclude(likes=None).count() == 4326
