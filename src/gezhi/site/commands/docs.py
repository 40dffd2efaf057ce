"""`gezhi docs`: writes the pages of docs/ that are made from the code."""

import json
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import typer

from gezhi.site.commands import house

DOCS = Path(__file__).resolve().parents[4] / "docs"
HEAD = """# Refusals

Every "no" of Gezhi has a code that never changes, an HTTP status, and words that say what to do.
Pages show the words beside the field they are about; the API answers `application/problem+json`
with the code as `code` (and, where known, what would be allowed instead as `allowed`).
Anything else that goes wrong is an accident: status 500, written to the log with its trace.

This page is written by `./gezhi docs`.

| code | status | 中文 | English |
| --- | --- | --- | --- |
"""


def register(app: typer.Typer) -> None:
    app.command()(docs)


def docs() -> None:
    """写出 docs/errors.md 与 docs/openapi.json。 Write the pages that are made from the code."""
    if not DOCS.is_dir():
        raise house.Stopped("`gezhi docs` 要在源代码文件夹里运行 / runs in a source folder only.")
    with house.opened(with_database=False):
        from gezhi.site import prepare

        prepare.words()
        (DOCS / "errors.md").write_text(HEAD + "".join(_refusals()), encoding="utf-8")
        if find_spec("gezhi.api.main"):
            schema = import_module("gezhi.api.main").api.get_openapi_schema()
            text = json.dumps(schema, indent=1, ensure_ascii=False, default=str) + "\n"
            (DOCS / "openapi.json").write_text(text, encoding="utf-8")
    typer.echo(f"已写入 / written: {DOCS}")


def _refusals() -> list[str]:
    from django.conf import settings
    from django.utils.translation import override

    from gezhi.base.refusal import all_refusals

    for room in settings.ROOMS:
        if find_spec(f"gezhi.{room}.errors"):
            import_module(f"gezhi.{room}.errors")
    lines = []
    for kind in sorted(set(all_refusals()), key=lambda kind: kind.code):
        if not kind.__module__.startswith("gezhi."):
            continue
        words = []
        for language in ("zh-hans", "en"):
            with override(language):
                words.append(str(kind.message).replace("|", "\\|").replace("\n", " "))
        lines.append(f"| `{kind.code}` | {kind.status} | {words[0]} | {words[1]} |\n")
    return lines
