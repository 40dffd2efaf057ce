"""How often each finding fires on real answers; `-s` shows the table of docs/benchmarks.md."""

import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from gezhi.rulebook import reads as rulebook
from gezhi.triage.reads.answers import plain
from gezhi.triage.rules.answers import Draft, check

DATA = Path(__file__).parents[5] / "shared/data/messages/replies_2816.xlsx"
PROMISED = timedelta(days=7)  # what a hard matter has


@pytest.mark.skipif(not DATA.exists(), reason="../shared/data/messages/replies_2816.xlsx")
def test_findings_on_real_answers() -> None:
    calendar = rulebook.read_files(rulebook.default_files(guess_weekdays=True)).calendar
    rows = CalamineWorkbook.from_path(str(DATA)).get_sheet_by_index(0).to_python()[1:]
    answers: Counter[str] = Counter()
    findings: Counter[str] = Counter()
    began = time.process_time()
    for row in rows:
        now = _moment(row[6])
        draft = Draft(
            str(row[5]).strip(), f"{row[2]}。{str(row[4]).strip()}", now, now + PROMISED, calendar
        )
        found = check(draft, plain())
        findings.update(one.code for one in found)
        answers.update({one.code for one in found})
    each = 1000 * (time.process_time() - began) / len(rows)
    for code, count in answers.most_common():
        print(f"{code:20} {count / len(rows):6.1%} {findings[code]:6}")  # noqa: T201 - for -s
    print(f"{len(rows)} answers, {each:.2f} ms each")  # noqa: T201 - for -s
    # What is empty is found, and what is rare is not found everywhere.
    assert 0.05 < answers["no_substance"] / len(rows) < 0.09
    assert answers["past_date"] < 15
    assert answers["unfilled"] <= 1


def _moment(cell: Any) -> datetime:
    """The moment of the answer, some of them without a time."""
    text = str(cell).strip().replace("-", "/")
    form = "%Y/%m/%d %H:%M:%S" if ":" in text else "%Y/%m/%d"
    return timezone.make_aware(datetime.strptime(text, form))  # noqa: DTZ007 - made aware here
