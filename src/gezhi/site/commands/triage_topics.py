"""`gezhi triage topics`: what a file of messages speaks of; nothing of it is kept."""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gezhi.site.commands import house

if TYPE_CHECKING:
    from gezhi.triage.rules.clusters import Told
    from gezhi.triage.rules.topics import Found

Sheet = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="xlsx or csv.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]
Most = Annotated[int, typer.Option("--top", min=1, max=1000, help="So many topics are told.")]
Progress = Callable[[int, int], None]


def register(app: typer.Typer) -> None:
    app.command()(topics)


def topics(file: Sheet, top: Most = 15, as_json: Json = False) -> None:
    """一份留言里大家在说什么。 What many speak of in a file of messages, the hottest first.

    Heat is that of a topic's hottest moment: at the end of a file of a year most have cooled.
    """
    with house.opened(with_database=False):
        answer = _answer(file, top)
    typer.echo(json.dumps(answer, ensure_ascii=False) if as_json else _in_words(answer))


def _answer(file: Path, top: int) -> dict[str, Any]:
    from gezhi.triage.reads.answers import plain
    from gezhi.triage.rules import topics as rules
    from gezhi.triage.rules.sameness import near_pairs

    began = time.monotonic()
    told, places = read_messages(file)
    read = time.monotonic()
    doubled = len(near_pairs([one.text for one in told]))
    compared = time.monotonic()
    with _bar("热点 / topics") as move:
        found = rules.find_topics(told, common=plain().common, progress=move)
    hottest = sorted(found, key=lambda one: -rules.peak(one.members))
    return {
        "messages": len(told),
        "near_pairs": doubled,
        "topics": len(found),
        "in_topics": sum(len(one.members) for one in found),
        "seconds": {
            "reading": round(read - began, 2),
            "near_pairs": round(compared - read, 2),
            "topics": round(time.monotonic() - compared, 2),
        },
        "hottest": [_shown(one, places) for one in hottest[:top]],
    }


def read_messages(file: Path) -> "tuple[list[Told], dict[Any, str]]":
    """The messages of a file; rows without words or a readable time are left out."""
    from uuid import UUID

    from django.utils import timezone

    from gezhi.base.masking import mask_text
    from gezhi.base.refusal import Refusal
    from gezhi.intake import rules
    from gezhi.intake.errors import WrongRow
    from gezhi.triage.rules.clusters import Told

    try:
        table = rules.read_table(file.read_bytes())
    except Refusal as refusal:
        raise house.Stopped(f"{file}: {refusal}") from refusal
    reading = rules.Reading(
        columns=rules.guess_columns(list(table.header)),
        channel="board",
        odd_dates=rules.OddDates.REPORT,
        zone=timezone.get_default_timezone(),
        now=timezone.now(),
    )
    told, places = [], {}
    for row in table.rows:
        try:
            message = rules.read_message(row, table, reading)
        except WrongRow:
            continue
        if message.opened_at is None:
            continue
        one = Told(
            id=UUID(int=message.line),
            text=mask_text(message.what),
            at=message.opened_at,
            likes=message.likes or 0,
            dislikes=message.dislikes or 0,
        )
        told.append(one)
        places[one.id] = message.place
    if not told:
        raise house.Stopped(f"{file}: 没有能读的留言 / no message that can be read")
    return told, places


def _shown(found: "Found", places: dict[Any, str]) -> dict[str, Any]:
    from django.utils.timezone import localdate

    from gezhi.triage.rules import topics as rules

    named = Counter(filter(None, (places[one.id] for one in found.members)))
    return {
        "line": "、".join(found.words) or rules.line_of(found.members[0].text, found.lines[0]),
        "place": max(named, key=lambda place: named[place], default=""),
        "first": localdate(found.first_at).isoformat(),
        "last": localdate(found.last_at).isoformat(),
        "messages": len(found.members),
        "likes": found.likes,
        "heat": round(rules.peak(found.members), 2),
    }


def _in_words(answer: dict[str, Any]) -> str:
    lines = [
        f"{answer['messages']} 条留言 / messages, {answer['near_pairs']} 对近乎相同 / near pairs,"
        f" {answer['topics']} 个热点 / topics ({answer['in_topics']} 条 / messages),"
        f" {sum(answer['seconds'].values()):.1f} s"
    ]
    lines += [
        f"{at:3}. {one['heat']:7.2f}  {one['messages']:3}  {one['first']} – {one['last']}"
        f"  {' '.join(filter(None, (one['place'], one['line'])))}"
        for at, one in enumerate(answer["hottest"], 1)
    ]
    return "\n".join(lines)


@contextmanager
def _bar(name: str) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(file=sys.stderr)
    with Bar(*shown, TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
