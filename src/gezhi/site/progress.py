"""How far the demo county's history is: a small file one process writes and all may read."""

import json
import math
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class Progress:
    """`done` of `total` steps; `seconds_left` is a guess from the pace so far."""

    done: int
    total: int
    seconds_left: int

    @property
    def minutes_left(self) -> int:
        return math.ceil(self.seconds_left / 60)


def _file() -> Path:
    return Path(settings.GEZHI_HOME) / "filling.json"


def write(progress: Progress) -> None:
    """Replace the file in one step, so that no reader sees half of it."""
    draft = _file().with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(asdict(progress)), encoding="utf-8")
    draft.replace(_file())


def is_filling() -> bool:
    """Whether something is being filled; every page of the demo asks."""
    return os.path.exists(f"{settings.GEZHI_HOME}/filling.json")  # ten times as quick as a Path


def read() -> Progress | None:
    """The progress while something is being filled, else None."""
    try:
        return Progress(**json.loads(_file().read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def clear() -> None:
    """Nothing is being filled any more."""
    _file().unlink(missing_ok=True)
