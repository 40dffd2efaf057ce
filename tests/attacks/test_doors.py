"""Ways past the doors: forged forms, borrowed sessions, goals elsewhere, methods, hosts, caches.

| what is tried | where | answer |
| --- | --- | --- |
| a form from elsewhere, without its token | every form of every table | 403 before anything |
| the same by a signed-in browser | operations of the API | 403 |
| taking away another's second factor | its address, the password just given | 404, as for none |
| a session key planted before the sign-in | the desk | to the sign-in |
| a session key kept from before the sign-out | the desk | to the sign-in |
| a goal elsewhere, or a line end in it | sign-in, language, letters, parts | never sent there |
| the name of another host | `Host`; `X-Forwarded-Host` | 400; repeated nowhere |
| a method in a header or a question | a link that would change something | 405, nothing changed |
| caches in between | pages, lists, files, operations | `private` or `no-store` |
| a saved file opened as a page | every workbook | saved under its name, never sniffed |
| deep, endless or broken bodies | an operation of the API | a refusal in words, 4xx |
| a package with other bytes | what is locked | one version and its digests each |
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from gezhi.base import clock
from gezhi.people.models import Account, Factor
from gezhi.people.rules import FactorKind
from tests.cast import PASSWORD, County, report_leak
from tests.matrix import table

Login = Callable[[str], Client]
NOTHING = "00000000-0000-0000-0000-000000000000"
ELSEWHERE = (
    "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example",
    "javascript:alert(1)", "https:evil.example", "/%0d%0aSet-Cookie:x=1", "http:///evil.example",
    "data:text/html,x",
)  # fmt: skip


# --- forged forms ------------------------------------------------------------------------------

_FORMS = sorted(
    {
        line.address
        for line in table.read_tables()
        if line.method == "POST" and not line.address.startswith("/api/")
    }
    - {"/demo/events/"}  # takes what is signed, whoever brings it: nothing of a browser's counts
)


@pytest.mark.django_db
def test_no_form_is_taken_without_its_token(county: County) -> None:
    """Whoever makes a signed-in browser send a form from elsewhere is refused before anything."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(county.accounts["cun"], backend="gezhi.site.sessions.AccountBackend")
    factor = _factor_of(county.accounts["zhen"])
    taken = []
    for address in _FORMS:
        named = address.replace("factors/{nothing}", f"factors/{factor.id}")
        named = named.replace("{version}", "1").replace("{model}", "1")
        path = re.sub(r"{\w+}", NOTHING, named)
        answer = client.post(path, {"words": "x"}, headers={"Origin": "https://evil.example"})
        if answer.status_code != 403:
            taken.append(f"{address}: {answer.status_code}")
    assert len(_FORMS) > 60
    assert not taken
    assert Factor.objects.filter(id=factor.id).exists()


@pytest.mark.django_db
def test_the_api_asks_a_browser_for_the_token_too(county: County) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(county.accounts["cun"], backend="gezhi.site.sessions.AccountBackend")
    case = report_leak().case
    for address in (f"/api/v1/cases/{case.number}/moves/note", "/api/v1/notices/read"):
        answer = client.post(
            address, json.dumps({"words": "一切正常"}), content_type="application/json"
        )
        assert answer.status_code == 403, address


