"""Passkeys in a real browser with a virtual authenticator: made, shown second, shown alone."""

from collections.abc import Callable

import pytest
from django.test import override_settings
from playwright.sync_api import Page, expect

from gezhi.people.models import Factor
from tests.browser import DESK, PHONE, Window, browser, window  # noqa: F401  # fixtures
from tests.cast import PASSWORD, County

pytestmark = pytest.mark.browser
_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Device:
    """The virtual authenticator of one browser window."""

    def __init__(self, page: Page) -> None:
        self._protocol = page.context.new_cdp_session(page)
        self._protocol.send("WebAuthn.enable")
        made = self._protocol.send("WebAuthn.addVirtualAuthenticator", {"options": _DEVICE})
        self._id = made["authenticatorId"]

    def credentials(self) -> list[dict[str, object]]:
        asked = {"authenticatorId": self._id}
        found: list[dict[str, object]] = self._protocol.send("WebAuthn.getCredentials", asked)[
            "credentials"
        ]
        return found

    def put(self, credential: dict[str, object]) -> None:
        """This credential, as it was at some time, in place of what the device holds."""
        asked = {"authenticatorId": self._id}
        self._protocol.send("WebAuthn.clearCredentials", asked)
        self._protocol.send("WebAuthn.addCredential", {**asked, "credential": credential})

    def verifies(self, is_its_owner: bool) -> None:
        asked = {"authenticatorId": self._id, "isUserVerified": is_its_owner}
        self._protocol.send("WebAuthn.setUserVerified", asked)


def _sign_out(one: Window) -> None:
    one.go("/desk/factors/").get_by_role("button", name="退出登录").click()
    expect(one.page.get_by_role("heading", name="工作人员登录")).to_be_visible()


@override_settings(SECOND_FACTOR="roles")
def test_a_passkey_is_made_and_signs_in_second_and_alone(
    committed: County,
    window: Callable[..., Window],  # noqa: F811  # the fixture
) -> None:
    one = window("passkeys", DESK)
    device = Device(one.page)
    page = one.page
    one.sign_in("cun", PASSWORD)
    expect(page.get_by_text("请先设好一种")).to_be_visible()
    one.shoot("owed")
    assert one.faults_seen_by_axe() == []
    page.fill("#id_name", "窗口的电脑")
    page.click("text=添加通行密钥")
    expect(page.get_by_role("heading", name="恢复码")).to_be_visible()
    expect(page.locator("li code")).to_have_count(10)
    one.shoot("recovery-codes")
    assert one.faults_seen_by_axe() == []
    with page.expect_download() as fetched:
        page.click("text=下载")
    codes = fetched.value.path().read_text("utf-8").split()
    assert page.locator("li code").first.inner_text() in codes
    page.click("text=记好了，开始工作")
    page.wait_for_url("**/desk/")
    assert Factor.objects.get().name == "窗口的电脑"

    _sign_out(one)
    one.sign_in("cun", PASSWORD)
    expect(page.get_by_role("heading", name="二次验证")).to_be_visible()
    one.shoot("second")
    assert one.faults_seen_by_axe() == []
    before = device.credentials()[0]
    page.get_by_role("button", name="用通行密钥").click()
    page.wait_for_url("**/desk/")
    assert Factor.objects.get().last_used

    _sign_out(one)
    one.go("/desk/sign-in/?next=/desk/visits/")
    device.verifies(False)
    page.get_by_role("button", name="用通行密钥登录").click()
    expect(page.get_by_text("没有完成")).to_be_visible()
    one.shoot("not-its-owner")
    device.verifies(True)
    page.get_by_role("button", name="用通行密钥登录").click()
    expect(page).to_have_url(f"{one.address}/desk/visits/")

    _sign_out(one)
    device.put(before)  # a copy of the key from before: its counter goes back
    one.go("/desk/sign-in/")
    page.get_by_role("button", name="用通行密钥登录").click()
    expect(page.get_by_text("这个通行密钥没有通过")).to_be_visible()
    assert one.problems == []


def test_setting_up_on_a_phone(
    committed: County,
    window: Callable[..., Window],  # noqa: F811  # the fixture
) -> None:
    one = window("factors-phone", PHONE)
    page = one.page
    one.sign_in("cun", PASSWORD)
    one.go("/desk/factors/")
    one.shoot("mine")
    page.click("text=绑定手机验证器")
    picture = page.locator("main img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") > 0
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    one.shoot("app")
    assert one.faults_seen_by_axe() == []
    page.fill("#id_code", "000000")
    page.click("main button.btn-primary")
    expect(page.get_by_text("动态码不对")).to_be_visible()
    one.shoot("wrong")
    assert one.problems == []
