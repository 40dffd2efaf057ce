"""Whether the settings of the model make sense: one that doesn't stops the start."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, register
from django.core.exceptions import ImproperlyConfigured

from gezhi.triage.rules.answers_model import SettingWrong, read_model


@register()
def model_makes_sense(**_asked: Any) -> list[Error]:
    """For `gezhi doctor` and Django's own checks."""
    wrong = _wrong()
    return [Error(wrong, hint="See docs/settings.md.", id="gezhi.triage.E001")] if wrong else []


def must_make_sense() -> None:
    """No process begins with a model that nobody could reach."""
    if wrong := _wrong():
        raise ImproperlyConfigured(f"{wrong}. See docs/settings.md.")


def _wrong() -> str:
    try:
        read_model(settings.MODEL_URL, settings.MODEL_NAME, settings.MODEL_KEY)
    except SettingWrong as error:
        return str(error)
    return ""
