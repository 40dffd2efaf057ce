"""The keys' state, for who looks after what protects data."""

import re

import pytest
from django.db import connection

from gezhi.base.sealed import seal_bytes
from gezhi.people.models import Factor
from gezhi.people.tests.county import House, SignIn

PAGE = "/desk/admin/sealing-keys/"


def words_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.mark.parametrize("who", ["ada", "tom", "odin", "rita"])
def test_nobody_else_sees_them(house: House, signed_in: SignIn, who: str) -> None:
    assert signed_in(who).get(PAGE).status_code == 403
    assert PAGE not in signed_in(who).get("/desk/account/").text


def test_versions_and_what_lies_under_them_and_never_a_key(house: House, signed_in: SignIn) -> None:
    sven = signed_in("sven")
    assert PAGE in sven.get("/desk/admin/accounts/").text
    plain = words_of(sven.get(PAGE).text)
    assert "aes-256-gcm 在用" in plain
    assert "people_factor.secret" not in plain, "counted only where it is asked for"
    factor = Factor.objects.create(
        account=house.accounts["rita"], kind="totp", secret="ab" * 20,
        made_at="2026-01-01T00:00Z",
    )  # fmt: skip
    counted = words_of(sven.get(PAGE, {"count": "yes"}).text)
    assert "people_factor.secret 1" in counted
    assert "缺失" not in counted
    lost = bytes([77]) + seal_bytes(b"x", "people_factor.secret")[1:]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_factor SET secret = %s WHERE id = %s", [lost, factor.id])
    counted = words_of(sven.get(PAGE, {"count": "yes"}).text)
    assert "77 缺失，打不开 1 people_factor.secret 1" in counted
