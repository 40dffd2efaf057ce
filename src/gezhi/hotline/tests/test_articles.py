"""Articles: who proposes and who decides, what is found while typing, versions, what is refused."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from gezhi.api.tests.calling import bearer, is_problem, post
from gezhi.base import clock
from gezhi.hotline import actions, reads, rules
from gezhi.hotline.errors import ArticleNotInUse, ArticleOver
from gezhi.hotline.models import Article, Call
from gezhi.hotline.tests.calling import PENSION, taken, write_article
from gezhi.record.models import AuditLine
from tests.cast import County


def find(county: County, typed: str) -> list[str]:
    return [one.title for one in reads.fitting(county.actor("xian"), typed)]


def test_an_agent_proposes_and_a_supervisor_of_the_county_takes_into_use(
    county: County, key: Callable[[str], str], rita: Client
) -> None:
    proposed = post(rita, "/articles", PENSION, headers=bearer(key("zhen")))
    assert (proposed.status_code, proposed.json()["state"]) == (201, "draft")
    assert find(county, "高龄补贴怎么领") == []
    address = f"/articles/{proposed.json()['id']}"
    for who in ("zhen", "zhendu"):  # a town's supervisor decides for a town, not for the hotline
        refused = post(rita, f"{address}/take", {}, headers=bearer(key(who)))
        assert is_problem(refused, 403, "not_allowed")
    taken = post(rita, f"{address}/take", {}, headers=bearer(key("du")))
    assert taken.json()["state"] == "in_use"
    assert find(county, "高龄补贴怎么领") == [PENSION["title"]]
    again = post(rita, f"{address}/take", {}, headers=bearer(key("du")))
    assert is_problem(again, 409, "hotline_article_stands")
    assert AuditLine.objects.filter(kind="rules", data__fact="article_changed").count() == 2


def test_what_was_read_out_stays_as_it_was(county: County) -> None:
    article, xian = write_article(county), county.actor("xian")
    call = actions.answer_call(taken(county), article=article.id, what="老人补贴", actor=xian)
    changed = {**PENSION, "answer": "到镇便民中心办，带身份证。"}
    actions.change_article(article.id, **changed, actor=county.actor("du"))
    call.refresh_from_db()
    assert call.version is not None
    assert call.version.answer == PENSION["answer"]
    assert reads.newest_version(Article.objects.get()).answer == changed["answer"]
    assert [one.number for one in reads.versions_of(article)] == [2, 1]
    assert reads.uses_of([article]) == {article.id: 1}


def test_what_is_out_of_date_is_neither_found_nor_read_out(county: County) -> None:
    today = timezone.localdate(clock.now())
    article = write_article(county, valid_until=today)
    assert find(county, "高龄津贴") == [PENSION["title"]]
    du, xian = county.actor("du"), county.actor("xian")
    old = {**PENSION, "valid_until": today - timedelta(days=1)}
    with pytest.raises(ArticleOver):
        actions.change_article(article.id, **old, actor=du)
    with clock.standing_at(clock.now() + timedelta(days=1)):
        assert find(county, "高龄津贴") == []
        with pytest.raises(ArticleNotInUse, match="有效期"):
            actions.answer_call(taken(county), article=article.id, actor=xian)
        assert not Call.objects.exclude(outcome="").exists()
        actions.drop_article(article.id, actor=du)
        with pytest.raises(ArticleOver):
            actions.take_article(article.id, actor=du)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"answer": " "}, "hotline_article_empty"),
        ({"title": ""}, "hotline_article_empty"),
        ({"answer": "找李主任 138 0000 1234"}, "hotline_article_tells_of_persons"),
        ({"asks": "622301199001011234"}, "hotline_article_tells_of_persons"),
        ({"unit": str(uuid4())}, "hotline_article_unit_unknown"),
    ],
)
def test_an_article_that_cannot_be_one_is_refused(
    county: County, key: Callable[[str], str], rita: Client, changed: dict[str, Any], code: str
) -> None:
    body = {**PENSION, **changed}
    assert is_problem(post(rita, "/articles", body, headers=bearer(key("du"))), 422, code)
    assert not Article.objects.exists()
    offices = {**PENSION, "answer": "水务局电话 0930-1234567，工作日 8:30-17:30。"}
    made = post(rita, "/articles", offices, headers=bearer(key("du")))
    assert made.status_code == 201


def test_articles_are_found_by_pairs_and_the_nearest_comes_first() -> None:
    known = [
        ("tap", "自来水停水通知在哪里看 停水"),
        ("bill", "水费怎么交 自来水缴费 水费单"),
        ("long", "自来水厂历史沿革和建设规划，水费改革的历史，供水管理条例和节约用水宣传"),
    ]
    assert rules.best("想问一下自来水的水费怎么交", known, most=2)[0] == "bill"
    assert rules.best("停水", known, most=3) == ["tap"]
    assert rules.best("公交车几点", known, most=3) == []
    asks = [
        ("water", "停水了问谁"),
        ("noise", "噪音扰民什么时候管"),
        ("care", "城乡居民医疗保险什么时候交"),
    ]
    assert rules.best("请问医疗保险怎么交，什么时候截止", asks, most=3) == ["care"]
    assert rules.best("12", [("one", "拨打 12345")], most=3) == ["one"]
    assert rules.is_valid("in_use", date(2026, 1, 1), date(2026, 1, 1))
