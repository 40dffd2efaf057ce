"""`gezhi doctor --deploy` tells what a site that others reach lacks; secrets stay unsaid."""

from ipaddress import ip_network
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured

from gezhi.base import env
from gezhi.site.commands import deploying
from tests.cast import County

pytestmark = pytest.mark.django_db


def wrong() -> dict[str, str]:
    """What is wrong by what it is about, and what to type."""
    return {each.about: each.mend for each in deploying.findings() if each.mend}


def test_a_trial_on_a_laptop_is_no_deployment(county: County, settings: LazySettings) -> None:
    settings.SECRET_KEY = "short"
    told = wrong()
    assert "GEZHI_HTTPS=yes" in told["HTTPS"]
    assert told["HSTS"] == "GEZHI_HSTS_DAYS=365"
    assert told["网址 / hosts"].startswith("GEZHI_HOSTS=")
    assert told["地址 / address"].startswith("GEZHI_ADDRESS=https://")
    assert told["代理 / proxies"].startswith("GEZHI_PROXIES=")
    assert "openssl rand" in told["签名密钥 / secret key"]
    assert told["第二验证 / second factor"] == "GEZHI_SECOND_FACTOR=roles"
    assert "GEZHI_LIMIT_READING" in told["限速 / limits"]
    assert "GEZHI_OWNER_DATABASE_URL" in told["数据库角色 / database role"]
    assert told["备份 / backup"].startswith("GEZHI_BACKUP_KEYS_TO=")


def test_what_is_set_as_it_should_be_is_not_told(county: County, settings: LazySettings) -> None:
    settings.SECURE, settings.HSTS_DAYS = True, 365
    settings.ALLOWED_HOSTS = ["gezhi.example.gov.cn", "127.0.0.1"]
    settings.ADDRESS = "https://gezhi.example.gov.cn"
    settings.PROXIES = [ip_network("127.0.0.1")]
    settings.SECRET_KEY = "abcdefghijklmnopqrstuvwxyz0123456789-ABCDEFGHIJ"
    settings.SECOND_FACTOR = "roles"
    settings.BACKUP_TO, settings.BACKUP_KEYS_TO = "/a", "/b"
    for name in ("READING", "WRITING", "ACCOUNT", "KEY", "SIGN_IN"):
        setattr(settings, f"LIMIT_{name}", 100)
    settings.PUZZLE_REPORTS = 60
    told = wrong()
    assert not {"HTTPS", "HSTS", "网址 / hosts", "地址 / address", "代理 / proxies",
                "限速 / limits", "签名密钥 / secret key", "第二验证 / second factor",
                "备份 / backup",
                "示范 / demo", "默认密码 / default passwords"} & told.keys()  # fmt: skip


def test_everything_in_the_environment_is_too_wide_is_told(
    county: County, settings: LazySettings
) -> None:
    settings.PROXIES = settings.INSIDE = [ip_network("0.0.0.0/0")]
    settings.ALLOWED_HOSTS = ["*"]
    assert {"代理 / proxies", "内网呼出 / calls inside", "网址 / hosts"} <= wrong().keys()


def test_no_secret_is_ever_said(
    county: County, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SECRET_KEY = "geheim-1"
    monkeypatch.setenv("GEZHI_MAIL", "smtps://name:geheim-2@host")
    said = "\n".join(line for each in deploying.findings() for line in each.lines())
    assert "geheim" not in said
    assert "GEZHI_MAIL_FILE=" in said


def test_a_file_that_others_read_is_told_with_what_to_type(tmp_path: Path) -> None:
    path = tmp_path / "seal.json"
    path.touch()
    for mode, mend in ((0o644, f"chmod o-rwx {path}"), (0o640, ""), (0o600, "")):
        path.chmod(mode)
        assert deploying.mode_finding(path).mend == mend


def test_a_secret_that_everybody_can_read_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key"
    path.write_text("geheim\n", encoding="utf-8")
    path.chmod(0o644)
    monkeypatch.setenv("GEZHI_SECRET_KEY_FILE", str(path))
    with pytest.raises(ImproperlyConfigured, match="chmod o-rwx") as refused:
        env.text("GEZHI_SECRET_KEY")
    assert "geheim" not in str(refused.value)
    path.chmod(0o640)
    assert env.text("GEZHI_SECRET_KEY") == "geheim"


@pytest.mark.parametrize(
    ("host", "is_here"),
    [("", True), ("/run/pg", True), ("127.0.0.1", True), ("::1", True), ("localhost", True),
     ("db.example", False), ("10.0.0.4", False)],
)  # fmt: skip
def test_a_database_elsewhere_is_reached_by_tls(host: str, is_here: bool) -> None:
    assert deploying.is_here(host) is is_here
