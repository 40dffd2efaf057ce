"""The pages of no room: nothing typed is lost, refusals and policies are shown."""

import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_alive_says_ok(client):
    assert client.get("/healthz").content == b"ok\n"


def test_a_page_that_is_not_there_says_what_to_do(client):
    answer = client.get("/nosuch/page", HTTP_ACCEPT_LANGUAGE="zh-hans")
    assert answer.status_code == 404
    assert "请检查网址" in answer.content.decode()


def test_words_are_translated_when_the_browser_asks(client):
    answer = client.get("/nosuch/page", HTTP_ACCEPT_LANGUAGE="en")
    assert "Not found" in answer.content.decode()


def test_pages_allow_scripts_of_our_own_only(client):
    policy = client.get("/nosuch/page").headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]


def test_a_form_with_an_old_token_comes_back_with_everything_typed():
    browser = Client(enforce_csrf_checks=True)
    words = '第一行\n<script>alert("1")</script> & “引号”'
    answer = browser.post("/language/", {"next": "/", "text": words, "password": "secret-words"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "&lt;script&gt;" in page
    assert "第一行" in page
    assert "secret-words" not in page
    assert 'action="/language/"' in page

    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token, "the page must carry a fresh token"
    again = browser.post(
        "/language/", {"next": "/", "language": "en", "csrfmiddlewaretoken": token.group(1)}
    )
    assert again.status_code == 302


def test_a_form_sent_after_the_sign_in_ended_comes_back(client):
    call = "01a2092a-79fe-730a-a101-96179c5ac821"
    answer = client.post("/desk/", {"text": "写了很久的办理意见", "call": call})
    page = answer.content.decode()
    assert answer.status_code == 401
    assert "<li>写了很久的办理意见</li>" in page
    assert page.count(call) == 1  # sent again, and not shown
    assert "/desk/sign-in/" in page


def test_a_part_asked_for_after_the_sign_in_ended_goes_to_the_sign_in(client):
    answer = client.get("/desk/", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].startswith("/desk/sign-in/")


def test_an_expired_form_of_htmx_is_shown_among_the_notices(client):
    answer = client.post("/desk/", {"text": "意见"}, headers={"HX-Request": "true"})
    assert answer.headers["HX-Retarget"] == "#notices"
    assert "意见" in answer.content.decode()
