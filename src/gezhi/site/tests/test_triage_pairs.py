"""`gezhi triage pairs`: what it counts, and what it says of files it can't use."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from gezhi.site.commands import house, triage_same

LEAK = "金桂花园门口自来水管爆了，水一直往外冒，没人来修"
MESSAGES = f"""留言编号,留言主题,留言详情
1,水管爆了,{LEAK}
2,金桂花园漏水,{LEAK}，请尽快
3,路灯坏了,青松路的路灯坏了三天，晚上看不见路
"""
MARKED = "number_a,number_b,same,why\n1,2,1,words\n1,3,0,none\n2,1,1,words\n2,3,0,none\n"


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    triage_same.register(made)
    made.command(name="other")(lambda: None)  # so that `pairs` is named, as beside its siblings
    return made


def files(folder: Path, marked: str) -> list[str]:
    (folder / "messages.csv").write_text(MESSAGES, encoding="utf-8")
    (folder / "pairs.csv").write_text(marked, encoding="utf-8")
    return ["pairs", str(folder / "messages.csv"), "--pairs", str(folder / "pairs.csv")]


def test_each_half_is_told_with_its_n_and_interval(app: typer.Typer, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [*files(tmp_path, MARKED), "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["messages"], found["pairs"], found["near_duplicates"]) == (3, 4, 1)
    for half in ("fitted_on", "reported_on"):
        for share in ("precision", "recall"):
            assert (found[half][share]["value"], found[half][share]["n"]) == (1.0, 1)
            assert found[half][share]["low"] < 0.5
    assert "召回率" in CliRunner().invoke(app, files(tmp_path, MARKED)).stdout


@pytest.mark.parametrize(
    ("marked", "said"),
    [("number_a,number_b,same,why\n1,9,1,x\n", "9"), ("a,b\n1,2\n", "number_a")],
)
def test_pairs_that_can_not_be_used_stop_it(
    app: typer.Typer, tmp_path: Path, marked: str, said: str
) -> None:
    done = CliRunner().invoke(app, files(tmp_path, marked))
    assert isinstance(done.exception, house.Stopped)
    assert said in str(done.exception)
