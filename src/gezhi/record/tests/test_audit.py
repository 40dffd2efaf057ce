"""The audit: lines of who did what, in the act's own transaction."""

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from gezhi.base.actor import NOBODY, system
from gezhi.record import actions, reads
from gezhi.record.errors import OpeningReasonMissing
from gezhi.record.models import AuditLine, Opening
from gezhi.record.rules import AuditKind

COUNTY = "990101"
NOW = datetime(2026, 11, 17, 1, 0, tzinfo=UTC)
ACTOR = system("test")


def opened(reason: str) -> AuditLine:
    return actions.note_opening(
        about="report:1", field="contact", reason=reason, county=COUNTY, actor=ACTOR, now=NOW
    )


@pytest.mark.django_db
def test_a_line_says_who_did_what_when_why_and_from_where() -> None:
    actions.note(
        AuditKind.EXPORT, actor=ACTOR, county=COUNTY, about="cases", reason=" 月报 ",
        data={"rows": 12, "kind": "xlsx", "all": True, "until": None}, address="::1", now=NOW,
    )  # fmt: skip
    line = AuditLine.objects.get()
    assert (line.kind, line.about, line.reason, line.address) == ("export", "cases", "月报", "::1")
    assert line.data == {"rows": 12, "kind": "xlsx", "all": True, "until": None}
    assert (line.actor, line.county, line.at) == ("system:test", COUNTY, NOW)
    assert line.xid > 0


@pytest.mark.django_db
def test_a_line_falls_with_the_act_it_tells_of() -> None:
    with transaction.atomic():
        actions.note(AuditKind.RIGHTS, actor=ACTOR, county=COUNTY, now=NOW)
        transaction.set_rollback(True)
    assert not AuditLine.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("value", [["a"], {"a": 1}, 1.5, "字" * 201])
def test_what_is_no_id_code_or_count_stays_out(value: object) -> None:
    with pytest.raises(TypeError):
        actions.note(
            AuditKind.RULES, actor=ACTOR, county=COUNTY, now=NOW,
            data={"value": value},  # type: ignore[dict-item]  # what a careless caller would give
        )  # fmt: skip


@pytest.mark.django_db
def test_an_opening_is_a_line_that_the_person_concerned_can_read() -> None:
    with pytest.raises(OpeningReasonMissing):
        opened(" ")
    assert opened("核实地址").field == "contact"
    actions.note(AuditKind.EXPORT, actor=NOBODY, county=COUNTY, about="report:1", now=NOW)
    (found,) = reads.openings_about("report:1", county=COUNTY)
    assert (found.field, found.reason, found.actor) == ("contact", "核实地址", "system:test")
    assert not reads.openings_about("report:1", county="990102").exists()


@pytest.mark.django_db
def test_an_opening_that_older_code_writes_is_carried_over() -> None:
    Opening.objects.create(
        county=COUNTY, at=NOW, actor="account:1", about="report:1", field="phone", reason="回电"
    )
    (found,) = reads.openings_about("report:1", county=COUNTY)
    assert (found.field, found.reason, found.actor, found.at) == ("phone", "回电", "account:1", NOW)


@pytest.mark.django_db
def test_openings_kept_before_the_audit_are_carried_over_in_their_order() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE record_opening DISABLE TRIGGER USER")
    for hour, reason in ((3, "后"), (1, "先")):
        Opening.objects.create(
            county=COUNTY, at=NOW.replace(hour=hour), actor="account:1", about="report:1",
            field="phone", reason=reason,
        )  # fmt: skip
    migration = __import__("gezhi.record.migrations.0002_audit_lines", fromlist=["CARRY_OVER"])
    with connection.cursor() as cursor:
        cursor.execute(migration.CARRY_OVER.split(";")[0])
    assert [line.reason for line in AuditLine.objects.order_by("id")] == ["先", "后"]


def test_a_reason_is_masked_whoever_writes_it_down(db: None) -> None:
    """Nothing can be taken out of the audit again, so it goes in without anybody's number."""
    typed = "上级来电13812345678要求"
    for kind in AuditKind:
        actions.note(kind, reason=typed, actor=ACTOR, county=COUNTY, now=NOW)
    actions.note_opening(
        about="report:1", field="name", reason=typed, actor=ACTOR, county=COUNTY, now=NOW
    )
    assert {line.reason for line in AuditLine.objects.all()} == {"上级来电138****5678要求"}
