"""Second factors, through the pages: set up, asked for, used once, limited, reset, enforced."""

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from gezhi.base import clock
from gezhi.people import rules
from gezhi.people.models import Account, Factor, RecoveryCode
from gezhi.record.models import AuditLine
from gezhi.site.live import staff_of
from tests.cast import PASSWORD

NOON = datetime(2026, 11, 17, 4, 0, tzinfo=UTC)
SIGN_IN, SECOND, MINE = "/desk/sign-in/", "/desk/sign-in/second/", "/desk/factors/"
WRONG = "000000"

required = override_settings(SECOND_FACTOR="roles")


def enter(login, password=PASSWORD, **more):
    """A browser that has given a password."""
    client: Any = Client()
    client.answer = client.post(SIGN_IN, {"login": login, "password": password, **more})
    return client


def secret_on(page):
    found = re.search(r'id="secret">([A-Z2-7 ]+)<', page)
    assert found, page
    return base64.b32decode(found[1].replace(" ", ""))


def set_up(client, at=NOON):
    """An authenticator app for who is signed in; its secret, and the recovery codes shown."""
    with clock.standing_at(at):
        secret = secret_on(client.get(MINE + "app/").content.decode())
        code = rules.totp_code(secret, rules.step_at(at))
        page = client.post(MINE + "app/", {"code": code}).content.decode()
    return secret, re.findall(r"<code>([a-z2-9]{4}(?:-[a-z2-9]{4}){3})</code>", page)


@pytest.fixture
def cun(county):
    """Cun, who has an authenticator app, signed in nowhere."""
    with clock.standing_at(NOON):
        client = enter("cun")
    secret, codes = set_up(client)
    county.secret, county.codes = secret, codes
    return county


def code_at(county, moment):
    return rules.totp_code(county.secret, rules.step_at(moment))


LATER = NOON + timedelta(minutes=2)


def test_a_password_alone_leads_to_the_second_page_and_no_further(cun):
    with clock.standing_at(LATER):
        client = enter("cun", next="/desk/visits/")
        assert client.answer.headers["Location"] == SECOND
        assert "_auth_user_id" not in client.session
        assert client.get("/desk/").status_code == 302
        page = client.get(SECOND).content.decode()
        assert "六位动态码" in page
        answer = client.post(SECOND, {"code": code_at(cun, LATER)})
        assert answer.headers["Location"] == "/desk/visits/"
        assert client.get("/desk/").status_code == 200


def test_a_code_is_taken_once(cun):
    with clock.standing_at(LATER):
        code = code_at(cun, LATER)
        assert enter("cun").post(SECOND, {"code": code}).status_code == 302
        refused = enter("cun").post(SECOND, {"code": code})
        assert refused.status_code == 422
        assert "已经用过" in refused.content.decode()


def test_the_code_of_the_set_up_does_not_sign_in(cun):
    with clock.standing_at(NOON):
        assert enter("cun").post(SECOND, {"code": code_at(cun, NOON)}).status_code == 422


def test_after_five_wrong_codes_the_right_one_waits_a_quarter_of_an_hour(cun):
    with clock.standing_at(LATER):
        client = enter("cun")
        for _each in range(5):
            assert client.post(SECOND, {"code": WRONG}).status_code == 422
        closed = client.post(SECOND, {"code": code_at(cun, LATER)})
        assert closed.status_code == 429
        assert closed.headers["Retry-After"] == "900"
        assert "15 分钟" in closed.content.decode()
        # From another address, and by a recovery code, it is closed all the same.
        other = enter("cun")
        assert other.post(SECOND, {"code": cun.codes[0]}).status_code == 429
    with clock.standing_at(LATER + timedelta(minutes=16)):
        moment = LATER + timedelta(minutes=16)
        assert enter("cun").post(SECOND, {"code": code_at(cun, moment)}).status_code == 302


def test_who_had_the_password_and_not_the_code_is_told_to_the_account(cun):
    with clock.standing_at(LATER):
        client = enter("cun")
        client.post(SECOND, {"code": WRONG})
        client.post(SECOND, {"code": code_at(cun, LATER)})
        assert "密码对了，二次验证没有通过" in client.get("/desk/account/").text


def test_a_right_code_forgets_the_wrong_ones(cun):
    with clock.standing_at(LATER):
        for _round in range(2):
            client = enter("cun")
            for _each in range(4):
                client.post(SECOND, {"code": WRONG})
            moment = LATER + timedelta(seconds=30 * _round)
            assert client.post(SECOND, {"code": code_at(cun, moment)}).status_code == 302


def test_a_recovery_code_lets_in_once(cun):
    assert len(cun.codes) == rules.RECOVERY_CODES
    with clock.standing_at(LATER):
        typed = cun.codes[3].upper().replace("-", " ")
        assert enter("cun").post(SECOND, {"code": typed}).status_code == 302
        assert enter("cun").post(SECOND, {"code": typed}).status_code == 422
        assert enter("cun").post(SECOND, {"code": cun.codes[4]}).status_code == 302


