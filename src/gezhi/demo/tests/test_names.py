"""Ordinary words for places in the demo county find them, or ask which."""

from collections import Counter

import pytest

from gezhi.base.actor import system
from gezhi.demo import actions
from gezhi.demo.county import County
from gezhi.places import reads as places
from gezhi.portal import reads as portal
from gezhi.portal.rules import Draft
from gezhi.rulebook import actions as rulebook
from gezhi.triage import reads as triage

COUNTY = "990101"

# Words for a place → the name that is found, or "?" where people are asked which.
MESSAGES = [
    ("鼓楼花园3号楼二单元", "鼓楼花园"),
    ("县一中门口", "稷川县第一中学"),
    ("县医院对面的人行道", "稷川县人民医院"),
    ("一小后门", "稷城第一小学"),
    ("客运站出站口", "稷川客运站"),
    ("李家塬村三组", "李家塬"),
    ("苇塬镇卫生院旁边", "苇塬卫生院"),
    ("康乐小区5栋", "?"),
    ("苇塬镇康乐小区5栋", "康乐小区"),
    ("稷河大桥上", "稷河大桥"),
    ("东滩菜市场门口", "东滩菜市场"),
    ("河堤公园里", "河堤公园"),
    ("育才路120号", "育才路"),
    ("鼓楼广场东侧", "鼓楼广场"),
    ("禾岭中心小学", "禾岭中心小学"),
    ("稷城街道新桥社区", "新桥"),
    ("果汁厂门前的路", "苇塬果汁厂"),
    ("粮站家属院2号楼", "粮站家属院"),
]

# Words for a place → what a resident is asked: nothing, which of some, or the village.
ASKED = [
    ("槐荫社区东滩小区", ""),
    ("稷川一中门口", ""),
    ("李家塬村卫生室旁边", ""),
    ("康乐小区5栋", "which"),
    ("滨河街3号", "which"),
    ("育才路120号", "which"),
    ("卫生室旁边", "village"),
    ("文化广场", "village"),
    ("村委会门口", "village"),
    ("解放路12号", "village"),
]


def _asked(place: str) -> str:
    meant = portal.meant_by(Draft(id="", what="路灯坏了", place=place), county=COUNTY)
    assert meant is not None
    return "" if meant.path else "which" if meant.answers else "village"


@pytest.mark.django_db
def test_ordinary_words_find_their_place(drawn: County) -> None:
    actions.load_places(drawn, system("demo"))
    rulebook.ensure_default(COUNTY, actor=system("demo"), guess_weekdays=True)
    wrong = []
    for words, wanted in MESSAGES:
        found = triage.whereabouts("", words, county=COUNTY)
        said = found.spot.name if found.spot else "?" if found.asks else "-"
        if said != wanted:
            wrong.append((words, wanted, said, [(s.name, s.path) for s in found.spots]))
    assert not wrong, "\n".join(map(str, wrong))
    assert {place: _asked(place) for place, _wanted in ASKED} == dict(ASKED)
    _every_name_lies_where_it_is_found(drawn)


def _every_name_lies_where_it_is_found(drawn: County) -> None:
    times = Counter(one.name for one in drawn.names)
    unsure = []
    for one in drawn.names:
        found = triage.whereabouts("", one.name, county=COUNTY)
        if times[one.name] > 1:
            assert found.asks, one.name
        elif found.spot is None:
            unsure.append(one.name)
        else:
            place = places.place_at(one.lon, one.lat, county=COUNTY)
            assert place.path.startswith(found.spot.path[:12]), one.name
    assert len(unsure) <= len(drawn.names) * 0.02, unsure


def test_names_are_given_once_but_for_one_to_be_asked_about(drawn: County) -> None:
    times = Counter(one.name for one in drawn.names)
    assert len(times) > 300
    assert [name for name, count in times.items() if count > 1] == ["康乐小区"]
