"""What other systems are told of: which facts, whose, and how much of each."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from gezhi.api.tests.calling import is_problem
from gezhi.cases import actions as cases
from gezhi.cases import facts as case_facts
from gezhi.cases.models import Case
from gezhi.deadlines import facts as deadline_facts
from gezhi.exchange import rules
from gezhi.exchange.models import Subscription
from gezhi.exchange.tests.receiving import Program, Receiver, receiver, work
from gezhi.people import actions as people
from gezhi.people.models import Account
from gezhi.record.models import Line
from gezhi.record.tests.test_followers import read_everything
from gezhi.rulebook import reads as rulebook
from tests.cast import (
    COUNTY,
    FAR_VILLAGE,
    GRID,
    OTHER,
    SETTING_UP,
    SINCE,
    TOWN,
    VILLAGE,
    County,
    report_leak,
)
from tests.divisions import NEW_TOWN, move_town, moved
from tests.house import ROOT

_FACTS = [
    fact
    for module in (case_facts, deadline_facts)
    for fact in vars(module).values()
    if isinstance(fact, type) and fact.__module__ == module.__name__ and "kind" in vars(fact)
]


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def handle(county: County, case: Case) -> None:
    """Accepted by the village, sent to the water department and signed there."""
    cases.accept(case.id, category=case.proposed_category, actor=county.actor("cun"))
    cases.assign(case.id, unit=county.unit("dept-water"), actor=county.actor("cun"))
    cases.sign(case.id, actor=county.actor("shui"))


@pytest.mark.parametrize("fact", _FACTS, ids=lambda fact: fact.__name__)
def test_every_fact_about_a_case_is_told_or_left_out_with_a_reason(fact: Any) -> None:
    if fact.__name__ in ("CaseFact", "PromiseFact"):
        return
    assert (fact.kind in rules.TYPES) != (fact.kind in rules.LEFT_OUT), fact.kind


@pytest.mark.parametrize("fact", _FACTS, ids=lambda fact: fact.__name__)
def test_what_is_told_of_a_fact_are_fields_that_it_has(fact: Any) -> None:
    if fact.kind in rules.TYPES:
        assert set(rules.TYPES[fact.kind].fields) <= set(fact.__dataclass_fields__)


def test_a_case_is_told_step_by_step_in_the_order_of_the_book(
    committed: County, there: Receiver
) -> None:
    webhook = Program(committed).subscribe(there)
    case = report_leak().case
    handle(committed, case)
    work()
    assert there.types == [
        "gezhi.case.reported", "gezhi.case.accepted", "gezhi.case.assigned", "gezhi.case.signed",
    ]  # fmt: skip
    assert {event["subject"] for event in there.events} == {case.number}
    assert [event["data"]["seq"] for event in there.events] == [1, 2, 3, 4]
    assert webhook.now()["waiting"] == 0
    assert [each["stage"] for each in webhook.deliveries()] == ["delivered"] * 4


def test_an_event_is_a_cloudevent_with_codes_and_ids_alone(
    committed: County, there: Receiver, settings: Any
) -> None:
    settings.ADDRESS = "https://gezhi.example.org"
    webhook = Program(committed).subscribe(there, types=["gezhi.case.assigned"])
    case = report_leak().case
    handle(committed, case)
    work()
    (got,) = there.received
    assert got.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert got.is_signed_with(webhook.secret)
    event, line = got.event, Line.objects.get(kind="case_assigned")
    assert event["id"] == got.headers["webhook-id"]
    assert re.fullmatch(rf"{line.id}-[0-9a-f]{{12}}", event["id"])
    data = event.pop("data")
    assert event == {
        "specversion": "1.0",
        "id": event["id"],
        "source": f"https://gezhi.example.org/{COUNTY}",
        "type": "gezhi.case.assigned",
        "subject": case.number,
        "time": line.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
    }
    assert data == {
        **{name: line.data[name] for name in rules.TYPES["case_assigned"].fields},
        "path": GRID,
    }
    assert not {"hash", "actor", "report", "rule", "told", "words"} & set(data)
    said = got.body.decode()
    assert "李秀兰" not in said
    assert "13812345678" not in said
    assert "水管" not in said


def test_the_example_of_the_docs_tells_a_genuine_event(committed: County, there: Receiver) -> None:
    webhook = Program(committed).subscribe(there)
    report_leak()
    work()
    (got,) = there.received
    told = (ROOT / "docs" / "webhooks.md").read_text("utf-8")
    example: dict[str, Any] = {}
    exec(re.findall(r"```python\n(.*?)```", told, re.S)[0], example)  # noqa: S102 - our own words
    is_genuine = example["is_genuine"]
    assert is_genuine(webhook.secret, got.headers, got.body)
    assert not is_genuine(webhook.secret, got.headers, got.body + b" ")
    late = {**got.headers, "webhook-timestamp": str(int(got.headers["webhook-timestamp"]) - 301)}
    assert not is_genuine(webhook.secret, late, got.body)
    assert not is_genuine(rules.secret_of(b"another"), got.headers, got.body)


def test_only_what_is_asked_for_is_told(committed: County, there: Receiver) -> None:
    program = Program(committed)
    with receiver() as of_area, receiver() as of_kind, receiver() as of_category:
        near, far = report_leak().case, report_leak(at=f"{FAR_VILLAGE}001").case
        leak = near.proposed_category
        other = next(key for key in sorted(book().categories) if key != leak)
        program.subscribe(there)
        program.subscribe(of_area, areas=[TOWN])
        program.subscribe(of_kind, types=["gezhi.case.accepted"])
        program.subscribe(of_category, categories=[other])
        for case in (near, far):
            cases.accept(case.id, category=leak, actor=SETTING_UP)
        cases.reclassify(near.id, category=other, actor=SETTING_UP)
        cases.reclassify(near.id, category=leak, actor=SETTING_UP)
        work()
        everything = ["gezhi.case.accepted"] * 2 + ["gezhi.case.reclassified"] * 2
        assert there.types == everything
        assert {event["subject"] for event in of_area.events} == {near.number}
        assert of_kind.types == ["gezhi.case.accepted"] * 2
        # Into its category and out of it again: the second is how it hears that it is over.
        assert of_category.types == ["gezhi.case.reclassified"] * 2


def test_a_program_is_told_of_the_areas_that_its_posts_reach(
    committed: County, there: Receiver
) -> None:
    """The security administrator gives posts; who makes a subscription gives nothing."""
    own = program_of(committed, f"centre-{OTHER}")
    webhook = Program(committed, own).subscribe(there)
    report_leak()
    far = report_leak(at=f"{FAR_VILLAGE}001").case
    work()
    assert {event["subject"] for event in there.events} == {far.number}
    refused = Program(committed, own).patch(f"/webhooks/{webhook.id}", {"areas": [TOWN]})
    assert is_problem(refused, 422, "webhook_area_elsewhere")


def test_where_a_sensitive_case_told_in_secrecy_lies_is_told_as_far_as_the_town(
    committed: County, there: Receiver
) -> None:
    """And whoever asks for less than a town hears nothing of it."""
    sensitive = next(key for key, one in sorted(book().categories.items()) if one.sensitive)
    program = Program(committed)
    program.subscribe(there)
    with receiver() as of_village:
        program.subscribe(of_village, areas=[VILLAGE])
        case = report_leak().case
        Case.objects.filter(pk=case.pk).update(is_secret=True, proposed_category=sensitive)
        work()
        assert [event["data"]["path"] for event in there.events] == [TOWN]
        assert not of_village.received


def test_one_that_turned_secret_while_it_waited_is_told_as_a_secret_one(
    committed: County, there: Receiver
) -> None:
    sensitive = next(key for key, one in sorted(book().categories.items()) if one.sensitive)
    Program(committed).subscribe(there)
    case = report_leak().case
    read_everything()
    Case.objects.filter(pk=case.pk).update(is_secret=True, proposed_category=sensitive)
    work()
    assert [event["data"]["path"] for event in there.events] == [TOWN]


def test_an_area_that_gets_another_code_is_told_of_under_it(
    committed: County, there: Receiver
) -> None:
    """What waited goes as well: it lies where its case lies now."""
    webhook = Program(committed).subscribe(there, areas=[TOWN])
    case = report_leak().case
    read_everything()
    move_town()
    cases.accept(case.id, category=case.proposed_category, actor=SETTING_UP)
    work()
    assert webhook.now()["areas"] == [NEW_TOWN]
    assert there.types == ["gezhi.case.reported", "gezhi.case.accepted"]
    assert {event["data"]["path"] for event in there.events} == {moved(GRID)}


def test_what_is_erased_is_told_so_that_others_may_erase_it_too(
    committed: County, there: Receiver
) -> None:
    reported = report_leak()
    Program(committed).subscribe(there, types=["gezhi.case.erased"])
    cases.anonymise_report(reported.report.id, reason="本人申请", actor=SETTING_UP)
    work()
    (event,) = there.events
    assert event["type"] == "gezhi.case.erased"
    assert set(event["data"]) == {"case", "number", "what", "path"}


def test_a_program_that_was_closed_is_told_nothing_more(committed: County, there: Receiver) -> None:
    webhook = Program(committed).subscribe(there)
    report_leak()
    Account.objects.filter(login="dui").update(is_active=False)
    work()
    assert not there.received
    stopped = Subscription.objects.get(pk=webhook.id)
    assert (stopped.state, stopped.why) == ("stopped", "closed")


def book() -> Any:
    return rulebook.current(COUNTY)


def program_of(county: County, unit: str) -> str:
    """The login of another program, with a post in this unit."""
    people.add_accounts_with_posts(
        [people.NewPerson("dui2", "别的对接", (people.NewPost(unit, "integrator"),))],
        county=COUNTY, password_hash="!", must_change_password=False, valid_from=SINCE,
        actor=SETTING_UP,
    )  # fmt: skip
    county.accounts["dui2"] = Account.objects.get(login="dui2")
    return "dui2"