def test_new_recovery_codes_replace_the_old_ones(cun):
    with clock.standing_at(LATER):
        client = enter("cun")
        client.post(SECOND, {"code": code_at(cun, LATER)})
        page = client.post(MINE + "recovery/").content.decode()
        assert cun.codes[0] not in page
        assert enter("cun").post(SECOND, {"code": cun.codes[0]}).status_code == 422


def test_the_second_page_waits_ten_minutes(cun):
    with clock.standing_at(LATER):
        client = enter("cun")
    late = LATER + timedelta(minutes=11)
    with clock.standing_at(late):
        answer = client.post(SECOND, {"code": code_at(cun, late)})
    assert answer.headers["Location"] == SIGN_IN
    assert "_auth_user_id" not in client.session


def test_a_session_from_before_the_factor_was_set_up_is_asked_for_it(county):
    with clock.standing_at(NOON):
        before, client = enter("cun"), enter("cun")
        assert before.get("/desk/").status_code == 200
        secret, _codes = set_up(client)
        assert client.get("/desk/").status_code == 200
        led = before.get("/desk/visits/")
        assert led.headers["Location"] == SECOND + "?next=%2Fdesk%2Fvisits%2F"
        assert before.get(MINE).status_code == 302
        assert before.post("/desk/password/", {"old": PASSWORD}).status_code == 401
        assert before.get("/api/v1/cases").status_code == 401
        # A password is no second factor.
        assert before.post(SECOND, {"password": PASSWORD}).status_code == 422
    with clock.standing_at(LATER):
        code = rules.totp_code(secret, rules.step_at(LATER))
        answer = before.post(SECOND, {"code": code, "next": "/desk/visits/"})
        assert answer.headers["Location"] == "/desk/visits/"
        assert before.get("/desk/").status_code == 200


@required
def test_who_sees_personal_data_sets_one_up_before_anything_else(county):
    client = enter("cun")
    for path in ("/desk/", "/desk/duty/", "/desk/password/", "/desk/outbox/", "/desk/admin/"):
        assert client.get(path).headers["Location"] == MINE, path
    assert client.get("/api/v1/cases").status_code == 401
    part = client.get("/desk/rows/", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["HX-Redirect"]) == (204, MINE)
    assert client.post("/desk/duty/leaves/", {"kind": "leave"}).status_code == 401
    assert "请先设好一种" in client.get(MINE).content.decode()
    set_up(client, clock.now())
    assert client.get("/desk/").status_code == 200


@required
@pytest.mark.parametrize(("login", "status"), [("ling", 200), ("guan", 302), ("shui", 302)])
def test_which_roles_need_one(county, login, status):
    """Ling, a leader, opens no personal data."""
    assert enter(login).get("/desk/").status_code == status


@override_settings(SECOND_FACTOR="all")
def test_it_can_be_asked_of_everybody(county):
    assert enter("ling").get("/desk/").headers["Location"] == MINE


@required
def test_a_stream_of_news_is_for_who_has_shown_a_second_factor(committed):
    client = enter("cun")
    assert staff_of(client.session.session_key) is None
    set_up(client, clock.now())
    listening = staff_of(client.session.session_key)
    assert listening
    assert listening.posts


@required
def test_the_last_one_taken_away_is_owed_again(county):
    client = enter("cun")
    set_up(client, clock.now())
    factor = Factor.objects.get()
    assert client.post(f"{MINE}{factor.id}/remove/").status_code == 302
    assert client.get("/desk/").headers["Location"] == MINE
    assert not RecoveryCode.objects.exists()


def test_changing_factors_asks_again_after_ten_minutes(cun):
    with clock.standing_at(LATER):
        client = enter("cun")
        client.post(SECOND, {"code": code_at(cun, LATER)})
    late = LATER + timedelta(minutes=11)
    factor = Factor.objects.get()
    with clock.standing_at(late):
        for path in (f"{MINE}{factor.id}/remove/", MINE + "recovery/", MINE + "passkeys/"):
            assert client.post(path).headers["Location"].startswith(SECOND), path
        assert Factor.objects.exists()
        client.post(SECOND, {"password": "wrong-password", "next": MINE})
        client.post(f"{MINE}{factor.id}/remove/")
        assert Factor.objects.exists()
        client.post(SECOND, {"password": PASSWORD, "next": MINE})
        client.post(f"{MINE}{factor.id}/remove/")
    assert not Factor.objects.exists()


def test_nobody_takes_away_anothers_factor(cun):
    factor = Factor.objects.get()
    assert enter("zhen").post(f"{MINE}{factor.id}/remove/").status_code == 404
    assert Factor.objects.exists()