@pytest.mark.django_db
def test_anothers_second_factor_is_as_none(county: County) -> None:
    """With the password given a moment ago, so that nothing else stands in the way."""
    theirs = _factor_of(county.accounts["zhen"])
    client = Client()
    with clock.standing_at(clock.now()):
        client.post("/desk/sign-in/", {"login": "cun", "password": PASSWORD})
        answers = [client.post(f"/desk/factors/{id}/remove/") for id in (theirs.id, NOTHING)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert _bare(answers[0]) == _bare(answers[1])
    assert Factor.objects.filter(id=theirs.id).exists()


def _factor_of(account: Account) -> Factor:
    return Factor.objects.create(
        account=account, kind=FactorKind.TOTP.value, name="手机", made_at=clock.now()
    )


def _bare(answer: Any) -> str:
    """Without what is made anew for each answer, and without its own address."""
    text = answer.content.decode().replace(answer.wsgi_request.path, "")
    return re.sub(r'[A-Za-z0-9]{64}|nonce[-=]"?[\w+/=-]+|\b[0-9a-f]{32}\b', "", text)


# --- sessions ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_session_from_before_the_sign_in_is_worth_nothing_after(county: County) -> None:
    """Whoever planted a session key in a browser doesn't hold the one that is signed in."""
    client = Client()
    session = client.session
    session["planted"] = "yes"
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted
    assert client.post("/desk/sign-in/", {"login": "cun", "password": PASSWORD}).status_code == 302
    assert client.cookies["sessionid"].value != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert thief.get("/desk/").status_code == 302


@pytest.mark.django_db
def test_a_session_is_over_after_signing_out_and_after_a_new_password(
    county: County, login: Login
) -> None:
    client = login("cun")
    kept = client.cookies["sessionid"].value
    assert client.get("/desk/").status_code == 200
    client.post("/desk/sign-out/")
    thief = Client()
    thief.cookies["sessionid"] = kept
    assert thief.get("/desk/").status_code == 302


# --- goals elsewhere ---------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("goal", ELSEWHERE)
def test_nobody_is_led_out_of_the_house(goal: str, county: County, login: Login) -> None:
    signing_in = Client().post(
        "/desk/sign-in/", {"login": "cun", "password": PASSWORD, "next": goal}
    )
    inside = login("cun").get("/desk/sign-in/", {"next": goal})
    language = Client().post(
        "/language/", {"language": "en", "next": goal}, headers={"Referer": goal}
    )
    letters = Client().post("/letters/", {"size": "big", "next": goal}, headers={"Referer": goal})
    part = Client().get("/desk/rows/", headers={"HX-Request": "true", "HX-Current-URL": goal})
    for answer in (signing_in, inside, language, letters, part):
        goes = answer.get("Location", answer.get("HX-Redirect", ""))
        assert not re.match(r"(?i)[a-z]+:|//|/\\|\\", goes), goes
        assert "\r" not in goes
        assert "\n" not in goes


@pytest.mark.django_db
def test_a_host_that_is_not_ours_is_never_repeated(client: Client) -> None:
    answer = client.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    answer = client.get("/api/v1/areas?limit=1", headers={"X-Forwarded-Host": "evil.example"})
    assert b"evil.example" not in answer.content
    assert "evil.example" not in str(answer.headers)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_method_is_what_it_is(name: str, county: County, login: Login) -> None:
    """A link can't be made to change something by a header or a field."""
    case = report_leak().case
    client = login("cun")
    path = f"/desk/cases/{case.number}/take/?_method=POST"
    assert client.get(path, headers={name: "POST"}).status_code == 405
    case.refresh_from_db()
    assert case.state == "reported"


# --- caches and files --------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_is_somebodys_own_is_kept_by_no_cache_in_between(county: County, login: Login) -> None:
    """Private or not stored at all; a public cache may keep nothing that a sign-in gave."""
    case = report_leak().case
    client = login("cun")
    for path in (
        "/desk/", "/desk/rows/", "/desk/counts/", f"/desk/cases/{case.number}/",
        "/desk/points.geojson", "/desk/notices/", "/desk/duty/", "/desk/export.xlsx",
        "/desk/saved/", "/desk/bulk/", "/desk/import/", "/api/v1/cases", "/api/v1/me",
        f"/api/v1/cases/{case.number}", "/mine/", f"/track/?number={case.number}",
    ):  # fmt: skip
        answer = client.get(path)
        kept = answer.get("Cache-Control", "")
        assert "private" in kept or "no-store" in kept, f"{path}: {kept!r}"
        assert "public" not in kept, path


@pytest.mark.django_db
def test_files_are_saved_under_their_names_and_sniffed_by_nobody(
    county: County, login: Login
) -> None:
    for path in ("/desk/export.xlsx", "/desk/import/template.xlsx"):
        answer = login("cun").get(path, headers={"Range": "bytes=0-3"})
        assert answer["Content-Disposition"].startswith("attachment"), path
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer.status_code in (200, 206)


# --- bodies ------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'{"what":' * 50_000 + b"1" + b"}" * 50_000,
        b'{"what":"' + b"x" * 5_000_000 + b'"}',
        b'{"what": NaN}',
        b'{"what": "a\\ud800"}',
        b"\xff\xfe{}",
        b'{"what": 1e999999}',
        b'{"__proto__": {"x": 1}, "what": "x", "where": {}}',
    ],
    ids=["deep list", "deep object", "large", "nan", "half a sign", "utf-16", "endless", "proto"],
)
def test_a_monstrous_body_is_refused_in_words(body: bytes, county: County) -> None:
    client = Client()
    client.raise_request_exception = False
    answer = client.generic("POST", "/api/v1/cases", body, content_type="application/json")
    assert 400 <= answer.status_code < 500
    assert answer["Content-Type"] == "application/problem+json"


# --- what we stand on --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["run", "dev"])
def test_every_package_is_pinned_to_its_bytes(name: str) -> None:
    """One exact version and at least one digest each; from no address, path or other index."""
    folder = Path(__file__).parents[2] / "requirements"
    text = (folder / f"{name}.txt").read_text("utf-8").replace("\\\n", " ")
    lines = [
        line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")
    ]
    pinned = r"[a-zA-Z0-9._-]+(\[[\w,-]+\])?==[\w.!+]+( ;.*?)?( +--hash=sha256:[0-9a-f]{64})+ *"
    wrong = [line for line in lines if not re.fullmatch(pinned, line.strip())]
    assert not wrong
    asked = re.findall(r"^[A-Za-z0-9][\w.-]*", (folder / f"{name}.in").read_text("utf-8"), re.M)
    have = {re.split(r"[=\[]", line)[0].lower().replace("_", "-") for line in lines}
    missing = {one.lower().replace("_", "-") for one in asked} - have
    assert not missing, "asked for in the .in file and not locked"
