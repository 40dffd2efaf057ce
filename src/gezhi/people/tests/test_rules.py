"""Roles and rights as a table; days, paths, logins, keys."""

from datetime import UTC, date, datetime, timedelta

import pytest

from gezhi.people import rules
from gezhi.people.rules import Role

# One column per role, in this order; x: may.
_ROLES = (
    "grid_worker receptionist handler supervisor return_visitor mediator leader administrator "
    "security_administrator auditor integrator"
)
_TABLE = """
                 gw re ha su rv me le ad se au in
case.read        x  x  x  x  x  x  x  -  -  -  x
case.read_area   -  x  -  x  x  -  x  -  -  -  x
case.report      x  x  x  x  x  x  -  -  -  -  x
case.note        x  x  x  x  x  x  -  -  -  -  -
case.accept      -  x  -  -  -  -  -  -  -  -  -
case.refuse      -  x  -  -  -  -  -  -  -  -  -
case.approve     -  -  -  x  -  -  -  -  -  -  -
case.assign      -  x  -  -  -  -  -  -  -  -  -
case.sign        x  -  x  -  -  x  -  -  -  -  -
case.work        x  -  x  -  -  x  -  -  -  -  -
case.send_back   x  -  x  -  -  x  -  -  -  -  -
case.escalate    x  x  x  -  -  x  -  -  -  -  -
case.hand_down   -  x  -  -  -  -  -  -  -  -  -
case.whistle     x  x  x  -  -  x  -  -  -  -  -
case.ask         x  x  x  -  -  x  -  -  -  -  -
case.pause       x  x  x  -  -  x  -  -  -  -  -
case.extend      x  x  x  -  -  x  -  -  -  -  -
case.supervise   -  -  -  x  -  -  x  -  -  -  -
case.verify      x  x  -  x  -  -  -  -  -  -  -
case.visit_back  -  -  -  -  x  -  -  -  -  -  -
case.reopen      -  -  -  x  -  -  -  -  -  -  -
case.merge       -  x  -  -  -  -  -  -  -  -  -
case.open_sealed x  x  x  x  x  x  -  -  -  -  -
case.open_secret -  x  -  x  -  -  -  -  -  -  -
case.export      -  x  x  x  x  -  x  -  -  -  -
case.import      -  x  -  -  -  -  -  -  -  -  -
hotline.answer   -  x  -  -  -  -  -  -  -  -  -
hotline.write    -  -  -  x  -  -  -  -  -  -  -
hotline.connect  -  -  -  -  -  -  -  -  -  -  x
unit.manage      -  -  -  -  -  -  -  x  -  -  -
account.manage   -  -  -  -  -  -  -  x  -  -  -
area.manage      -  -  -  -  -  -  -  x  -  -  -
place.name       x  -  -  -  -  -  -  -  -  -  -
rulebook.manage  -  -  -  -  -  -  -  x  -  -  -
backup.manage    -  -  -  -  -  -  -  x  -  -  -
webhook.manage   -  -  -  -  -  -  -  x  -  -  -
webhook.own      -  -  -  -  -  -  -  -  -  -  x
post.manage      -  -  -  -  -  -  -  -  x  -  -
security.manage  -  -  -  -  -  -  -  -  x  -  -
audit.read       -  -  -  -  -  -  -  -  -  x  -
"""


def _rows() -> dict[str, list[str]]:
    lines = [line.split() for line in _TABLE.strip().splitlines()[1:]]
    return {right: marks for right, *marks in lines}


@pytest.mark.parametrize(("column", "role"), list(enumerate(_ROLES.split())))
def test_a_role_has_exactly_the_rights_of_its_column(column: int, role: str) -> None:
    expected = {right for right, marks in _rows().items() if marks[column] == "x"}
    assert rules.RIGHTS[Role(role)] == expected


def test_the_table_names_every_right_and_every_role() -> None:
    assert set(_rows()) == rules.ALL_RIGHTS
    assert _ROLES.split() == [role.value for role in Role]
    assert set(rules.ROLE_NAMES) == set(Role)


def test_nobody_who_asks_for_a_pause_or_an_extension_may_approve_one() -> None:
    for rights in rules.RIGHTS.values():
        assert not {"case.approve", "case.pause"} <= rights
        assert not {"case.approve", "case.extend"} <= rights
        assert not {"case.approve", "case.refuse"} <= rights


def test_an_unknown_role_has_no_rights() -> None:
    assert rules.rights_of("emperor") == frozenset()


@pytest.mark.parametrize(
    ("day", "valid_to", "holds"),
    [
        (date(2026, 1, 1), None, False),
        (date(2026, 1, 2), None, True),
        (date(2026, 1, 4), date(2026, 1, 5), True),
        (date(2026, 1, 5), date(2026, 1, 5), False),
        (date(2026, 1, 2), date(2026, 1, 2), False),
    ],
)
def test_a_post_holds_from_its_first_day_up_to_not_with_its_last(
    day: date, valid_to: date | None, holds: bool
) -> None:
    assert rules.holds_on(day, date(2026, 1, 2), valid_to) is holds


def test_the_areas_around_a_grid_end_with_everywhere() -> None:
    assert rules.paths_around("990101101201001") == (
        "990101101201001",
        "990101101201",
        "990101101",
        "990101",
        "9901",
        "",
    )
    assert rules.paths_around("") == ("",)


@pytest.mark.parametrize("login", ["ab", "zhang.san", "a_b-c@d", "0" * 48])
def test_a_clean_login_is_taken(login: str) -> None:
    assert rules.is_login(login)


@pytest.mark.parametrize("login", ["", "a", "Ab", "张三", ".ab", "a b", "a" * 49, "ab\n"])
def test_an_unclean_login_is_not(login: str) -> None:
    assert not rules.is_login(login)


def test_a_token_shows_its_prefix_and_anything_else_shows_none() -> None:
    token = rules.make_token(bytes(range(28)))
    assert token.startswith("gz_00010203_")
    assert rules.token_prefix(token) == "00010203"
    for broken in ("", "gz_", token[:-1], token + "0", token.upper(), token.replace("gz", "zg")):
        assert rules.token_prefix(broken) == ""


def test_a_use_is_noted_once_a_minute() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert not rules.is_use_noted(None, now)
    assert rules.is_use_noted(now - timedelta(seconds=59), now)
    assert not rules.is_use_noted(now - timedelta(seconds=60), now)
    # A clock set back must not keep a use from being noted for ever.
    assert not rules.is_use_noted(now + timedelta(hours=1), now)


@pytest.mark.parametrize("role", list(Role))
def test_an_administrator_of_the_three_has_no_other_role(role: Role) -> None:
    assert rules.are_apart(role, [])
    assert rules.are_apart(role, [role]), "the same part over another area"
    for other in set(Role) - {role}:
        is_fine = role not in rules.ADMINISTRATORS and other not in rules.ADMINISTRATORS
        assert rules.are_apart(role, [role, other]) is is_fine


def test_no_right_of_an_administrator_is_anybody_elses_and_none_of_them_is_about_cases() -> None:
    for role in rules.ADMINISTRATORS:
        for right in rules.RIGHTS[role]:
            assert [each for each in Role if right in rules.RIGHTS[each]] == [role]
            assert not right.startswith("case.")
