"""What tests of residents share: a phone that gets codes, and a browser that types them in."""

import re

from django.test import Client

from gezhi.notices import jobs
from gezhi.notices.models import AddressCheck
from gezhi.notices.tests.telling import HttpGateway

PHONE, OTHER_PHONE = "13812345678", "13987654321"
SMS = (
    '{"url": "%s/send", "body": {"to": "{phone}", "text": "{words}"},'
    ' "ok": {"field": "code", "value": "0"}}'
)


class Phone:
    """Short messages that a real server on loopback has taken, as a phone shows them."""

    def __init__(self, gateway: HttpGateway) -> None:
        self.gateway = gateway

    def newest(self, *, to: str = PHONE) -> str:
        """The code of the last message to a number, once the worker has done its jobs."""
        for check in AddressCheck.objects.filter(sent_at=None, ended_at=None).order_by("asked_at"):
            jobs.send_code(str(check.id))
        texts = [call.json["text"] for call in self.gateway.calls if call.json["to"] == to]
        found = re.search(r"\d{6}", texts[-1])
        assert found, texts
        return found[0]


def prove(client: Client, phone: Phone, *, number: str = PHONE, next: str = "/me/") -> None:
    """The own phone gives back a code once more."""
    asked = client.post("/me/prove/", {"next": next})
    assert asked["Location"].startswith("/me/code/"), asked.content.decode()
    entered = client.post("/me/code/", {"code": phone.newest(to=number), "next": next})
    assert entered["Location"] == next


def sign_in(client: Client, phone: Phone, *, number: str = PHONE, next: str = "/mine/") -> None:
    """From the phone to the code to the page somebody wanted."""
    asked = client.post("/me/sign-in/", {"phone": number, "next": next})
    assert asked.status_code == 302, asked.content.decode()
    entered = client.post("/me/code/", {"code": phone.newest(to=number), "next": next})
    assert entered.status_code == 302, entered.content.decode()
    assert entered["Location"] == next
