"""Every page of the door: open to all, light, without script of its own, in both languages."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.cast import County

PAGES = ["/", "/cases/", "/report/", "/track/", "/mine/"]
MOST_BYTES = 150_000


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_open_to_everybody_and_has_no_inline_script(
    county: County, rita: Client, address: str
) -> None:
    page = rita.get(address)
    assert page.status_code == 200
    text = page.content.decode()
    assert "朔渭县" in text
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"\son\w+=", text)
    assert "script-src 'self';" in page["Content-Security-Policy"]


@pytest.mark.parametrize("address", PAGES)
def test_every_field_has_a_label(county: County, rita: Client, address: str) -> None:
    text = rita.get(address).content.decode()
    named = set(re.findall(r'<label[^>]* for="([^"]+)"', text))
    for field in re.findall(r"<(?:input|textarea|select)[^>]*>", text):
        if 'type="hidden"' in field or 'type="radio"' in field:
            continue
        found = re.search(r'\bid="([^"]+)"', field)
        assert found, field
        assert found.group(1) in named, field


@pytest.mark.parametrize("address", PAGES)
def test_in_english_no_chinese_is_left_but_names(
    county: County, rita: Client, address: str
) -> None:
    rita.post("/language/", {"language": "en", "next": address})
    text = rita.get(address).content.decode()
    text = re.sub(r"朔渭县|河湾镇|格(?=</span>)|中文|data-words-\w+=\"[^\"]*\"", "", text)
    assert not re.findall(r"[\u4e00-\u9fff]+", text)


def test_large_letters_are_remembered_and_lead_back(county: County, rita: Client) -> None:
    assert 'gz-portal-page gz-big"' not in rita.get("/track/").content.decode()
    assert rita.post("/letters/", {"size": "big", "next": "/track/"})["Location"] == "/track/"
    assert 'gz-portal-page gz-big"' in rita.get("/track/").content.decode()
    away = rita.post("/letters/", {"size": "normal", "next": "https://evil.example/"})
    assert away["Location"] == "/"
    assert 'gz-portal-page gz-big"' not in rita.get("/track/").content.decode()


def test_a_refused_post_keeps_what_was_typed_when_the_token_has_changed(county: County) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/report/", {"what": "井盖没了"})
    assert answer.status_code == 403
    assert "井盖没了" in answer.content.decode()


def test_the_first_load_stays_light(county: County, rita: Client) -> None:
    """Page, styles, scripts and icons as they are sent, compressed; the map comes later."""
    if not (Path(settings.GEZHI_HOME) / "build" / "portal.js").exists():
        pytest.skip("the front end is not built")
    total = len(gzip.compress(rita.get("/").content))
    for name in ("site.css", "site.js", "portal.css", "portal.js", "icons.svg"):
        total += len(gzip.compress((Path(settings.GEZHI_HOME) / "build" / name).read_bytes()))
    assert total < MOST_BYTES, total
