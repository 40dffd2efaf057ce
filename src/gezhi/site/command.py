"""The `gezhi` command. Each subject's commands are in `commands/`; rooms are imported when used."""

import sys

import typer

from gezhi.site.commands import (
    backup,
    bench,
    book,
    chaos,
    checks,
    demo,
    docs,
    founding,
    keys,
    messages,
    places,
    processes,
    rulebook,
    simulate,
    testing,
    triage,
    triage_same,
    triage_topics,
    upkeep,
)
from gezhi.site.commands.house import Stopped

app = typer.Typer(
    name="gezhi",
    help="格治：事在格中办。 Grassroots governance in one house.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for part in (demo, processes, founding, checks, testing, upkeep, docs, simulate, backup):
    part.register(app)
app.add_typer(book.app, name="record")
app.add_typer(keys.app, name="keys")
app.add_typer(rulebook.app, name="rulebook")
app.add_typer(bench.app, name="bench")
app.add_typer(chaos.app, name="chaos")
app.add_typer(places.app, name="places")
for part in (triage_same, triage_topics):
    part.register(triage.app)
app.add_typer(triage.app, name="triage")
app.add_typer(messages.app, name="import")


def main() -> None:
    """Run the command; what the user can mend is said in words, without a traceback."""
    try:
        app()
    except Stopped as stopped:
        typer.echo(f"gezhi: {stopped}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
