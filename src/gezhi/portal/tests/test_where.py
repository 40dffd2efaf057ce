"""Where it is: a point, words or a village from the list; what is wrong is told beside it."""

import pytest
from django.test import Client

from gezhi.cases.models import Case
from gezhi.portal.pages.words import in_english
from gezhi.portal.tests.reporting import send, tell_what
from tests.cast import FAR_VILLAGE, TOWN, VILLAGE, County


@pytest.mark.parametrize(
    ("where", "path"),
    [
        ({"place": "黄家巷口"}, "990101"),
        ({"path": VILLAGE}, VILLAGE),
        ({"path": TOWN, "place": "街上"}, TOWN),
    ],
)
def test_words_or_a_village_from_the_list_say_where(
    county: County, rita: Client, where: dict[str, str], path: str
) -> None:
    tell_what(rita)
    assert rita.post("/report/where/", where).status_code == 302
    send(rita)
    assert Case.objects.get().path == path


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({}, "请说明在哪里"),
        ({"lon": "116.4", "lat": "39.9", "place": "门口"}, "不在"),
        ({"lon": "nan", "lat": "1e999", "place": "门口"}, ""),
        ({"path": "123456789"}, "没有区划"),
        ({"place": "门" * 201}, "200"),
    ],
)
def test_a_wrong_place_is_refused_beside_the_field_and_kept(
    county: County, rita: Client, where: dict[str, str], words: str
) -> None:
    tell_what(rita)
    refused = rita.post("/report/where/", where)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert words in page
    assert where.get("place", "") in page


def test_the_list_of_villages_is_grouped_by_town(county: County, rita: Client) -> None:
    tell_what(rita)
    page = rita.get("/report/where/").content.decode()
    assert '<optgroup label="河湾镇">' in page
    assert page.index(f'value="{VILLAGE}"') < page.index(f'value="{FAR_VILLAGE}"')
    assert not in_english()
