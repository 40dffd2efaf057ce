"""Canonical bytes, chains and Merkle roots. Pure.

The Merkle tree follows RFC 6962 section 2.1: leaves and nodes are hashed with
different prefixes, so that a node can't be passed off as a leaf.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

EMPTY = b""


def canonical(values: Mapping[str, Any]) -> bytes:
    """The one way values are written down to be hashed (RFC 8785 in spirit: sorted, tight)."""
    return json.dumps(
        values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str
    ).encode()


def chain_hash(before: bytes, values: Mapping[str, Any]) -> bytes:
    """The hash of a line that stands after the line with hash `before`."""
    return hashlib.sha256(before + canonical(values)).digest()


def leaf_hash(values: Mapping[str, Any]) -> bytes:
    """The hash of one line of the book."""
    return hashlib.sha256(b"\x00" + canonical(values)).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root over `leaves` in order; the hash of nothing for none."""
    if not leaves:
        return hashlib.sha256(EMPTY).digest()
    level = list(leaves)
    while len(level) > 1:
        pairs = [
            hashlib.sha256(b"\x01" + level[at] + level[at + 1]).digest()
            for at in range(0, len(level) - 1, 2)
        ]
        level = pairs + level[len(level) - len(level) % 2 :]
    return level[0]


def words_digest(salt: str, words: str) -> str:
    """A salted digest that stands in a chain for words which may have to be erased one day."""
    return hashlib.sha256(f"{salt}\n{words}".encode()).hexdigest() if words else ""
