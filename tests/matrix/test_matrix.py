"""Every address × every role × own, in the area, away: who is let in, by the tables beside this.

A line of a table says what each person of `world.WHO` must get. What the tables expect is
written from the rights (people/rules.py, cases/rules/moves.py), so an answer that differs is a
fault of one of the two. A refused request must not have touched a row; what is absent must look
like what doesn't exist, to the byte.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection, transaction
from django.urls import resolve

from gezhi.people.rules import Role
from tests.matrix import table
from tests.matrix.sending import sent
from tests.matrix.table import Line
from tests.matrix.world import NO_ROLE_YET, SITUATIONS, WHO, World, thrown_away

LINES = table.read_tables()
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
# What a refused request may write: that it was refused, its session, when its key was used.
MAY_GROW = re.compile(
    r"people_session|axes_\w+|record_audit\w*|record_burst|record_spending|people_apikey"
    r"|intake_fault"
)
_STOPPED = (HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.UNPROCESSABLE_ENTITY)
# What differs from answer to answer and says nothing.
_TOKENS = re.compile(rb'[A-Za-z0-9]{64}|nonce[-=]"?[\w+/=-]+|[0-9a-f]{32}')


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with thrown_away(World, django_db_blocker) as made:
        yield made


@pytest.mark.parametrize("line", LINES, ids=str)
def test_everybody_gets_what_the_table_says(line: Line, world: World) -> None:
    wrong = [fault for who in WHO if (fault := _fault(world, line, who))]
    assert not wrong, f"{line}\n" + "\n".join(wrong)


def _fault(world: World, line: Line, who: str) -> str:
    """What is wrong with one cell; "" for nothing."""
    if who in NO_ROLE_YET:
        return ""
    wanted = line.signs[who]
    is_asked = line.method in UNSAFE and wanted in ".xso"
    with transaction.atomic():
        before = _written() if is_asked else {}
        answer = sent(world, line, who)
        after = _contents(_grown(before)) if is_asked else {}
        transaction.set_rollback(True)
    changed = {name for name, content in _contents(after).items() if content != after[name]}
    got = sign_of(answer, line)
    if got != wanted and not (wanted == "o" and got == "+" and _is_nothing(answer, changed)):
        said = answer.content[:300].decode(errors="replace") if not answer.streaming else ""
        return f"  {who}: {wanted} expected, {got} found ({answer.status_code}) {said}"
    if changed:
        return f"  {who}: refused ({wanted}), but {sorted(changed)} changed"
    if wanted == "." and line.names:
        return _telling(world, line, who, answer)
    return ""


def _telling(world: World, line: Line, who: str, answer: Any) -> str:
    """What is there and not theirs must look like what is not there at all."""
    asked = (line.method, line.address, who)
    if asked not in world.absent:
        with transaction.atomic():
            world.absent[asked] = _bare(sent(world, line, who, is_nothing=True))
            transaction.set_rollback(True)
    return (
        ""
        if _bare(answer) == world.absent[asked]
        else f"  {who}: absent, but not like what doesn't exist"
    )


def _bare(answer: Any) -> tuple[int, bytes]:
    content = _TOKENS.sub(b"", answer.content)
    path = answer.wsgi_request.get_full_path().encode()
    parts = [path, *(part for part in path.split(b"/") if re.search(rb"\d", part))]
    for part in sorted(parts, key=len, reverse=True):
        content = content.replace(part, b"")
    return answer.status_code, content


def sign_of(answer: Any, line: Line) -> str:
    """The class of an answer."""
    status = answer.status_code
    if status == HTTPStatus.UNAUTHORIZED:
        return "s"
    if status == HTTPStatus.FORBIDDEN:
        return "x"
    if status == HTTPStatus.NOT_FOUND:
        return "."
    if status // 100 == 3 and status != HTTPStatus.NOT_MODIFIED:
        return _sent_on(answer["Location"], line)
    is_stopped = line.method in UNSAFE and status in _STOPPED
    return "+" if status // 100 == 2 or is_stopped else str(status)


def _sent_on(goal: str, line: Line) -> str:
    if goal.startswith(("/desk/sign-in/?next=", "/me/sign-in/")):
        return "s"
    if goal.startswith("/track/?number="):
        return "c"
    return "+" if line.method in UNSAFE else ">"


def _is_nothing(answer: Any, changed: set[str]) -> bool:
    """Whether an answer lists nothing, or says of each thing that it was refused."""
    if changed:
        return False
    if answer["Content-Type"] != "application/json":
        return True
    body = answer.json()
    return body.get("items") == [] or body.get("done") == 0 or body.get("features") == []


def _written() -> dict[str, int]:
    """How many rows of each table this transaction has written so far, undone ones too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables "
            "WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"
        )
        return dict(cursor.fetchall())


