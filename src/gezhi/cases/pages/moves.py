"""One page function for every act: its form, and what came of it. Answers are parts of a page."""

import hashlib
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.http import actor_of
from gezhi.base.refusal import NotAllowed, NotFound, Refusal
from gezhi.cases import actions, reads
from gezhi.cases.forms import FORMS, MoveForm
from gezhi.cases.models import Case
from gezhi.cases.rules import (
    ACT_NAMES,
    MOVES,
    STATE_NAMES,
    Act,
    State,
    is_for,
    moves_open_to,
)
from gezhi.people import reads as people
from gezhi.record.actions import once

# What came of a sending: the case, and the file it brought.
Made = tuple[Case, UUID | None]


@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, ref: str, act: str) -> HttpResponse:
    """GET gives the form, POST acts: the outcome, or the form with all that was typed."""
    actor = actor_of(request)
    case = reads.case_for(actor, ref)
    kind = FORMS.get(Act(act)) if act in set(Act) else None
    if kind is None:
        raise NotFound()
    if request.method == "GET":
        initial = {name: request.GET[name] for name in kind.base_fields if name in request.GET}
        return _show(request, kind(case=case, actor=actor, initial=initial))
    form = kind(request.POST, request.FILES, case=case, actor=actor)
    is_valid = form.is_valid()
    try:
        if not is_valid or form.act == Act.ATTACH:
            _must_be_theirs(form)  # an act with all it needs is asked for by itself
        moved = perform(request, form) if is_valid else None
    except Refusal as refusal:
        form.case = reads.case_for(actor, case.id)
        form.refuse(refusal)
        return _show(request, form, status=refusal.status)
    if moved is None:
        _keep_anyway(request, form)
        form.case = reads.case_for(actor, case.id)
        return _show(request, form, status=422)
    return said(request, moved, kind.act, form.said())


def _show(request: HttpRequest, form: MoveForm, *, status: int = 200) -> HttpResponse:
    form.show_kept()
    shown = {
        "form": form,
        "case": form.case,
        "act": form.act.value,
        "title": ACT_NAMES[form.act],
        "once": request.POST.get("once") or uuid4().hex,
        "changed": status == 412,
        "state": STATE_NAMES[State(form.case.state)],
        "holder": people.unit(form.case.holder_id).label,
    }
    return render(request, "cases/_move.html", shown, status=status)


def said(request: HttpRequest, case: Case, act: Act, words: str = "") -> HttpResponse:
    """What was done, in a line; the page hears `gz-moved` and shows the case anew."""
    shown = {"case": case, "act": words or ACT_NAMES[act], "state": STATE_NAMES[State(case.state)]}
    answer = render(request, "cases/_moved.html", shown)
    news = {"gz-moved": {"number": case.number, "act": act.value}}
    answer["HX-Trigger"] = json.dumps(news)
    return answer


def perform(request: HttpRequest, form: MoveForm) -> Case:
    """Files first, each kept on its own, so that they stay when the act itself is refused."""
    revision = _keep_files(request, form)
    if form.act == Act.ATTACH:
        return reads.case_for(form.actor, form.case.id)
    key = request.POST.get("once", "")[:64]
    return _once(key, digest_of(request), lambda: _act(form, revision), form.actor)[0]


def _keep_anyway(request: HttpRequest, form: MoveForm) -> None:
    """A browser forgets chosen files when a form comes back, so those of a bad form stay too."""
    if form.act == Act.ATTACH:  # here the file is the act itself
        return
    try:
        _keep_files(request, form)
    except Refusal as refusal:
        form.refuse(refusal)


def _keep_files(request: HttpRequest, form: MoveForm) -> int | None:
    """Put the form's files on the case; the revision after them.

    They wait inside for the form's act, which takes and shows them once it goes through.
    """
    revision, uploads = revision_of(request), form.uploads()
    if not uploads or not _is_theirs(form):
        return revision
    key = request.POST.get("once", "")[:64]
    for upload in uploads:

        def attach(upload: actions.Upload = upload, revision: int | None = revision) -> Made:
            kept = actions.attach(
                form.case.id,
                upload=upload,
                is_public=form.cleaned_data.get("is_public", True),
                waits_for=None if form.act == Act.ATTACH else form.act,
                revision=revision,
                actor=form.actor,
            )
            return kept.case, kept.id

        digest = hashlib.sha256(upload.data).digest()
        # Named after its content: the form may come again with another file.
        name = f"{key}-{upload.kind}-{digest.hex()[:24]}" if key else ""
        case, file = _once(name, digest, attach, form.actor)
        if file is not None:
            form.keep(upload.name, file)
        revision = case.lines if revision is not None else None
    return revision


def _must_be_theirs(form: MoveForm) -> None:
    """Whose act it isn't is told so, and not first what is missing in the form.

    What the state doesn't allow to anybody is left to the act to say.
    """
    here, move = reads.situation(form.case, form.actor), MOVES[form.act]
    if here.state in move.froms and not is_for(move, here, form.actor):
        raise NotAllowed(allowed=[str(act) for act in moves_open_to(here, form.actor)])


def _is_theirs(form: MoveForm) -> bool:
    """Files for an act that is never this actor's are not taken; the act itself says why."""
    situation = reads.situation(form.case, form.actor)
    return is_for(MOVES[form.act], situation, form.actor)


def _act(form: MoveForm, revision: int | None) -> Made:
    do = getattr(actions, form.act.value)
    return do(form.case.id, **form.arguments(), revision=revision, actor=form.actor), None


def _once(key: str, request: bytes, do: Callable[[], Made], actor: Actor) -> Made:
    """Do it, or find what the same sending of the same form did before."""
    made: list[Made] = []

    def answer() -> tuple[int, dict[str, Any]]:
        made.append(do())
        case, file = made[0]
        return 200, {"case": str(case.id), "file": str(file) if file else None}

    if not key:
        answer()
        return made[0]
    kept = once(key, request=request, do=answer, actor=actor, now=clock.now())
    if made:
        return made[0]
    file = kept.answer.get("file")
    return reads.case_for(actor, kept.answer["case"]), UUID(file) if file else None


def digest_of(request: HttpRequest) -> bytes:
    """What tells one sending from another: everything typed, without tokens."""
    typed = sorted(
        (name, values)
        for name, values in request.POST.lists()
        if name not in ("csrfmiddlewaretoken", "once", "revision")
    )
    return json.dumps([request.path, typed]).encode()


def revision_of(request: HttpRequest) -> int | None:
    """How far the person had read the case; None where the form did not say.

    What is no number was read nowhere: a revision that no case has.
    """
    typed = request.POST.get("revision", "")
    if not typed:
        return None
    return int(typed) if typed.isdecimal() and len(typed) < 9 else -1
