"""The administrator's page of what was learned, and the same for programs."""

import pytest

from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.base.ids import new_id
from gezhi.base.sheets import lines_of
from gezhi.triage.actions import training
from gezhi.triage.models import LearnedModel, Training
from gezhi.triage.reads import training as trainings
from gezhi.triage.tests.learned import close_many, settled
from tests.cast import COUNTY

PAGE, API = "/desk/admin/triage/", "/api/v1/triage"


@pytest.fixture
def trained(county, handled):
    trainings.forget(COUNTY)
    close_many(handled, settled(clock.now()))
    training.train_now(county=COUNTY, actor=system("tests"), tell=lambda done, total: None)
    trainings.forget(COUNTY)
    yield LearnedModel.objects.get()
    trainings.forget(COUNTY)


def test_before_anything_was_learned_the_page_says_what_it_takes(login):
    page = login("guan").get(PAGE)
    assert page.status_code == 200
    text = page.content.decode()
    assert "300" in text
    assert "关键词" in text
    assert login("zhen").get(PAGE).status_code == 403


def test_versions_are_told_with_their_scores_and_each_kind(login, trained):
    guan = login("guan")
    text = guan.get(PAGE).content.decode()
    assert f"{PAGE}1/" in text
    assert "正在使用" in text
    assert "更好，已启用" in text
    one = guan.get(f"{PAGE}1/").content.decode()
    assert "噪声" in one or "噪音" in one  # by its name, not by its key
    assert "env.noise" not in one
    assert guan.get(f"{PAGE}7/").status_code == 404


def test_a_result_that_looks_wrong_is_explained(login, trained):
    """Nearer to all right, and yet not taken: eighty cases can't tell it from chance."""
    Training.objects.update(result="kept", before=0.925, after=0.971, held=81)
    text = login("guan").get(PAGE).content.decode()
    assert "用 81 件没见过的工单比，差别可能只是偶然" in text
    assert "和规则册关键词合用" in text
    Training.objects.update(after=0.9)
    assert "新的没有更准" in login("guan").get(PAGE).content.decode()
    Training.objects.update(result="stopped")
    assert "训练期间已改用另一版" in login("guan").get(PAGE).content.decode()


def test_every_table_is_given_as_a_file(login, trained):
    """With the same rows and figures as the page; a kind without enough cases is marked."""
    row = {**trained.scores["per_class"][0], "key": "utility.manhole", "is_learned": False}
    trained.scores["per_class"].append({**row, "taken_for": [["gone.kind", 2]], "f1": None})
    trained.save(update_fields=["scores"])
    guan = login("guan")
    versions, trainings, classes = (
        lines_of(guan.get(f"{PAGE}{name}").content)
        for name in ("versions.xlsx", "trainings.xlsx", "1/classes.xlsx")
    )
    assert [line[0] for line in versions] == ["版本", 1]
    assert versions[1][-1] == "正在使用"
    assert "更好，已启用" in trainings[1]
    assert len(classes) == 1 + 4
    assert {"件数不够，只靠关键词", "gone.kind 2"} <= set(classes[1])
    text = guan.get(f"{PAGE}1/").content.decode()
    assert "件数不够，只靠关键词" in text
    assert "gone.kind 2" in text
    assert guan.get(f"{PAGE}7/classes.xlsx").status_code == 404
    assert login("zhen").get(f"{PAGE}versions.xlsx").status_code == 403


def test_training_is_asked_for_watched_and_left(login, trained):
    guan = login("guan")
    assert guan.get(f"{PAGE}progress/")["HX-Refresh"] == "true"
    assert guan.post(f"{PAGE}train/").url == PAGE
    running = Training.objects.get(finished_at=None)
    Training.objects.filter(id=running.id).update(done=2, total=6)
    part = guan.get(f"{PAGE}progress/")
    assert "HX-Refresh" not in part
    assert "2 / 6" in part.content.decode()
    again = guan.post(f"{PAGE}train/", follow=True).content.decode()
    assert "正在训练" in again
    assert Training.objects.filter(finished_at=None).count() == 1


def test_an_older_version_is_taken_back_by_page_and_api(login, key, trained):
    trained.pk, trained.version, trained.is_in_force = new_id(), 2, False
    trained.save(force_insert=True)
    guan = login("guan")
    assert guan.post(f"{PAGE}2/back/").url == PAGE
    assert LearnedModel.objects.get(is_in_force=True).version == 2
    token = {"HTTP_AUTHORIZATION": f"Bearer {key('guan')}"}
    back = guan.post(f"{API}/models/1/use", {}, "application/json", **token)
    assert (back.status_code, back.json()["is_in_force"]) == (200, True)
    assert LearnedModel.objects.get(is_in_force=True).version == 1
    assert guan.post(f"{API}/models/9/use", {}, "application/json", **token).status_code == 404


def test_programs_read_versions_and_trainings_and_ask_for_one(client, key, trained):
    token = {"HTTP_AUTHORIZATION": f"Bearer {key('guan')}"}
    (listed,) = client.get(f"{API}/models", **token).json()["items"]
    assert (listed["version"], listed["is_in_force"]) == (1, True)
    one = client.get(f"{API}/models/1", **token).json()
    assert {each["key"] for each in one["per_class"]} == {
        "env.noise", "traffic.bus", "utility.water.quality",
    }  # fmt: skip
    (done,) = client.get(f"{API}/trainings", **token).json()["items"]
    assert (done["result"], done["version"]) == ("switched", 1)
    asked = client.post(f"{API}/trainings", {}, "application/json", **token)
    assert (asked.status_code, asked.json()["result"]) == (202, "")
    twice = client.post(f"{API}/trainings", {}, "application/json", **token)
    assert (twice.status_code, twice.json()["code"]) == (409, "triage_training_runs")
    clerk = {"HTTP_AUTHORIZATION": f"Bearer {key('zhen')}"}
    assert client.get(f"{API}/models", **clerk).status_code == 403


def test_versions_of_an_older_release_are_shown_and_not_put_in_force(login, trained):
    """Their scores don't say what was learned, their weights can't be read."""
    for row in trained.scores["per_class"]:
        del row["is_learned"]
    older = LearnedModel.objects.create(
        county=COUNTY,
        version=2,
        made_at=clock.now(),
        made_by="",
        cases=400,
        classes=3,
        margin=0.1,
        until=clock.now(),
        scores=trained.scores,
        body=b"of another release",
    )
    guan = login("guan")
    assert guan.get(f"{PAGE}2/").status_code == 200
    assert lines_of(guan.get(f"{PAGE}2/classes.xlsx").content)
    assert guan.get(f"{API}/models/2").json()["per_class"][0]["is_learned"] is True
    assert "读不出来" in guan.post(f"{PAGE}2/back/", follow=True).content.decode()
    assert "正在使用" in guan.get(PAGE).content.decode()
    LearnedModel.objects.filter(version=1).update(is_in_force=False)
    LearnedModel.objects.filter(id=older.id).update(is_in_force=True)
    trainings.forget(COUNTY)
    text = guan.get(PAGE).content.decode()
    assert "读不出，只靠关键词" in text
    assert "正在使用" not in text