def _grown(before: dict[str, int]) -> set[str]:
    grown = {name for name, count in _written().items() if count != before.get(name, 0)}
    return {name for name in grown if not MAY_GROW.fullmatch(name)}


def _contents(names: Iterable[str]) -> dict[str, tuple[int, int]]:
    """What stands in these tables, in short."""
    found = {}
    with connection.cursor() as cursor:
        for name in names:
            # The name comes from the database itself.
            asked = f'SELECT count(*), sum(hashtextextended(t::text, 0)) FROM "{name}" t'  # noqa: S608 - see above
            cursor.execute(asked)
            found[name] = cursor.fetchone()
    return found


# --- nothing is left out -----------------------------------------------------------------------


def test_every_address_stands_in_a_table() -> None:
    """A new address is thought about before it is there: add the line, with a sign for each."""
    known = {resolve(_example(line.address)).route for line in LINES}
    missing = [
        table.line_for("GET", route)
        for route in table.routes()
        if route not in known and route not in ("api/",)
    ]
    said = "\n".join(missing)
    assert not missing, f"add to a table in tests/matrix/, instead of each ? a sign:\n{said}"


def test_what_an_address_names_is_asked_about_own_in_the_area_and_away() -> None:
    """Or its line says why not, or what it names has no such place (`table.FEWER`)."""
    asked: dict[tuple[str, str], list[Line]] = {}
    for line in LINES:
        if line.names:
            asked.setdefault((line.method, line.address), []).append(line)
    missing = []
    for (method, address), lines in asked.items():
        have, names = {line.situation for line in lines}, set(lines[0].names)
        is_fewer = any(have == least and names <= things for least, things in table.FEWER.items())
        if not (have >= set(SITUATIONS) or is_fewer or any(line.why for line in lines)):
            missing.append(f"{lines[0].where}: {method} {address} has only {sorted(have)}")
    assert not missing, "add lines, or why not, after a #:\n" + "\n".join(missing)


def test_every_operation_of_the_api_stands_in_a_table() -> None:
    known = {(line.method, _shape(line.address)) for line in LINES}
    literal = {(line.method, line.address) for line in LINES}
    missing = [
        table.line_for(*one)
        for one in sorted(table.operations_of_api())
        if (one[0], _shape(one[1])) not in known and one not in literal
    ]
    said = "\n".join(missing)
    assert not missing, f"add to tests/matrix/, instead of each ? a sign:\n{said}"


def test_a_method_without_a_line_is_not_allowed(world: World) -> None:
    """Nobody is answered by a method that no line tells of."""
    told: dict[str, set[str]] = {}
    for line in LINES:
        told.setdefault(resolve(_example(line.address)).route, set()).add(line.method)
    wrong = []
    for line in {resolve(_example(line.address)).route: line for line in LINES}.values():
        route = resolve(_example(line.address)).route
        who = next((each for each, sign in line.signs.items() if sign == "+"), "")
        for method in set(table.METHODS) - told[route]:
            asked = Line(line.where, method, line.address, line.situation, line.signs)
            with transaction.atomic():
                answer = sent(world, asked, who or "top")
                transaction.set_rollback(True)
            # Only to whom it is nothing at all may it be absent.
            least = (HTTPStatus.METHOD_NOT_ALLOWED, *(() if who else (HTTPStatus.NOT_FOUND,)))
            if answer.status_code not in least:
                wrong.append(f"{table.line_for(method, line.address)}  # {answer.status_code}")
    said = "\n".join(sorted(wrong))
    assert not wrong, f"answered without a line in tests/matrix/:\n{said}"


def test_the_tables_are_as_large_as_they_say() -> None:
    cells = len(LINES) * len(WHO)
    twice = [one for one, count in Counter(_key(line) for line in LINES).items() if count > 1]
    assert not twice, f"two lines for one thing: {twice}"
    assert cells >= 3000, f"only {cells} cells"


def test_every_role_has_a_column() -> None:
    columns = {post[0] for post in WHO.values() if post}
    missing = {role.value for role in Role} - columns
    assert not missing, f"add to WHO in tests/matrix/world.py: {sorted(missing)}"


def _key(line: Line) -> tuple[str, str, str]:
    return line.method, line.address, line.situation


def _shape(address: str) -> str:
    return re.sub(r"{\w+}", "{}", address.partition("?")[0])


def _example(address: str) -> str:
    """An address that Django can look up, whatever it names."""
    path = address.partition("?")[0]
    for name in re.findall(r"{(\w+)}", path):
        value = "1" if name in ("model", "version") else "00000000-0000-0000-0000-000000000000"
        if name in ("area", "day"):
            value = {"area": "990101", "day": "2027-01-05"}[name]
        path = path.replace(f"{{{name}}}", value)
    return path