def test_a_secret_is_kept_sealed_and_nowhere_else(county):
    client = enter("cun")
    page = client.get(MINE + "app/").content.decode()
    secret = secret_on(page)
    told = [secret.hex(), rules.spell_secret(secret)]
    kept = dict(client.session.items())
    assert not any(each in str(kept) for each in told)
    # The same secret is shown until its first code was right.
    assert secret_on(client.get(MINE + "app/").content.decode()) == secret
    now = clock.now()
    wrong = client.post(MINE + "app/", {"code": WRONG})
    assert wrong.status_code == 422
    assert secret_on(wrong.content.decode()) == secret
    code = rules.totp_code(secret, rules.step_at(now))
    assert client.post(MINE + "app/", {"code": code}).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM people_factor")
        sealed = bytes(cursor.fetchone()[0])
    assert sealed
    assert secret not in sealed
    assert secret.hex().encode() not in sealed


def test_what_happened_is_on_the_audit_without_codes_or_passwords(cun):
    with clock.standing_at(LATER):
        client = enter("cun", password="not-the-password")
        client = enter("cun")
        client.post(SECOND, {"code": WRONG})
        client.post(SECOND, {"code": code_at(cun, LATER)})
        client.post(SECOND, {"password": "not-the-password"})
        client.post("/desk/sign-out/")
    about = f"account:{cun.accounts['cun'].id}"
    lines = list(AuditLine.objects.filter(about=about).order_by("id"))
    assert [(line.kind, line.data.get("step") or line.data.get("done")) for line in lines] == [
        ("sign_in", None),
        ("security", "factor_added"),
        ("security", "factor_recovery_codes"),
        ("sign_in_failed", "password"),
        ("sign_in_failed", "factor"),
        ("sign_in", None),
        ("sign_in_failed", "password"),
        ("sign_out", None),
    ]
    assert lines[5].data["factor"] == "totp"
    told = str([line.data for line in lines])
    assert "not-the-password" not in told
    assert code_at(cun, LATER) not in told


def test_a_page_costs_no_more_with_a_second_factor(cun):
    with clock.standing_at(LATER):
        client = enter("cun")
        client.post(SECOND, {"code": code_at(cun, LATER)})
        plain = enter("zhen")
        counts = []
        for each in (plain, client):
            each.get("/desk/duty/")
            with override_settings(SECOND_FACTOR="none" if each is plain else "roles"):
                with CaptureQueriesContext(connection) as asked:
                    assert each.get("/desk/duty/").status_code == 200
                counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_closed_account_waits_in_vain_on_the_second_page(cun):
    with clock.standing_at(LATER):
        client = enter("cun")
        Account.objects.filter(login="cun").update(is_active=False)
        answer = client.post(SECOND, {"code": code_at(cun, LATER)})
    assert answer.headers["Location"] == SIGN_IN


def test_the_security_administrator_resets_a_lost_factor_and_nobody_else_does(cun, login):
    lost = cun.accounts["cun"]
    page, reset = (
        f"/desk/admin/accounts/{lost.id}/",
        f"/desk/admin/accounts/{lost.id}/factors/reset/",
    )
    assert "重置二次验证" not in login("guan").get(page).content.decode()
    assert login("guan").post(reset).status_code == 403
    assert login("ling").post(reset).status_code == 404
    security = login("an")
    assert "重置二次验证" in security.get(page).content.decode()
    assert Factor.objects.count() == 1
    assert security.post(reset).status_code == 302
    assert not Factor.objects.exists()
    assert not RecoveryCode.objects.exists()
    with clock.standing_at(LATER):
        assert enter("cun").answer["Location"] == "/desk/"
    line = AuditLine.objects.filter(kind="security").order_by("id").last()
    assert line
    assert (line.data["done"], line.about) == ("factor_reset", f"account:{lost.id}")
    assert line.actor == f"account:{cun.accounts['an'].id}"


def test_nobody_resets_or_binds_their_own(county, login):
    own = county.accounts["an"].id
    for act in ("factors/reset", "identity"):
        answer = login("an").post(f"/desk/admin/accounts/{own}/{act}/", {"subject": "x"})
        assert answer.status_code == 409, act


@required
def test_who_makes_a_key_has_shown_a_second_factor(county):
    client = enter("an")
    keys = f"/desk/admin/accounts/{county.accounts['dui'].id}/keys/"
    assert client.post(keys, {"name": "hotline"}).status_code == 401
    assert not county.accounts["dui"].keys.exists()
    set_up(client, clock.now())
    assert client.post(keys, {"name": "hotline"}).status_code == 200
    assert county.accounts["dui"].keys.exists()


@required
def test_a_program_shows_no_second_factor(county, key):
    answer = Client().get("/api/v1/cases", headers={"Authorization": f"Bearer {key('dui')}"})
    assert answer.status_code == 200
