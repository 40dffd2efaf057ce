"""Mail over real servers: encrypted, logged in, and what is told where that can't be."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings

from gezhi.notices import adapters
from gezhi.notices.adapters import DeliveryFailed, Message
from gezhi.notices.rules import Channel
from gezhi.notices.tests.telling import MailServer, mail_server, make_certificate

MESSAGE = Message("shui@example.org", "新事项 1", "请签收 1", "key-1")
NOW = datetime(2026, 11, 17, 1, tzinfo=UTC)


def hand_over(settings: LazySettings, security: str, server: MailServer, login: str = "") -> str:
    settings.MAIL = f"{security}://{login}127.0.0.1:{server.port}"
    settings.MAIL_FROM = "gezhi@example.org"
    gateway = adapters.gateway_for(Channel.MAIL, MESSAGE.to)
    assert gateway is not None
    return gateway.send(MESSAGE, at=NOW)


@pytest.mark.parametrize("security", ["smtp", "smtps"])
def test_mail_goes_encrypted_and_logged_in(
    settings: LazySettings, tmp_path: Path, security: str
) -> None:
    own = make_certificate(tmp_path, "127.0.0.1")
    settings.MAIL_CA = str(own.file)
    with mail_server(security=security, certificate=own, password="geheim") as server:
        assert hand_over(settings, security, server, "gezhi:geheim@") == "250"
    assert server.recipients == ["shui@example.org"]
    assert [login.partition(" ")[2] for login in server.logins] == ["gezhi"]
    assert "Message-ID: <key-1@example.org>" in server.mails[0]


@pytest.mark.parametrize("security", ["smtp", "smtps"])
def test_a_wrong_password_is_told_and_waits_until_it_is_mended(
    settings: LazySettings, tmp_path: Path, security: str
) -> None:
    own = make_certificate(tmp_path, "127.0.0.1")
    settings.MAIL_CA = str(own.file)
    with (
        mail_server(security=security, certificate=own, password="geheim") as server,
        pytest.raises(DeliveryFailed, match="核对 GEZHI_MAIL 里的用户名和密码") as failed,
    ):
        hand_over(settings, security, server, "gezhi:falsch@")
    assert (failed.value.is_lasting, failed.value.is_servers) == (False, True)
    assert "535" in str(failed.value)
    assert "falsch" not in str(failed.value)
    assert not server.mails


@pytest.mark.parametrize("security", ["smtp", "smtps"])
@pytest.mark.parametrize(("name", "is_known"), [("127.0.0.1", False), ("mail.example", True)])
def test_a_certificate_nobody_vouches_for_is_told_and_waits_until_it_is_mended(
    settings: LazySettings, tmp_path: Path, security: str, name: str, is_known: bool
) -> None:
    """Signed by somebody unknown, or of another host."""
    own = make_certificate(tmp_path, name)
    settings.MAIL_CA = str(own.file) if is_known else ""
    with (
        mail_server(security=security, certificate=own, password="geheim") as server,
        pytest.raises(DeliveryFailed, match="不信任邮件服务器 127.0.0.1 的证书") as failed,
    ):
        hand_over(settings, security, server, "gezhi:geheim@")
    assert (failed.value.is_lasting, failed.value.is_servers) == (False, True)
    assert "GEZHI_MAIL_CA" in str(failed.value)
    assert not server.logins, "no password is told to whom we do not trust"


def test_a_port_that_begins_without_tls_is_told_what_to_write(settings: LazySettings) -> None:
    with (
        mail_server() as server,
        pytest.raises(DeliveryFailed, match="不是一开始就加密的端口") as failed,
    ):
        hand_over(settings, "smtps", server)
    assert (failed.value.is_lasting, failed.value.is_servers) == (False, True)


def test_a_server_without_starttls_gets_neither_mail_nor_password(settings: LazySettings) -> None:
    with (
        mail_server() as server,
        pytest.raises(DeliveryFailed, match="不支持 GEZHI_MAIL 要求的加密或登录") as failed,
    ):
        hand_over(settings, "smtp", server, "gezhi:geheim@")
    assert (failed.value.is_lasting, failed.value.is_servers) == (False, True)
    assert not server.mails


@pytest.mark.parametrize(
    ("answer", "is_lasting"), [("550 no such user", True), ("450 come back later", False)]
)
def test_what_is_said_of_the_recipient_is_about_this_mail_alone(
    settings: LazySettings, answer: str, is_lasting: bool
) -> None:
    with (
        mail_server(answer=answer) as server,
        pytest.raises(DeliveryFailed, match=answer) as failed,
    ):
        hand_over(settings, "smtp+plain", server)
    assert failed.value.is_recipients
    assert (failed.value.is_lasting, failed.value.is_servers) == (is_lasting, False)


def test_a_server_that_is_not_there_is_tried_again(settings: LazySettings) -> None:
    with mail_server() as gone:
        pass
    with pytest.raises(DeliveryFailed, match="ConnectionRefused") as failed:
        hand_over(settings, "smtp+plain", gone)
    assert not failed.value.is_lasting
