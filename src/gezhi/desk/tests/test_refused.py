"""What somebody sees who opens a page that is not for their post."""

import pytest

from gezhi.cases.models import Case


@pytest.mark.parametrize(
    ("who", "address", "role"),
    [
        ("guan", "/desk/import/", "受理员"),
        ("cun", "/desk/visits/", "回访员"),
        ("cun", "/desk/approvals/", "督办员"),
        ("cun", "/desk/admin/rulebook/", "管理员"),
        ("cun", "/desk/admin/accounts/", "管理员"),
        ("wang", "/desk/export.xlsx", "承办人"),
        ("ling", "/desk/cases/new/", "网格员"),
        ("guan", "/desk/counts/", "领导"),
    ],
)
def test_a_refused_page_says_who_may_and_what_to_do(login, who, address, role) -> None:
    answer = login(who).get(address)
    assert answer.status_code == 403
    text = answer.content.decode()
    before, after = text.split("您现在的岗位", 1)
    assert role in before.split("能用这一页的岗位")[1]
    assert "管理员" in after
    assert "not_allowed" not in text
    assert "回到工作台" in text


def test_an_administrator_is_shown_where_posts_are_given(login) -> None:
    text = login("an").get("/desk/import/").content.decode()
    assert "给账号加上相应的岗位" in text
    assert "/desk/admin/accounts/" in text
    assert "给账号加上相应的岗位" not in login("guan").get("/desk/import/").content.decode()
    assert "/desk/admin/accounts/" not in login("cun").get("/desk/visits/").content.decode()


def test_import_stands_in_the_navigation_of_those_who_may(login) -> None:
    assert 'href="/desk/import/"' in login("cun").get("/desk/").content.decode()
    assert 'href="/desk/import/"' not in login("guan").get("/desk/admin/").content.decode()


def test_a_refused_step_is_told_in_words_too(login, handled: Case) -> None:
    typed = {"category": handled.category, "unit": "not-a-unit"}
    answer = login("cun").post(f"/desk/cases/{handled.number}/take/", typed)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "什么都没有改变" in text
    assert "请报这个代号" in text


def test_the_address_of_a_form_opened_by_hand_leads_back_to_the_desk(login) -> None:
    answer = login("cun").get("/desk/bulk/accept/do/")
    assert answer.status_code == 405
    assert "回到工作台" in answer.text
