"""What all forms of acts share: the look, the words of a refusal, files, yes and no."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from gezhi.base.actor import Actor
from gezhi.base.forms import MomentField
from gezhi.base.refusal import Refusal
from gezhi.base.words import clean
from gezhi.cases.actions import Upload
from gezhi.cases.forms import choices
from gezhi.cases.models import Case
from gezhi.cases.rules import ACT_NAMES, Act
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book

_CLASSES: Mapping[type[forms.Widget], str] = {
    forms.Select: "form-select",
    forms.CheckboxInput: "form-check-input",
    forms.RadioSelect: "gz-choices",
    forms.CheckboxSelectMultiple: "gz-choices",
}
# What refusals call a field, and how forms may call it.
_ALSO_NAMED: Mapping[str, tuple[str, ...]] = {
    "what": ("words",),
    "answer": ("words",),
    "until": ("answer_by", "arrive_by"),
}


def class_of(widget: forms.Widget) -> str:
    """Bootstrap's class of an input."""
    known = (_CLASSES[kind] for kind in type(widget).__mro__ if kind in _CLASSES)
    return next(known, "form-control")


_CHOSEN = (forms.Select, forms.RadioSelect, forms.CheckboxSelectMultiple, forms.FileInput)


def asking_for(field: forms.Field) -> str:
    """What somebody is told who left this field empty."""
    words = (
        _("请选择“%(label)s”。") if isinstance(field.widget, _CHOSEN) else _("请填写“%(label)s”。")
    )
    return words % {"label": field.label}


class Look(forms.Form):
    """Bootstrap's classes, errors tied to their inputs for those who listen."""

    def __init__(self, *args: Any, **values: Any) -> None:
        self.starred: set[str] = set()  # needed, though another field may do instead
        super().__init__(*args, **values)
        self.fill()
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", class_of(field.widget))
            if field.label:
                field.error_messages["required"] = asking_for(field)
        for name in self.fields:
            if self.is_bound and name in self.errors:
                self._mark(name)

    def fill(self) -> None:
        """Put choices into the fields, before anything is checked."""

    def _choice(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        if not isinstance(field, forms.ChoiceField):
            raise TypeError(f"{name} has no choices")
        return field

    def _mark(self, name: str) -> None:
        attrs = self.fields[name].widget.attrs
        attrs["class"] += " is-invalid"
        attrs["aria-invalid"] = "true"
        attrs["aria-describedby"] = f"{self[name].auto_id}_error"

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal beside the input it is about, or above the form."""
        names = (refusal.field, *_ALSO_NAMED.get(refusal.field, ()), self._also_about(refusal))
        field = next((name for name in names if name in self.fields), None)
        self.add_error(field, words_of(refusal))
        if field:
            self._mark(field)

    def _also_about(self, refusal: Refusal) -> str:
        """The input it is about, where its own name for that is none of the form's."""
        return ""


def words_of(refusal: Refusal) -> str:
    """A refusal with what would be allowed instead, in names."""
    names = [str(ACT_NAMES[Act(act)]) for act in refusal.allowed if act in set(Act)]
    hint = _("现在可以：") if names else ""
    return f"{refusal} {hint}{'、'.join(names)}".strip()


class MoveForm(Look):
    """A form of one act on one case. Its fields are named as the act's arguments."""

    act: ClassVar[Act]
    reasons: ClassVar[str] = ""  # the kind of reason in the rulebook, where the act asks for one

    def __init__(self, *args: Any, case: Case, actor: Actor, **values: Any) -> None:
        self.case, self.actor = case, actor
        self.kept_files: list[str] = []  # files of this form that are on the case already
        self.kept_ids: list[UUID] = []
        self.book: Book = rulebook.book(case.county, case.book)
        values.setdefault("auto_id", f"{self.act}_%s")
        super().__init__(*args, **values)

    def fill(self) -> None:
        if self.reasons:
            self._choice("reason").choices = choices.reasons(self.book, self.reasons)

    def clean(self) -> dict[str, Any]:
        return super().clean() or {}

    def arguments(self) -> dict[str, Any]:
        """What the act is called with."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if not isinstance(self.fields[name], FilesField)
        }

    def said(self) -> str:
        """What was done, in a word, once it is."""
        return str(ACT_NAMES[self.act])

    def uploads(self) -> list[Upload]:
        """The files that came with the form, each of the kind its field is named after."""
        return [
            Upload(name=file.name or "file", data=file.read(), kind=name)
            for name, field in self.fields.items()
            if isinstance(field, FilesField)
            for file in self.cleaned_data.get(name) or ()
        ]

    def keep(self, name: str, file: UUID) -> None:
        """A file of this form is on the case now."""
        self.kept_files.append(name)
        self.kept_ids.append(file)

    def _also_about(self, refusal: Refusal) -> str:
        """Of a refused file the input it was chosen in: files are kept in order, up to that one."""
        if refusal.field != "photos":
            return ""
        sent = [name for name in self.fields for _file in self._files_in(name)]
        return sent[len(self.kept_ids)] if len(self.kept_ids) < len(sent) else ""

    def _files_in(self, name: str) -> "list[UploadedFile[Any]]":
        is_of_files = isinstance(self.fields[name], FilesField)
        return (self.cleaned_data.get(name) or []) if is_of_files else []

    def show_kept(self) -> None:
        """Before the form comes back: what it says of files that are on the case by now."""


class _FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once; too large ones are refused before they are read."""

    widget = _FilesInput

    def __init__(self, *, label: Any, accept: str = "image/*", most_mb: int = 20) -> None:
        super().__init__(label=label, required=False, widget=_FilesInput(attrs={"accept": accept}))
        self.most_mb = most_mb

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        files: Iterable[UploadedFile[Any]] = data if isinstance(data, list | tuple) else [data]
        found = [file for file in files if file]
        for file in found:
            if (file.size or 0) > self.most_mb * 1024 * 1024:
                raise forms.ValidationError(
                    _("“%(name)s”超过 %(mb)s MB，请换一张小一些的。"),
                    params={"name": file.name, "mb": self.most_mb},
                )
        return found


def yes_no(label: Any, *, yes: Any, no: Any, required: bool = True) -> forms.TypedChoiceField:
    """Two radio buttons that say what they mean."""
    return forms.TypedChoiceField(
        label=label,
        choices=[("yes", yes), ("no", no)],
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=required,
        widget=forms.RadioSelect,
    )


class _Words(forms.CharField):
    """Sentences; signs nobody can see are none."""

    def to_python(self, value: Any) -> Any:
        typed = super().to_python(value)
        is_said = not isinstance(typed, str) or "\x00" in typed or clean(typed)
        return typed if is_said else ""


def text(label: Any, *, required: bool = True, rows: int = 3, hint: Any = "") -> forms.CharField:
    """A field for some sentences."""
    return _Words(
        label=label,
        required=required,
        max_length=5000,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def moment(label: Any, *, required: bool = True, hint: Any = "") -> forms.DateTimeField:
    """A day and time in the city's zone."""
    return MomentField(label=label, required=required, help_text=hint)


def reason() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("理由"))
