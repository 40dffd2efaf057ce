"""Open311: all public requests as one file."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from django.test import Client

from gezhi.api.tests.open311 import KINDS, in_texts, spark, words_of
from gezhi.base.actor import NOBODY
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.exchange.reads import opendata
from gezhi.exchange.rules.opendata import NAMES
from tests.cast import COUNTY, GRID, County, point_in


@pytest.fixture
def public(county: County) -> Callable[[str], Case]:
    def make(what: str) -> Case:
        lon, lat = point_in(GRID)
        made = cases.report(
            county=COUNTY, what=what, where=cases.Where(lon=lon, lat=lat), channel="portal",
            actor=NOBODY,
        )  # fmt: skip
        cases.accept(made.case.id, category="utility.lamp", actor=county.actor("cun"))
        return cases.publish(made.case.id, is_public=True, actor=county.actor("du"))

    return make


def _file(client: Client, kind: str, **query: str) -> bytes:
    answer: Any = client.get(f"/open311/v2/bulk.{kind}", query)
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'attachment; filename="requests.{kind}"'
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("at_once", [1, 2, 1000])
def test_a_file_has_every_public_request_once_in_all_forms(
    public: Any, rita: Client, at_once: int
) -> None:
    made = [public(f"路灯坏了，第{at}盏") for at in range(5)]
    with mock.patch.object(opendata, "_AT_ONCE", at_once):
        listed = json.loads(_file(rita, "json"))
        assert [row["service_request_id"] for row in listed] == [case.number for case in made]
        assert spark(_file(rita, "xml")) == in_texts(listed)
        table = list(csv.DictReader(io.StringIO(_file(rita, "csv").decode())))
    assert tuple(table[0]) == NAMES
    texts = [{name: value or "" for name, value in row.items()} for row in in_texts(listed)]
    assert table == texts


def test_a_table_runs_nothing_and_tells_no_phone(public: Any, rita: Client) -> None:
    public('=HYPERLINK("x"),13812345678\r\n"路灯"')
    text = _file(rita, "csv").decode()
    assert text.count("\r\n") == 2  # the header and one row: a line break of words is no end
    [row] = csv.DictReader(io.StringIO(text, newline=""))
    assert row["description"] == '\'=HYPERLINK("x"),138****5678\n"路灯"'


def test_nothing_is_a_file_too(county: County, rita: Client) -> None:
    assert _file(rita, "json") == b"[]"
    assert spark(_file(rita, "xml")) == []
    assert _file(rita, "csv").decode() == ",".join(NAMES) + "\r\n"


def test_what_is_not_public_is_in_no_file(public: Any, county: County, rita: Client) -> None:
    case = public("路灯坏了")
    cases.publish(case.id, is_public=False, actor=county.actor("du"))
    assert _file(rita, "json") == b"[]"


def test_a_file_may_be_narrowed(public: Any, rita: Client) -> None:
    public("路灯坏了")
    for query in ({"status": "closed"}, {"service_code": "x"}, {"bbox": "0,0,1,1"},
                  {"end_date": "2020-01-01T00:00:00Z"}):  # fmt: skip
        assert _file(rita, "json", **query) == b"[]"
    assert len(json.loads(_file(rita, "json", start_date="2020-01-01T00:00:00Z"))) == 1


def test_the_head_of_a_file_asks_for_no_row(public: Any, rita: Client) -> None:
    public("路灯坏了")
    with mock.patch("gezhi.cases.reads.in_batches", side_effect=AssertionError):
        answer = rita.head("/open311/v2/bulk.csv")
    assert answer.status_code == 200
    assert answer.content == b""
    assert answer["Content-Disposition"] == 'attachment; filename="requests.csv"'
    assert rita.head("/open311/v2/bulk.csv", {"start_date": "x"}).status_code == 400


@pytest.mark.parametrize("kind", ["csv", *KINDS])
def test_what_is_wrong_is_told_instead_of_a_file(county: County, rita: Client, kind: str) -> None:
    answer = rita.get(f"/open311/v2/bulk.{kind}", {"start_date": "x"})
    assert answer.status_code == 400
    body = answer.json() if kind == "json" else spark(answer.content)
    assert "start_date" in words_of(body)
