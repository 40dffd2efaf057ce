"""Signing in by way of an identity provider, over real HTTP."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, override_settings

from gezhi.base import clock
from gezhi.people import actions, checks, reads, rules
from gezhi.people.errors import SubjectTaken
from gezhi.people.models import Account, Identity
from gezhi.people.tests.provider import CLIENT, SECRET, TestProvider
from gezhi.people.tests.test_factors import set_up
from gezhi.record.models import AuditLine
from tests.cast import COUNTY, PASSWORD, SETTING_UP
from tests.serving import running

THERE, BACK = "/desk/sign-in/provider/", "/desk/sign-in/provider/back/"
MINE = "/desk/account/"


@pytest.fixture
def provider():
    made = TestProvider()
    given = {"OIDC_ISSUER": made.issuer, "OIDC_CLIENT": CLIENT, "OIDC_SECRET": SECRET}
    with override_settings(**given), running(made.server):
        yield made


@pytest.fixture
def bound(county, provider):
    """Cun, bound to the provider's subject-1."""
    actions.bind_identity(county.accounts["cun"].id, subject="subject-1", actor=SETTING_UP)
    return provider


def come_back(provider, client, **more):
    """Go there, sign in there, come back."""
    sent = client.get(THERE, more)
    return client.get(BACK, provider.sign_in(sent["Location"]))


def is_in(client):
    return "_auth_user_id" in client.session


def test_who_is_bound_gets_in_and_on_to_where_they_were_going(bound):
    client = Client()
    assert "统一认证登录" in client.get("/desk/sign-in/").content.decode()
    answer = come_back(bound, client, next="/desk/visits/")
    assert answer["Location"] == "/desk/visits/"
    assert client.get("/desk/").status_code == 200
    line = AuditLine.objects.filter(kind="sign_in").get()
    assert line.data == {"factor": "", "provider": True}
    client.post("/desk/sign-out/")
    assert not is_in(client)


def test_where_they_were_going_is_an_address_of_ours(bound):
    answer = come_back(bound, Client(), next="https://evil.example.org/")
    assert answer["Location"] == "/desk/"


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody-else"},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"iss": "http://127.0.0.1:1/realm"},
        {"exp": -600},
        {"exp": None},
        {"iat": 3600},
        {"sub": None},
    ],
    ids=str,
)
def test_an_answer_that_is_not_for_us_and_now_is_not_believed(bound, claims):
    # Moments are given in seconds from now, so that every run names its tests alike.
    moments = {name: claims[name] + int(time.time()) for name in ("exp", "iat") if claims.get(name)}
    bound.claims = claims | moments
    client = Client()
    answer = come_back(bound, client)
    assert answer.status_code == 403
    assert "没有通过核对" in answer.content.decode()
    assert not is_in(client)
    assert AuditLine.objects.filter(kind="sign_in_failed").count() == 1


def test_only_the_providers_own_signature_is_believed(bound):
    bound.signing = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert come_back(bound, Client()).status_code == 403


@pytest.mark.parametrize(("alg", "signing"), [("none", None), ("HS256", SECRET * 2)])
def test_a_signature_that_our_own_secret_could_make_is_none(bound, alg, signing):
    bound.alg, bound.signing = alg, signing
    assert come_back(bound, Client()).status_code == 403


def test_a_new_key_of_the_provider_is_looked_up(bound):
    assert come_back(bound, Client()).status_code == 302
    bound.key = bound.signing = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    bound.kid = "two"
    assert come_back(bound, Client()).status_code == 302


def test_an_answer_to_a_question_of_another_session_or_asked_twice_is_not_taken(bound):
    one, other = Client(), Client()
    brought = bound.sign_in(one.get(THERE)["Location"])
    assert other.get(BACK, brought).status_code == 403
    other.get(THERE)
    assert other.get(BACK, brought).status_code == 403
    assert one.get(BACK, brought).status_code == 302
    assert one.get(BACK, brought).status_code == 403


def test_an_answer_that_took_longer_than_ten_minutes_is_not_taken(bound):
    client, now = Client(), datetime.now(UTC)
    brought = bound.sign_in(client.get(THERE)["Location"])
    with clock.standing_at(now + timedelta(minutes=11)):
        assert client.get(BACK, brought).status_code == 403


