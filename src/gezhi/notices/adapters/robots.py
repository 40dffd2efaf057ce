"""Robots of chat groups: WeCom, DingTalk, Feishu."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gezhi.notices.adapters.calling import DeliveryFailed, Message, call_json
from gezhi.notices.rules import Robot, sign_dingtalk, sign_feishu

# Codes that say "too many for now" or "busy"; every other one will be the same next time.
_LATER: Mapping[str, frozenset[int]] = {
    "wecom": frozenset({-1, 45009}),
    "dingtalk": frozenset({-1, 130101, 410100}),
    "feishu": frozenset({9499, 11232}),
}


class GroupRobot:
    """Speaks in one group, signed where the robot has a secret."""

    def __init__(self, robot: Robot) -> None:
        self.robot = robot
        self.name = robot.kind

    def send(self, message: Message, *, at: datetime) -> str:
        url, body = self._request(message, at)
        said, found = call_json(url, body)
        code = found.get("code" if self.robot.kind == "feishu" else "errcode")
        if code != 0:
            raise DeliveryFailed(said, is_lasting=code not in _LATER[self.robot.kind])
        return said

    def _request(self, message: Message, at: datetime) -> tuple[str, dict[str, Any]]:
        robot = self.robot
        if robot.kind == "feishu":
            body = {"msg_type": "text", "content": {"text": message.words}}
            return robot.url, {**(sign_feishu(robot.secret, at) if robot.secret else {}), **body}
        body = {"msgtype": "text", "text": {"content": message.words}}
        if robot.kind == "dingtalk" and robot.secret:
            query = "&".join(
                f"{name}={value}" for name, value in sign_dingtalk(robot.secret, at).items()
            )
            return f"{robot.url}{'&' if '?' in robot.url else '?'}{query}", body
        return robot.url, body
