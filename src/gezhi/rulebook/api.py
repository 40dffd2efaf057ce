"""The rulebook, for programs: what is in force, what would change, putting files in force."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import ConfigDict, Field, StringConstraints

from gezhi.base.actor import Actor
from gezhi.base.api import (
    Answer,
    Input,
    Paged,
    Paging,
    Shown,
    Text64,
    Text200,
    Words,
    give,
    give_page,
    is_known,
    not_modified,
)
from gezhi.base.http import actor_of
from gezhi.base.paging import page_of, page_of_list
from gezhi.record.api import answer_once
from gezhi.rulebook import actions, reads
from gezhi.rulebook.errors import BrokenRulebook
from gezhi.rulebook.models import Version
from gezhi.rulebook.rules import Book, Category

router = Router(tags=["rulebook"])
FileName = Literal[
    "categories.toml",
    "deadlines.toml",
    "routing.toml",
    "calendar.toml",
    "reasons.toml",
    "notices.toml",
]
FileText = Annotated[str, StringConstraints(max_length=1_000_000, pattern=r"^[^\x00]*$")]


class StageShown(Shown):
    """One of several limits, counted from where the finish is. No other category has its key."""

    key: str
    name: str
    name_en: str
    within: str


class CategoryShown(Shown):
    """A kind of matter."""

    key: str
    name: str
    name_en: str
    group: str
    size: Literal["small", "big", "hard"]
    body: str
    proof: list[str]
    is_sensitive: bool
    is_public: bool
    is_urgent: bool
    stages: list[StageShown]


class CategoryList(Shown):
    items: list[CategoryShown]
    next: str | None


class CategoriesAsked(Paged):
    """Which categories."""

    group: Text64 = ""


class Coded(Shown):
    """A code with its words."""

    code: str
    name: str
    name_en: str


class ReasonShown(Coded):
    """`is_told`: another system says it of itself; nobody else may give it."""

    is_told: bool


class GroupShown(Shown):
    key: str
    name: str
    name_en: str


class BookShown(Shown):
    """The rulebook in force, without its categories."""

    version: int
    digest: str
    groups: list[GroupShown]
    reasons: dict[str, list[ReasonShown]]
    outcomes: list[Coded]
    limits: dict[str, Any]


class TextSent(Input):
    """What somebody would report."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "路灯坏了好几天"}]})
    text: Words


class SuggestionShown(Shown):
    key: str
    score: float
    words: list[str]


class SuggestionList(Shown):
    items: list[SuggestionShown]


class FilesSent(Input):
    """The files of a rulebook; those left out are as in the version in force."""

    files: dict[FileName, FileText] = Field(min_length=1)


class FilesToApply(FilesSent):
    """The files and why they change."""

    note: Text200 = ""


class ProblemShown(Shown):
    """One thing that is wrong in a file."""

    file: str
    line: int
    code: str
    reason: str


class Checked(Shown):
    is_sound: bool
    problems: list[ProblemShown]


class ChangeShown(Shown):
    """One difference between the rulebook in force and the files."""

    section: str
    action: Literal["added", "removed", "changed"]
    key: str
    field: str
    before: str
    after: str


class ChangeList(Shown):
    items: list[ChangeShown]


class VersionShown(Shown):
    """One version of the rulebook."""

    id: UUID
    number: int
    digest: str
    note: str
    applied_at: datetime
    applied_by: str
    is_current: bool


class VersionList(Shown):
    items: list[VersionShown]
    next: str | None


class VersionWhole(VersionShown):
    files: dict[str, str]


@router.get("/rulebook", response=BookShown, summary="The rulebook in force")
def get_rulebook(request: HttpRequest) -> HttpResponse:
    """Groups, reasons, outcomes and limits. `ETag` is its digest."""
    book = reads.current(settings.COUNTY)
    tag = f'"{book.digest}"'
    if is_known(request, tag):
        return not_modified(tag)
    return give(_book(book), headers={"ETag": tag})


def _book(book: Book) -> dict[str, Any]:
    return {
        "version": book.version,
        "digest": book.digest,
        "groups": [
            {"key": key, "name": group.name, "name_en": group.name_en}
            for key, group in book.groups.items()
        ],
        "reasons": {
            kind: [_coded(one) | {"is_told": one.is_told} for one in reasons.values()]
            for kind, reasons in book.all_reasons.items()
        },
        "outcomes": [_coded(outcome) for outcome in book.outcomes.values()],
        "limits": vars(book.limits),
    }


