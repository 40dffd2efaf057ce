"""Where somebody comes in, what an address means, what a finished case still waits for."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.cases import actions
from gezhi.cases.models import Case
from gezhi.cases.tests.test_second_look import finished
from gezhi.cases.tests.test_waiting_files import send
from tests.cast import COUNTY, OTHER, TOWN, TUESDAY, VILLAGE, County

Login = Callable[[str], Client]


def page(client: Client, address: str) -> str:
    return unescape(client.get(address, follow=True).content.decode())


@pytest.mark.parametrize(
    ("who", "goal"),
    [("fang", "/desk/visits/"), ("cun", "/desk/"), ("shui", "/desk/"), ("du", "/desk/"),
     ("ling", "/desk/"), ("guan", "/desk/admin/accounts/")],
)  # fmt: skip
def test_everybody_comes_in_at_their_own_work(login: Login, who: str, goal: str) -> None:
    answer = login(who).get("/desk/", follow=True)
    assert answer.status_code == 200
    assert answer.request["PATH_INFO"] == goal


def test_who_calls_back_has_their_list_first_and_no_list_of_delays(
    login: Login, handled: Case
) -> None:
    client = login("fang")
    first = page(client, "/desk/")
    links = re.findall(r'<nav class="gz-side".*?</nav>', first, re.S)[0]
    assert links.index("/desk/visits/") < links.index("/desk/?tab=area")
    cases = page(client, "/desk/?tab=area")
    assert handled.number in cases
    assert "tab=late" not in re.findall(r'<nav class="gz-tabs".*?</nav>', cases, re.S)[0]


def test_a_second_persons_check_is_said_before_anybody_is_called(
    login: Login, county: County, rita: Client
) -> None:
    case, fang = finished(county), login("fang")
    later = finished_without_check(county)
    listed = page(fang, "/desk/visits/")
    assert listed.index(later.number) < listed.index(case.number), "what waits is at the end"
    row = listed[listed.index(f'id="v{case.number}"') :]
    assert "等待第二人核查" in row
    assert "记录回访" not in row
    shown = page(fang, f"/desk/cases/{case.number}/")
    assert "<h3>等待第二人核查</h3>" in shown
    assert 'data-move="visit_back"' not in shown
    assert 'data-move="visit_back"' in page(fang, f"/desk/cases/{later.number}/")
    form = page(fang, f"/desk/cases/{case.number}/moves/visit_back/")
    assert "请先不要打电话" in form
    assert 'type="submit"' not in form
    said = send(fang, case, "visit_back", is_reached="yes", is_solved="yes").content.decode()
    assert "第二人核查" in said
    assert "现在可以：" not in said, "checking is not hers"
    assert "已办结，待核查" in page(login("cun"), "/desk/?tab=done")
    actions.publish(case.id, is_public=True, actor=county.actor("du"))
    assert "由另一位工作人员到现场核查" in page(rita, f"/track/{case.number}/")
    send(login("du"), case, "verify", is_solved="yes", words="看过了", has_chosen="True")
    assert 'data-move="visit_back"' in page(fang, f"/desk/cases/{case.number}/")
    assert "等待第二人核查" not in page(fang, "/desk/visits/")
    assert "由另一位工作人员到现场核查" not in page(rita, f"/track/{case.number}/")


def finished_without_check(county: County) -> Case:
    case = actions.report(
        county=COUNTY, what="村口自来水管破裂", where=actions.Where(path=VILLAGE), channel="portal",
        contact=actions.Contact(name="李秀兰", phone="13812345678"), actor=NOBODY,
    ).case  # fmt: skip
    return _finish(case, county)


def _finish(case: Case, county: County) -> Case:
    actions.accept(case.id, category=case.proposed_category, actor=county.actor("cun"))
    actions.assign(case.id, unit=county.unit("dept-water"), actor=county.actor("cun"))
    actions.sign(case.id, actor=county.actor("shui"))
    answer = "已经联系过，诉求人自己撤回"
    return actions.finish(case.id, outcome="withdrawn", answer=answer, actor=county.actor("shui"))


def test_without_a_contact_the_page_says_when_it_closes(login: Login, county: County) -> None:
    with clock.standing_at(TUESDAY):
        case = actions.report(
            county=COUNTY, what="村口自来水管破裂", where=actions.Where(path=VILLAGE),
            channel="portal", actor=NOBODY,
        ).case  # fmt: skip
        _finish(case, county)
        shown = page(login("fang"), f"/desk/cases/{case.number}/")
    assert "没有评价就自动结案：11月24日 09:00" in shown
    assert 'data-move="visit_back"' not in shown, "there is nobody to call"
    assert "等待第二人核查" not in shown


def test_dates_the_wrong_way_round_are_said_at_the_field(login: Login, handled: Case) -> None:
    client = login("cun")
    asked = "tab=area&since=2026-11-20&until=2026-11-10"
    shown = page(client, f"/desk/?{asked}")
    assert "“到”的日期早于“上报从”" in shown
    assert 'hx-trigger="load"' in shown.split("gz-filter-menu", 1)[1].split("</details>", 1)[0]
    assert handled.number in shown, "neither is used"
    form = page(client, f"/desk/filter/?{asked}")
    assert 'id="id_until_error">“到”的日期早于' in form
    assert 'aria-describedby="id_until_error"' in form


@pytest.mark.parametrize(
    "asked",
    ["area=999", "area=990101999", "state=nonsense", "holder=x", "since=yesterday",
     "holder=01890000-0000-7000-8000-000000000000", "pace=slow", "tab=nothing", "sort=odd"],
)  # fmt: skip
def test_what_an_address_asks_in_vain_is_said(login: Login, handled: Case, asked: str) -> None:
    shown = page(login("zhen"), f"/desk/?{asked if 'tab' in asked else f'tab=area&{asked}'}")
    assert f"地址里的条件“{asked}”不认识，没有使用" in shown


def test_what_an_address_asks_well_is_not_doubted(login: Login, handled: Case) -> None:
    unit = handled.holder_id
    asked = f"tab=area&state=handling&area={TOWN}&holder={unit}&since=2026-11-01&sort=due"
    assert "gz-doubts" not in page(login("zhen"), f"/desk/?{asked}")


def test_an_area_that_is_not_ones_own_is_said(login: Login, handled: Case) -> None:
    said = "这里只找您负责的：河湾镇"
    assert f"“石坪镇”不全在您负责的区划里，{said}" in page(login("zhen"), f"/desk/?area={OTHER}")
    assert f"“朔渭县”不全在您负责的区划里，{said}" in page(login("zhen"), f"/desk/?area={COUNTY}")
    assert "不全在您负责的区划里" not in page(login("xian"), f"/desk/?area={OTHER}")


def test_a_saved_filter_says_what_becomes_of_it(login: Login) -> None:
    client = login("cun")
    kept = {"name": "本村的急事", "query": "tab=area&pace=soon"}
    assert "已保存筛选“本村的急事”" in unescape(
        client.post("/desk/filters/", kept, follow=True).content.decode()
    )
    again = client.post("/desk/filters/", {**kept, "query": "tab=area&pace=late"}, follow=True)
    assert "替换原来的筛选“本村的急事”" in unescape(again.content.decode())
    menu = page(client, "/desk/saved/")
    assert menu.count("本村的急事</a>") == 1
    assert "删除“本村的急事”？" in menu
    assert "确定删除" in menu
    assert menu.index('<hr class="gz-saved-part">') < menu.index("批量办理记录")
    drop = re.findall(r'action="(/desk/filters/[^"]+/drop/)"', menu)[0]
    gone = client.post(drop, follow=True)
    assert "已删除筛选“本村的急事”" in unescape(gone.content.decode())
    assert client.post(drop).status_code == 404


def test_the_keys_of_who_works_on_cases(login: Login, county: County, case: Case) -> None:
    cun = county.actor("cun")
    actions.accept(case.id, category=case.proposed_category, actor=cun)
    actions.assign(case.id, unit=county.unit("dept-water"), actor=cun)
    address = f"/desk/cases/{case.number}/"
    shown = page(login("shui"), address)
    assert re.search(r'data-move="sign" data-key="g"', shown)
    keys = re.findall(r"<dialog.*?</dialog>", shown, re.S)[0]
    told = re.findall(r"<kbd>([a-z])</kbd>", keys)
    assert len(told) == len(set(told)), "no key means two things"
    assert {"g", "f", "v", "r"} <= set(told)
    actions.sign(case.id, actor=county.actor("shui"))
    assert re.search(r'data-move="finish" data-key="f"', page(login("shui"), address))


def test_the_address_of_a_case_can_be_copied(login: Login, handled: Case) -> None:
    shown = page(login("shui"), f"/desk/cases/{handled.number}/panel/")
    address = f"/desk/cases/{handled.number}/"
    assert f'data-copy-link="http://testserver{address}"' in shown
    assert f'<a class="gz-number" href="{address}">{handled.number}</a>' in shown


def test_who_serves_one_village_has_it_chosen(login: Login) -> None:
    chosen = f'<option value="{VILLAGE}" selected>'
    assert chosen in page(login("cun"), "/desk/cases/new/")
    assert " selected>　" not in page(login("zhen"), "/desk/cases/new/"), "a town of two villages"


def test_all_that_a_new_case_lacks_is_said_in_one_round(login: Login) -> None:
    client = login("zhen")
    shown = page(client, "/desk/cases/new/")
    for name in ("id_what", "id_place"):
        assert f'class="form-label required" for="{name}"' in shown
    answer = client.post("/desk/cases/new/", {"channel": "", "what": " ", "place": ""})
    assert answer.status_code == 422
    text = answer.content.decode()
    for name in ("what", "place", "channel"):
        assert f'id="id_{name}_error"' in text


def test_whoever_wrote_it_down_can_open_it(login: Login) -> None:
    client = login("lu")
    typed = {"channel": "desk", "what": "自来水管漏水", "path": VILLAGE, "once": "a"}
    made = client.post("/desk/cases/new/", typed)
    assert made.status_code == 201
    address = re.findall(r'btn-primary" href="(/desk/cases/[0-9-]+/)"', made.content.decode())[0]
    assert client.get(address).status_code == 200