def test_a_person_nobody_knows_here_gets_no_account(county, provider):
    before = Account.objects.count()
    client = Client()
    answer = come_back(provider, client)
    assert answer.status_code == 403
    assert "没有可以这样登录的账号" in answer.content.decode()
    assert not is_in(client)
    assert Account.objects.count() == before


def test_a_provider_that_is_down_says_so_and_passwords_still_work(bound):
    bound.is_broken = True
    client = Client()
    answer = client.get(THERE)
    assert answer.status_code == 409
    assert "连不上" in answer.content.decode()
    assert client.post("/desk/sign-in/", {"login": "cun", "password": PASSWORD}).status_code == 302


def test_a_provider_that_went_down_on_the_way_says_so(bound):
    client = Client()
    brought = bound.sign_in(client.get(THERE)["Location"])
    bound.server.server_close()
    assert client.get(BACK, brought).status_code == 409


def test_a_login_claim_counts_only_where_the_setting_names_it(county, provider):
    provider.claims = {"preferred_username": "Cun"}
    assert come_back(provider, Client()).status_code == 403
    with override_settings(OIDC_CLAIM="preferred_username"):
        assert come_back(provider, Client()).status_code == 302
        # Not for an account that an administrator has bound to another subject.
        actions.bind_identity(county.accounts["cun"].id, subject="else", actor=SETTING_UP)
        assert come_back(provider, Client()).status_code == 403


@override_settings(OIDC_CLAIM="preferred_username")
def test_a_login_claim_opens_no_administrators_account(county, provider):
    """Whoever adds an account may name it as the provider calls themselves."""
    made = actions.add_account(
        county=COUNTY, path=COUNTY, login="me.there", name="新来的", actor=county.actor("guan")
    )
    provider.claims = {"preferred_username": "me.there"}
    assert come_back(provider, Client()).status_code == 302
    given = {"account": made.account.id, "unit": county.unit("centre-990101"), "role": "auditor"}
    tomorrow = reads.today() + timedelta(1)
    actions.give_post(**given, valid_from=tomorrow, actor=county.actor("an"))
    assert come_back(provider, Client()).status_code == 403


def test_a_closed_account_does_not_get_in(bound):
    Account.objects.filter(login="cun").update(is_active=False)
    assert come_back(bound, Client()).status_code == 403


def test_who_has_a_factor_is_asked_for_it_unless_the_provider_did(bound):
    noon = datetime(2026, 11, 17, 4, 0, tzinfo=UTC)
    with clock.standing_at(noon):
        before = Client()
        before.post("/desk/sign-in/", {"login": "cun", "password": PASSWORD})
    secret, _codes = set_up(before, noon)
    client, now = Client(), datetime.now(UTC)
    bound.claims = {"amr": ["pwd", "otp"]}
    assert come_back(bound, client)["Location"] == "/desk/sign-in/second/"
    assert not is_in(client)
    code = rules.totp_code(secret, rules.step_at(now))
    with clock.standing_at(now):
        assert client.post("/desk/sign-in/second/", {"code": code})["Location"] == "/desk/"
    assert is_in(client)
    with override_settings(OIDC_FACTOR=["otp"]):
        client = Client()
        assert come_back(bound, client)["Location"] == "/desk/"
        assert client.get("/desk/").status_code == 200


@override_settings(SECOND_FACTOR="roles")
@pytest.mark.parametrize(
    ("claims", "owes"),
    [({}, True), ({"amr": ["pwd"]}, True), ({"amr": "mfa"}, True), ({"amr": ["mfa"]}, False),
     ({"acr": "mfa"}, False)],
)  # fmt: skip
def test_a_second_factor_shown_there_is_one_where_the_setting_says_so(bound, claims, owes):
    bound.claims = claims
    client = Client()
    with override_settings(OIDC_FACTOR=["mfa"]):
        come_back(bound, client)
        assert (client.get("/desk/").status_code == 302) == owes


def test_who_comes_by_the_provider_owes_no_first_password(bound):
    actions.reset_password(Account.objects.get(login="cun").id, actor=SETTING_UP)
    client = Client()
    come_back(bound, client)
    assert client.get("/desk/").status_code == 200
    by_password = Client()
    by_password.force_login(Account.objects.get(login="cun"))
    assert by_password.get("/desk/")["Location"] == "/desk/password/"


