"""`gezhi simulate` on the command line."""

import pytest
import typer
from typer.testing import CliRunner

from gezhi.site.commands import simulate
from gezhi.site.commands.house import Stopped


@pytest.mark.django_db
def test_nobody_lives_ahead_of_the_day() -> None:
    """In a living county nothing is dated tomorrow."""
    app = typer.Typer()
    simulate.register(app)
    told = CliRunner().invoke(app, ["--until", "2199-01-01"])
    assert isinstance(told.exception, Stopped)
    assert "不能晚于现在" in str(told.exception)
