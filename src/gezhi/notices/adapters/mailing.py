"""Mail over SMTP, through Django's own. What an administrator has to mend is said plainly."""

import smtplib
import socket
import ssl
from datetime import datetime
from functools import cached_property

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.utils.translation import gettext as _

from gezhi.base import outgoing
from gezhi.notices.adapters.calling import DeliveryFailed, Message
from gezhi.notices.rules import MailServer

_LASTING = 500  # RFC 5321: 5yz is a permanent answer


class _Smtp(smtplib.SMTP):
    """Connects only where the house may call."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return outgoing.connect(host, port, seconds=timeout)


class _SmtpTls(smtplib.SMTP_SSL, _Smtp):
    """The same, encrypted from the start."""


class _Backend(EmailBackend):
    """Connects as the house does; trusts besides the usual ones whom a setting names."""

    authorities = ""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _SmtpTls if self.use_ssl else _Smtp

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.authorities:
            context.load_verify_locations(self.authorities)
        return context


class Mailer:
    """Hands mail to one server. The key is in the Message-ID, so a second copy can be told."""

    name = "smtp"

    def __init__(self, server: MailServer) -> None:
        self.server = server

    def send(self, message: Message, *, at: datetime) -> str:
        backend = self._backend()
        try:
            self._mail(message, backend).send()
        except (smtplib.SMTPException, OSError) as error:
            raise _failure(error, self.server) from error
        finally:
            if backend.connection is not None:  # Django leaves one open that broke in its greeting
                backend.connection.close()
        return "250"

    def _backend(self) -> _Backend:
        server = self.server
        backend = _Backend(
            host=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.security == "smtp",
            use_ssl=server.security == "smtps",
            timeout=outgoing.SECONDS,
        )
        backend.authorities = server.authorities
        return backend

    def _mail(self, message: Message, backend: _Backend) -> EmailMessage:
        sender = self.server.sender
        headers = {
            "Message-ID": name_of(message.key, sender),
            "Auto-Submitted": "auto-replied" if message.is_reply else "auto-generated",
            "X-Auto-Response-Suppress": "OOF, AutoReply",  # machines that answer all they get
        }
        if message.behind:
            headers |= {"In-Reply-To": message.behind[-1], "References": " ".join(message.behind)}
        return EmailMessage(
            subject=" ".join(message.subject.split()),
            body=message.words,
            from_email=sender,
            to=[message.to],
            reply_to=[message.reply_to] if message.reply_to else None,
            headers=headers,
            connection=backend,
        )


def name_of(key: str, sender: str) -> str:
    """The Message-ID of what has this key."""
    return f"<{key}@{sender.rstrip('>').rpartition('@')[2] or 'localhost'}>"


def _failure(error: OSError, server: MailServer) -> DeliveryFailed:
    """What the server said of this mail; else what of it or of the settings has to be mended."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return DeliveryFailed(_told(code, said), is_lasting=code >= _LASTING, is_recipients=True)
    if isinstance(error, smtplib.SMTPDataError):
        told = _told(error.smtp_code, error.smtp_error)
        return DeliveryFailed(told, is_lasting=error.smtp_code >= _LASTING)
    if isinstance(error, smtplib.SMTPResponseException):
        words = _told(error.smtp_code, error.smtp_error)
        if isinstance(error, smtplib.SMTPAuthenticationError):
            words = _("邮件服务器不接受登录，请核对 GEZHI_MAIL 里的用户名和密码：") + words
        return DeliveryFailed(words, is_servers=error.smtp_code >= _LASTING)
    if isinstance(error, outgoing.AddressRefused):
        return DeliveryFailed(str(error), is_servers=True)
    if words := _wrong_setting(error, server):
        return DeliveryFailed(words, is_servers=True)
    return DeliveryFailed(f"{type(error).__name__}: {error}")


def _wrong_setting(error: OSError, server: MailServer) -> str:
    """What to change, where the two sides can't agree on how to speak; else nothing."""
    values = {"host": server.host, "port": server.port, "error": str(error)}
    if isinstance(error, ssl.SSLCertVerificationError):
        values["error"] = error.verify_message
        return (
            _(
                "不信任邮件服务器 %(host)s 的证书（%(error)s）。请核对主机名；单位自己签发的证书，"
                "把签发者的证书文件写进 GEZHI_MAIL_CA。"
            )
            % values
        )
    if isinstance(error, ssl.SSLError) and error.reason == "WRONG_VERSION_NUMBER":
        return (
            _(
                "%(host)s:%(port)s 不是一开始就加密的端口。请把 GEZHI_MAIL 写成 smtp://（STARTTLS），"
                "或者换一个端口。"
            )
            % values
        )
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return (
            _(
                "%(host)s:%(port)s 不支持 GEZHI_MAIL 要求的加密或登录（%(error)s）。请换成 smtps://，"
                "或者换一个端口。"
            )
            % values
        )
    return ""


def _told(code: int, said: bytes | str) -> str:
    return f"{code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
