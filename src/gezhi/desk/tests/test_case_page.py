"""The page of a case: renewed after an act as the page it is, each unit under one name."""

import re

from gezhi.cases import actions
from gezhi.cases.models import Case
from gezhi.people import actions as people
from tests.cast import County

_ALONE = "单独打开"


def test_the_panel_leads_to_the_page_and_the_page_renewed_does_not_lead_to_itself(
    login, case: Case
) -> None:
    client = login("cun")
    assert _ALONE in client.get(f"/desk/cases/{case.number}/panel/").content.decode()
    page = client.get(f"/desk/cases/{case.number}/").content.decode()
    assert _ALONE not in page
    found = re.search(r'data-case="[^"]+" hx-get="([^"]+)"', page)
    assert found
    for _again in range(2):  # what it is renewed with renews itself the same way
        part = client.get(found[1]).content.decode()
        assert _ALONE not in part
        assert f'hx-get="{found[1]}"' in part


def test_a_unit_has_one_name_on_a_case_page(login, county: County, case: Case) -> None:
    """Its short one; the full name is a title, for whoever wants to know."""
    guan = county.actor("guan")
    people.change_unit(county.unit("dept-cityadmin"), short_name="城管局", actor=guan)
    full, short = "柳树村综治中心", "柳树综治"
    centre = county.unit(f"centre-{case.path[:12]}")
    people.change_unit(centre, short_name=short, actor=guan)
    actions.accept(case.id, category="build.illegal", actor=county.actor("cun"))
    text = login("cun").get(f"/desk/cases/{case.number}/").content.decode()
    body = text.partition('<article class="gz-case"')[2]
    assert short in body
    assert full in body, "the full name is there as a title"
    assert full not in re.sub(r'title="[^"]*"', "", body)


def test_the_proposed_unit_has_the_same_name_alone_and_among_many(
    login, county: County, case: Case
) -> None:
    station = county.unit("station-990101101-enforcement")
    people.change_unit(station, short_name="河湾执法队", actor=county.actor("guan"))
    actions.accept(case.id, category="build.illegal", actor=county.actor("cun"))
    client = login("cun")
    alone = client.get(f"/desk/cases/{case.number}/panel/").content.decode()
    many = client.post("/desk/bulk/take/", {"number": [case.number]}).content.decode()
    for text in (alone, many):
        assert '<strong title="河湾镇综合执法队">河湾执法队</strong>' in text