def test_one_subject_belongs_to_one_account(bound):
    zhen = Account.objects.get(login="zhen")
    with pytest.raises(SubjectTaken):
        actions.bind_identity(zhen.id, subject="subject-1", actor=SETTING_UP)
    actions.bind_identity(Account.objects.get(login="cun").id, subject="", actor=SETTING_UP)
    actions.bind_identity(zhen.id, subject="subject-1", actor=SETTING_UP)


def test_what_is_written_down_counts_once_the_person_has_confirmed_it(county, provider):
    """Whoever binds writes their own subject down: it lets nobody in."""
    cun = county.accounts["cun"].id
    actions.bind_identity(cun, subject="subject-1", actor=county.actor("an"))
    assert come_back(provider, Client()).status_code == 403
    with override_settings(OIDC_CLAIM="preferred_username"):
        provider.claims = {"preferred_username": "xian"}
        actions.bind_identity(
            county.accounts["xian"].id, subject="subject-2", actor=county.actor("an")
        )
        assert come_back(provider, Client()).status_code == 403, "bound to another subject"
        provider.claims = {}
    person = Client()
    person.post("/desk/sign-in/", {"login": "cun", "password": PASSWORD})
    page = person.get(MINE).content.decode()
    assert "subject-1" in page
    assert "等您确认" in page
    person.post(f"{MINE}identity/confirm/", {"subject": "subject-0"})
    assert come_back(provider, Client()).status_code == 403, "not what the person saw"
    person.post(f"{MINE}identity/confirm/", {"subject": "subject-1"})
    client = Client()
    assert come_back(provider, client)["Location"] == "/desk/"
    lines = AuditLine.objects.filter(kind="security", about=f"account:{cun}").order_by("id")
    assert [line.data["done"] for line in lines] == ["identity", "identity_confirmed"]
    client.post(f"{MINE}identity/refuse/")
    assert come_back(provider, Client()).status_code == 403


def test_who_came_in_by_the_provider_confirms_nothing(bound):
    client = Client()
    come_back(bound, client)
    Identity.objects.update(subject="subject-9", confirmed_at=None)
    answer = client.post(f"{MINE}identity/confirm/", {"subject": "subject-9"}, follow=True)
    assert "用登录名和密码重新登录" in answer.content.decode()
    assert Identity.objects.get().confirmed_at is None


def test_the_subject_of_a_closed_account_passes_on(bound):
    cun, zhen = (Account.objects.get(login=login) for login in ("cun", "zhen"))
    actions.change_account(cun.id, is_active=False, actor=SETTING_UP)
    actions.bind_identity(zhen.id, subject="subject-1", actor=SETTING_UP)
    client = Client()
    assert come_back(bound, client)["Location"] == "/desk/"
    assert client.session["_auth_user_id"] == str(zhen.id)


def test_without_a_provider_there_is_no_such_page(county):
    assert Client().get(THERE).status_code == 404
    assert "统一认证" not in Client().get("/desk/sign-in/").content.decode()


@pytest.mark.parametrize(
    ("issuer", "client", "secret"),
    [("http://id.example.org", "a", "b"), ("https://id.example.org", "", "b"),
     ("https://id.example.org", "a", ""), ("id.example.org", "a", "b")],
)  # fmt: skip
def test_a_provider_half_set_up_stops_the_start(issuer, client, secret):
    with override_settings(OIDC_ISSUER=issuer, OIDC_CLIENT=client, OIDC_SECRET=secret):
        assert "gezhi.people.E001" in {each.id for each in checks.sign_in_makes_sense()}
        with pytest.raises(ImproperlyConfigured):
            checks.must_make_sense()


@pytest.mark.parametrize(
    ("policy", "is_demo", "found"),
    [("roles", False, []), ("all", False, []), ("none", False, ["gezhi.people.W001"]),
     ("none", True, [])],
)  # fmt: skip
def test_a_site_without_second_factors_is_warned_of(policy, is_demo, found):
    with override_settings(SECOND_FACTOR=policy, DEMO=is_demo):
        assert [each.id for each in checks.sign_in_makes_sense()] == found
