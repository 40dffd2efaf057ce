"""Mail over SMTP, through Django's own."""

import smtplib
from datetime import datetime

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from gezhi.notices.adapters.calling import TIMEOUT, DeliveryFailed, Message
from gezhi.notices.rules import MailServer

_LASTING = 500  # RFC 5321: 5yz is a permanent answer


class Mailer:
    """Hands mail to one server. The key is in the Message-ID, so a second copy can be told."""

    name = "smtp"

    def __init__(self, server: MailServer) -> None:
        self.server = server

    def send(self, message: Message, *, at: datetime) -> str:
        server = self.server
        host = server.sender.rstrip(">").rpartition("@")[2]
        mail = EmailMessage(
            subject=" ".join(message.subject.split()),
            body=message.words,
            from_email=server.sender,
            to=[message.to],
            headers={"Message-ID": f"<{message.key}@{host}>", "Auto-Submitted": "auto-generated"},
            connection=EmailBackend(
                host=server.host,
                port=server.port,
                username=server.user,
                password=server.password,
                use_tls=server.security == "smtp",
                use_ssl=server.security == "smtps",
                timeout=TIMEOUT,
            ),
        )
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise DeliveryFailed(_said(code, said), is_lasting=code >= _LASTING) from error
        except smtplib.SMTPResponseException as error:
            words = _said(error.smtp_code, error.smtp_error)
            raise DeliveryFailed(words, is_lasting=error.smtp_code >= _LASTING) from error
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryFailed(f"{type(error).__name__}: {error}") from error
        return "250"


def _said(code: int, words: bytes | str) -> str:
    return f"{code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}"
