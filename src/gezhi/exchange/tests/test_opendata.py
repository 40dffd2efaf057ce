"""Open data: the files of every night, their descriptions, how they are fetched."""

import csv
import hashlib
import io
import json
import tracemalloc
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from jsonschema_rs import Draft202012Validator

from gezhi.api.tests.test_open311_requests import Shown, shown
from gezhi.base import clock, disk
from gezhi.base.ids import new_id
from gezhi.cases import actions as cases
from gezhi.cases.models import Case, Report
from gezhi.exchange import actions, jobs
from gezhi.exchange.rules import opendata as rules
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, SETTING_UP, TUESDAY, County

__all__ = ["shown"]
NIGHT = TUESDAY + timedelta(hours=18)
Fetch = Callable[..., Any]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.OPEN_DATA = str(tmp_path / "opendata")
    return tmp_path / "opendata"


@pytest.fixture
def fetch(county: County, rita: Client) -> Fetch:
    """A file as a stranger gets it: `fetch("cases-2026-11.csv")`."""

    def get(name: str, _status: int = 200, **headers: str) -> Any:
        answer = rita.get(f"/opendata/{name}", headers=headers)
        assert answer.status_code == _status, (name, answer.status_code)
        assert _status == 404 or answer["Access-Control-Allow-Origin"] == "*"
        return answer

    return get


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


@pytest.fixture
def table(fetch: Fetch) -> Callable[[str], list[dict[str, str]]]:
    def read(part: str = "2026-11") -> list[dict[str, str]]:
        text = body(fetch(f"cases-{part}.csv")).decode()
        return list(csv.DictReader(io.StringIO(text, newline="")))

    return read


def write(at: datetime = NIGHT) -> None:
    with clock.standing_at(at):
        actions.write_open_data(clock.now())


def numbers(rows: list[dict[str, str]]) -> list[str]:
    return [row["service_request_id"] for row in rows]


def test_a_night_writes_every_public_case_in_both_forms_and_says_what_they_are(
    shown: Shown, fetch: Fetch, table: Any
) -> None:
    made = [shown(at=TUESDAY + timedelta(minutes=at), what="路灯不亮") for at in range(3)]
    shown(is_public=False)
    write()
    assert numbers(table()) == numbers(table("latest")) == [case.number for case in made]
    described = json.loads(body(fetch("datapackage.json")))
    assert described["created"] == "2026-11-17T19:00:00Z"
    assert {each["path"] for each in described["resources"]} == {
        f"cases-{part}.{kind}" for part in ("2026-11", "latest") for kind in ("csv", "geojson")
    }
    for each in described["resources"]:
        found = body(fetch(each["path"]))
        assert each["bytes"] == len(found)
        assert each["hash"] == f"sha256:{hashlib.sha256(found).hexdigest()}"
        assert each["rows"] == 3
    features = json.loads(body(fetch("cases-2026-11.geojson")))
    Draft202012Validator(json.loads(body(fetch("geojson-schema.json")))).validate(features)
    assert features["features"][0]["geometry"] == {"type": "Point", "coordinates": [106.91, 35.61]}
    for row, one in zip(table(), features["features"], strict=True):
        told = {name: value or "" for name, value in one["properties"].items()}
        assert told == {name: row[name] for name in told}
        assert (row["long"], row["lat"]) == ("106.91", "35.61")


def test_the_columns_are_those_of_the_schema_and_hold_what_it_says(
    shown: Shown, fetch: Fetch, table: Any
) -> None:
    shown()
    write()
    schema = json.loads(body(fetch("table-schema.json")))
    assert [field["name"] for field in schema["fields"]] == list(table()[0])
    [row] = table()
    for field in schema["fields"]:
        limits, value = field.get("constraints", {}), row[field["name"]]
        assert value or not limits.get("required"), field
        if value and field["type"] == "number":
            assert limits["minimum"] <= float(value) <= limits["maximum"]
        if value and field["type"] == "datetime":
            assert datetime.fromisoformat(value).utcoffset() == timedelta(0)
        assert value in limits.get("enum", [value])
        assert field["title"]


