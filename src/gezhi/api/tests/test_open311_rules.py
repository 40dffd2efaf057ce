"""Each rule of the contract has its tests, and docs/open311.md says which."""

import re

from tests.house import HOUSE, ROOT

_RULES = {
    *(f"G{at}" for at in range(1, 11)), "E1", "E2", "E3", *(f"M{at}" for at in range(7)),
    "U1", "U2", "B1",
}  # fmt: skip
_TESTED = [*(HOUSE / "api" / "tests").glob("*open311*.py"), ROOT / "tests/test_open311_clients.py"]


def test_every_rule_has_tests_that_are_there() -> None:
    page = (ROOT / "docs" / "open311.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([GEMUB]\d+(?:, \w+)*|clients) \|.*\| (.*) \|$", page, re.M)
    told = {rule for rules, tests in rows if "`" in tests for rule in rules.split(", ")}
    assert told == _RULES | {"clients"}
    there = {
        name
        for path in _TESTED
        for name in re.findall(r"^def (\w+)\(", path.read_text(encoding="utf-8"), re.M)
    }
    named = {name for _rules, tests in rows for name in re.findall(r"`(\w+)`", tests)}
    assert named - there == set()
