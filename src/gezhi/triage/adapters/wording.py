"""An OpenAI-compatible model, if one is set up: the only place that talks to it."""

import json
import threading
from http.client import HTTPException

from django.conf import settings

from gezhi.base import outgoing
from gezhi.triage.rules.answers_model import Model, Wish, body_for, read_model, said_in

_MOST_READ = 256 * 1024
_SECONDS = 15.0  # somebody waits, and a thread of the web process with them
_AT_ONCE = 2  # of a process's four threads: the portal and the desk go on however slow it is
_asking = threading.BoundedSemaphore(_AT_ONCE)


class ModelFailed(Exception):
    """It could not be reached, or said nothing that can be used. The words hold no address."""


def model() -> Model | None:
    """The model of the settings."""
    return read_model(settings.MODEL_URL, settings.MODEL_NAME, settings.MODEL_KEY)


def ask(asked: Model, wish: Wish, text: str) -> str:
    """What the model makes of a text that tells of nobody. One try: somebody waits for it."""
    if not _asking.acquire(blocking=False):
        raise ModelFailed("others are asking")
    try:
        return _ask(asked, wish, text)
    finally:
        _asking.release()


def _ask(asked: Model, wish: Wish, text: str) -> str:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if asked.key:
        headers["Authorization"] = f"Bearer {asked.key}"
    body = json.dumps(body_for(wish, asked, text), ensure_ascii=False).encode()
    try:
        answer = outgoing.call(
            f"{asked.url}/chat/completions",
            method="POST",
            headers=headers,
            body=body,
            most=_MOST_READ,
            by_settings=True,
            within=_SECONDS,
        )
    except (OSError, HTTPException) as error:
        raise ModelFailed(f"{type(error).__name__}: {error}") from error
    if answer.status // 100 != 2:
        raise ModelFailed(f"HTTP {answer.status}")
    if not (said := said_in(answer.body)):
        raise ModelFailed("nothing that can be used")
    return said