@pytest.mark.parametrize("way", ["private", "merged", "erased", "reclassified"])
def test_what_may_not_be_told_any_more_is_in_no_file_of_the_next_night(
    shown: Shown, county: County, fetch: Fetch, table: Any, folder: Path, way: str
) -> None:
    case = shown(what="独一无二的话", at=TUESDAY - timedelta(days=40))
    write()
    assert "独一无二的话" in _everything(folder)
    hidden = next(k for k, one in rulebook.current(COUNTY).categories.items() if one.sensitive)
    if way == "private":
        cases.publish(case.id, is_public=False, actor=county.actor("du"))
    elif way == "merged":
        cases.merge(case.id, main=shown().id, actor=county.actor("cun"))
    elif way == "erased":
        report = Report.objects.get(case=case)
        cases.anonymise_report(report.id, reason="request", actor=SETTING_UP)
    else:
        cases.reclassify(case.id, category=hidden, actor=county.actor("cun"))
    write(NIGHT + timedelta(days=1))
    assert "独一无二的话" not in _everything(folder)
    if way != "erased":
        assert case.number not in _everything(folder)
        fetch("cases-2026-10.csv", 404)  # nothing is left of that month


def _everything(folder: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in folder.iterdir())


def test_nobody_is_found_in_a_file_and_no_formula_runs(shown: Shown, folder: Path) -> None:
    shown(what='=HYPERLINK("x") 王秀英住三号楼，电话13812345678')
    shown(is_secret=True, is_public=False, what="保密的话")
    write()
    told = _everything(folder)
    assert "13812345678" not in told
    assert "保密的话" not in told
    assert "138****5678" in told
    text = (folder / "cases-2026-11.csv").read_text(encoding="utf-8")
    assert "\"'=HYPERLINK" in text


def test_a_month_begins_when_the_citys_does(shown: Shown, table: Any, fetch: Fetch) -> None:
    midnight = datetime.fromisoformat("2026-11-01T00:00:00+08:00")
    before = shown(at=midnight - timedelta(seconds=1))
    after = shown(at=midnight)
    write()
    assert numbers(table("2026-10")) == [before.number]
    assert numbers(table("2026-11")) == [after.number]
    assert numbers(table("latest")) == [before.number, after.number]
    write(NIGHT + timedelta(days=14))
    assert numbers(table("latest")) == []
    parts = [each["name"] for each in json.loads(body(fetch("datapackage.json")))["resources"]]
    assert parts[0].startswith("cases-latest")
    assert parts[-1].startswith("cases-2026-10")


def test_a_night_that_breaks_off_leaves_yesterdays_files_whole(
    shown: Shown, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown()
    write()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    shown()

    def break_off(row: Any) -> Any:
        raise OSError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr(rules, "feature", break_off)
        with pytest.raises(OSError, match="no space left"):
            write(NIGHT + timedelta(days=1))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    (folder / ".cases-2026-11.csv.dead").write_bytes(b"half")  # of one that was killed
    write(NIGHT + timedelta(days=1))
    assert not [path for path in folder.iterdir() if disk.is_draft(path)]


def test_the_job_writes_once_a_day_and_makes_up_for_a_night_it_missed(
    shown: Shown, fetch: Fetch
) -> None:
    shown()

    def created(at: datetime) -> str:
        with clock.standing_at(at):
            jobs.publish_open_data(timestamp=0)
        return str(json.loads(body(fetch("datapackage.json")))["created"])

    first = created(NIGHT)
    assert created(NIGHT + timedelta(hours=20)) == first
    assert created(NIGHT + timedelta(hours=22)) == "2026-11-18T17:00:00Z"  # after midnight there
    assert created(NIGHT + timedelta(days=9)) == "2026-11-26T19:00:00Z"


def test_a_file_that_did_not_change_is_not_sent_again(shown: Shown, fetch: Fetch) -> None:
    shown()
    write()
    first = fetch("cases-2026-11.csv")
    tag, since = first["ETag"], first["Last-Modified"]
    assert body(first)
    assert body(fetch("cases-2026-11.csv", 304, **{"If-None-Match": tag})) == b""
    assert body(fetch("cases-2026-11.csv", 304, **{"If-Modified-Since": since})) == b""
    write(NIGHT + timedelta(days=1))
    assert body(fetch("cases-2026-11.csv", 200, **{"If-None-Match": tag}))


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=5-5", 5, 6),
        ("bytes=10-", 10, None),
        ("bytes=-7", -7, None),
        ("bytes=3-999999", 3, None),
    ],
)
def test_a_part_of_a_file_may_be_asked_for(
    shown: Shown, fetch: Fetch, wanted: str, start: int, stop: int | None
) -> None:
    shown()
    write()
    whole = fetch("cases-2026-11.csv")
    tag, everything = whole["ETag"], body(whole)
    assert whole["Accept-Ranges"] == "bytes"
    part = fetch("cases-2026-11.csv", 206, Range=wanted, **{"If-Range": tag})
    found = body(part)
    assert found == everything[start:stop]
    assert part["Content-Length"] == str(len(found))
    first = start % len(everything)
    assert part["Content-Range"] == f"bytes {first}-{first + len(found) - 1}/{len(everything)}"
    # Of another file than it has the beginning of, all is given.
    assert body(fetch("cases-2026-11.csv", Range=wanted, **{"If-Range": '"x"'})) == everything


