"""The program that fits a model, outside of this process: the memory it takes goes with it."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from threading import Thread
from typing import IO, Any

from gezhi.triage.rules.learning_together import Examples

_PROGRAM = "gezhi.triage.rules.learning_fit"
_NICE = 10  # others go first


class FittingFailed(Exception):
    """It ended without a model; why, it said on the error output."""


@dataclass(frozen=True)
class Fitted:
    """A model as bytes, and how its like answered what it had not seen."""

    body: bytes
    told: dict[str, Any]


def fit_apart(examples: Examples, least: int, tell: Callable[[int, int], None]) -> Fitted:
    """Learn the kinds that have `least` examples, on one core, with low priority; `tell` hears
    how far it is."""
    one_core = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    found: dict[str, Any] = {}
    with subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, "-m", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **one_core, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        text=True,
    ) as running:
        try:
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, running.pid, _NICE)
            asked = {**asdict(examples), "least": least}
            # By the side: it may answer before it has read all.
            Thread(target=_write, args=(running.stdin, asked), daemon=True).start()
            for line in running.stdout or ():
                found = json.loads(line)
                if "done" in found:
                    tell(found["done"], found["total"])
        except BaseException:  # `tell` would hear no more
            running.kill()
            raise
    if "body" not in found:
        raise FittingFailed(f"the fitting program ended with {running.returncode}")
    return Fitted(base64.b64decode(found["body"]), found["told"])


def _write(to: IO[str], asked: dict[str, Any]) -> None:
    with suppress(BrokenPipeError), to:
        json.dump(asked, to)
