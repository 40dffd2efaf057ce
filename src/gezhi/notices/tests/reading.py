"""Pages of notices as a test reads them, and addresses as people give them."""

from collections.abc import Callable

from django.test import Client

from gezhi.base import clock
from gezhi.notices import actions, jobs
from gezhi.notices.models import AddressCheck, Notice
from gezhi.record.models import Line

Login = Callable[[str], Client]
KeyOf = Callable[[str], str]
SETTINGS = "/desk/notices/settings/"


def tell() -> None:
    actions.note(list(Line.objects.order_by("id")), now=clock.now())


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content[:500]
    return answer.content.decode()


def newest(login: str) -> Notice:
    found = Notice.objects.filter(account__login=login, is_on_desk=True).order_by("-at").first()
    assert found
    return found


def run_jobs() -> None:
    """What the worker does with the codes that are asked for."""
    for check in AddressCheck.objects.filter(sent_at=None):
        jobs.send_code(str(check.id))


def give_mail(client: Client, mail: str = "shui@example.org", status: int = 302) -> str:
    typed = {
        "wants_mail": "on", "mail": mail, "quiet_from": "21:30", "quiet_to": "07:00",
    }  # fmt: skip
    answer = client.post(SETTINGS, typed)
    assert answer.status_code == status
    run_jobs()
    return answer.content.decode()


def type_in(client: Client, code: str, status: int, channel: str = "mail") -> str:
    answer = client.post(f"{SETTINGS}{channel}/code/", {"code": code})
    assert answer.status_code == status, answer.content[:300]
    return answer.content.decode()