@pytest.mark.parametrize("wanted", ["bytes=-", "bytes=1-2,4-5", "lines=1-2", "bytes=a-b"])
def test_what_cannot_be_read_asks_for_all(shown: Shown, fetch: Fetch, wanted: str) -> None:
    shown()
    write()
    assert len(body(fetch("cases-2026-11.csv", Range=wanted))) > 100


def test_beyond_the_end_there_is_nothing(shown: Shown, fetch: Fetch) -> None:
    shown()
    write()
    answer = fetch("cases-2026-11.csv", 416, Range="bytes=99999999-")
    assert answer["Content-Range"].startswith("bytes */")


@pytest.mark.parametrize(
    "name", ["cases-1999-01.csv", "..%2Fkeys%2Fseal.json", "secret.txt", "cases-latest.xml", "%00"]
)
def test_only_files_of_open_data_are_given(
    shown: Shown, fetch: Fetch, folder: Path, name: str
) -> None:
    shown()
    write()
    (folder / "secret.txt").write_text("x")
    fetch(name, 404)


def test_the_page_says_what_there_is_under_which_licence(
    shown: Shown, rita: Client, settings: Any
) -> None:
    page = rita.get("/opendata/").content.decode()
    assert "第一批文件今天夜里生成" in page
    case = shown()
    write()
    page = rita.get("/opendata/").content.decode()
    assert "使用许可还没有说明" in page
    settings.OPEN_DATA_LICENCE = "CC-BY-4.0 https://creativecommons.org/licenses/by/4.0/"
    write()
    page = rita.get("/opendata/").content.decode()
    assert 'href="https://creativecommons.org/licenses/by/4.0/" rel="license">CC-BY-4.0</a>' in page
    assert "更新于 2026-11-18 03:00" in page
    assert "<strong>2026-11</strong>" in page
    table = body(rita.get("/opendata/cases-2026-11.csv"))
    assert hashlib.sha256(table).hexdigest() in page
    assert case.number not in page


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", {}),
        ("CC-BY-4.0", {"name": "CC-BY-4.0"}),
        ("https://example.org/l", {"path": "https://example.org/l"}),
        ("政府 数据 开放 协议", {"name": "政府 数据 开放 协议"}),
        ("A B https://example.org/l", {"name": "A B", "path": "https://example.org/l"}),
    ],
)
def test_a_licence_is_a_name_an_address_or_both(text: str, told: dict[str, str]) -> None:
    assert rules.licence(text) == told


@pytest.fixture
def many(shown: Shown) -> Callable[[int], None]:
    """Copies of one public case: `many(500)`."""
    case = shown()
    values = {field.attname: getattr(case, field.attname) for field in Case._meta.concrete_fields}
    serials = iter(range(10**6))

    def copy(count: int) -> None:
        rows = [
            Case(**{**values, "id": new_id(), "number": f"x{next(serials)}", "words": ""})
            for _at in range(count)
        ]
        Case.objects.bulk_create(rows)

    return copy


def test_ten_times_the_cases_take_no_more_memory(
    many: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gezhi.exchange.reads.opendata._AT_ONCE", 200)

    def peak() -> int:
        tracemalloc.start()
        try:
            write()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    many(500)
    write()  # what is kept from the first time on
    few = peak()
    many(4500)
    assert peak() < 1.3 * few
