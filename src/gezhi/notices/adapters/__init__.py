"""One small adapter per channel and kind of gateway; without a setting nothing leaves the house."""

from functools import lru_cache

from django.conf import settings

from gezhi.notices.adapters.calling import DeliveryFailed, Gateway, Message
from gezhi.notices.adapters.mailing import Mailer, name_of
from gezhi.notices.adapters.robots import GroupRobot
from gezhi.notices.adapters.texting import AliyunSms, HttpSms
from gezhi.notices.rules import Channel, read_address, read_mail, read_robots, read_sms

__all__ = [
    "DeliveryFailed",
    "Gateway",
    "Message",
    "gateway_for",
    "has_way",
    "mail_name",
    "site_address",
]


def gateway_for(channel: Channel, to: str) -> Gateway | None:
    """The gateway of a channel (for a group: its robot); None where the outbox keeps the words."""
    if settings.DEMO:
        return None
    if channel == Channel.MAIL:
        return _mailer(settings.MAIL, settings.MAIL_FROM, settings.MAIL_CA)
    if channel == Channel.SMS:
        return _texter(settings.SMS_GATEWAY)
    return _robots(settings.CHAT_ROBOTS).get(to)


def has_way(channel: Channel, to: str) -> bool:
    """Whether words may go there: a group without a robot hears nothing where others have one."""
    if channel != Channel.CHAT or settings.DEMO:
        return True
    robots = _robots(settings.CHAT_ROBOTS)
    return not robots or to in robots


def site_address() -> str:
    """Under which address residents reach the site; empty where nobody has said."""
    return read_address(settings.ADDRESS)


def mail_name(key: str) -> str:
    """What the mail with this key is called by other mails."""
    return name_of(key, settings.MAIL_FROM)


@lru_cache(maxsize=4)
def _mailer(address: str, sender: str, authorities: str) -> Gateway | None:
    server = read_mail(address, sender, authorities)
    return Mailer(server) if server else None


@lru_cache(maxsize=4)
def _texter(text: str) -> Gateway | None:
    gateway = read_sms(text)
    if gateway is None:
        return None
    return AliyunSms(gateway) if gateway.kind == "aliyun" else HttpSms(gateway)


@lru_cache(maxsize=4)
def _robots(text: str) -> dict[str, Gateway]:
    return {unit: GroupRobot(robot) for unit, robot in read_robots(text).items()}