def _coded(one: Any) -> dict[str, Any]:
    return {"code": one.code, "name": one.name, "name_en": one.name_en}


@router.get("/categories", response=CategoryList, summary="Kinds of matter")
def list_categories(
    request: HttpRequest, asked: Annotated[CategoriesAsked, Query(...)]
) -> HttpResponse:
    """The categories in force, by key."""
    book = reads.current(settings.COUNTY)
    rows = [one for one in book.categories.values() if asked.group in ("", one.group)]
    page = page_of_list(rows, key=_key, cursor=asked.cursor, limit=asked.limit)
    return give_page(request, page, _category)


def _key(category: Category) -> str:
    return category.key


def _category(category: Category) -> dict[str, Any]:
    return {
        "key": category.key,
        "name": category.name,
        "name_en": category.name_en,
        "group": category.group,
        "size": category.size,
        "body": category.body,
        "proof": sorted(category.proof),
        "is_sensitive": category.sensitive,
        "is_public": category.public,
        "is_urgent": category.urgent,
        "stages": [
            {"key": one.key, "name": one.name, "name_en": one.name_en, "within": one.within.text}
            for one in category.stages
        ],
    }


@router.post("/categories/suggest", response=SuggestionList, summary="What kind of matter is it?")
def suggest_category(request: HttpRequest, body: TextSent) -> HttpResponse:
    """The categories the words point at, the strongest first, five at most. Nothing is kept."""
    found = reads.current(settings.COUNTY).suggest(body.text)
    items = [{"key": one.key, "score": one.score, "words": one.words} for one in found]
    return give({"items": items})


@router.post("/rulebook/check", response=Checked, summary="Are these files sound?")
def check_rulebook(request: HttpRequest, body: FilesSent) -> HttpResponse:
    """Everything that is wrong in the files, with file and line. Changes nothing."""
    try:
        reads.read_files(_whole(body, actor_of(request)))
    except BrokenRulebook as broken:
        return give({"is_sound": False, "problems": [_problem(one) for one in broken.problems]})
    return give({"is_sound": True, "problems": []})


def _whole(body: FilesSent, actor: Actor) -> dict[str, str]:
    """The files in force, if any are, with the sent ones in their places."""
    in_force = reads.versions(actor, county=settings.COUNTY).filter(is_current=True).first()
    return {**(in_force.files if in_force else {}), **body.files}


def _problem(one: Any) -> dict[str, Any]:
    return {"file": one.file, "line": one.line, "code": one.code, "reason": one.reason}


@router.post("/rulebook/diff", response=ChangeList, summary="What would change?")
def diff_rulebook(request: HttpRequest, body: FilesSent) -> HttpResponse:
    """Every difference between the rulebook in force and the files. Changes nothing."""
    new = reads.read_files(_whole(body, actor_of(request)))
    changes = reads.diff(reads.current(settings.COUNTY), new)
    return give({"items": [vars(change) for change in changes]})


@router.post("/rulebook/apply", response=VersionShown, summary="Put files in force")
def apply_rulebook(request: HttpRequest, body: FilesToApply) -> HttpResponse:
    """New cases go by them from now on; open ones keep the version they were opened under."""
    actor = actor_of(request)

    def do() -> Answer:
        made = actions.apply_book(
            _whole(body, actor), note=body.note, county=settings.COUNTY, actor=actor
        )
        return Answer(_version(made))

    return answer_once(request, do)


@router.get("/rulebook/versions", response=VersionList, summary="All versions")
def list_versions(request: HttpRequest, asked: Paging) -> HttpResponse:
    """The newest first."""
    found = reads.versions(actor_of(request), county=settings.COUNTY)
    page = page_of(found, order=("-number",), cursor=asked.cursor, limit=asked.limit)
    return give_page(request, page, _version)


def _version(version: Version) -> dict[str, Any]:
    return {
        "id": version.id,
        "number": version.number,
        "digest": version.digest,
        "note": version.note,
        "applied_at": version.applied_at,
        "applied_by": version.applied_by,
        "is_current": version.is_current,
    }


@router.get("/rulebook/versions/{int:number}", response=VersionWhole, summary="One version")
def get_version(request: HttpRequest, number: int) -> HttpResponse:
    """One version with its files."""
    if number > 2**31 - 1:
        number = 0
    found = reads.version(actor_of(request), number, county=settings.COUNTY)
    return give({**_version(found), "files": found.files})
