"""Settings from the environment, read once. A wrong value stops the start and is never guessed."""

import os
import stat
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_YES_NO = {"yes": True, "no": False}


def is_open(path: Path) -> bool:
    """Whether a secret is open to others than its owner and its group: 600 and 640 are not."""
    return bool(path.stat().st_mode & stat.S_IRWXO)


def text(name: str, default: str | None = None) -> str:
    """The value of `name`, or of the file named by `name`_FILE (for secrets)."""
    if file := os.environ.get(f"{name}_FILE"):
        try:
            if is_open(Path(file)):
                raise ImproperlyConfigured(
                    f"{name}_FILE={file!r} can be read by everybody: chmod o-rwx {file}"
                )
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE={file!r} cannot be read: {error}.") from error
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. See docs/settings.md.")
    return value


def flag(name: str, default: str) -> bool:
    """`yes` or `no`, nothing else."""
    value = text(name, default)
    if value not in _YES_NO:
        raise ImproperlyConfigured(f"{name}={value!r}: write 'yes' or 'no'.")
    return _YES_NO[value]


def number(name: str, default: str, *, least: int, most: int) -> int:
    """A whole number within its bounds."""
    value = text(name, default)
    if not (value.isascii() and value.isdecimal() and least <= int(value) <= most):
        raise ImproperlyConfigured(f"{name}={value!r}: write a number from {least} to {most}.")
    return int(value)


def one_of(name: str, default: str, known: Iterable[str]) -> str:
    """One of the values that are known."""
    value = text(name, default)
    if value not in (choices := sorted(known)):
        raise ImproperlyConfigured(f"{name}={value!r}: write {' or '.join(choices)}.")
    return value


def words(name: str, default: str) -> list[str]:
    """Several values parted by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def networks(name: str, default: str) -> list[IPv4Network | IPv6Network]:
    """Addresses and networks (`10.0.0.0/8`) parted by commas."""
    try:
        return [ip_network(word) for word in words(name, default)]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name}: {error}. Write addresses or networks, such as 127.0.0.1 or 10.0.0.0/8."
        ) from error
