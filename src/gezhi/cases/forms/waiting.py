"""Forms whose files wait for their act: those of an earlier try are there to be taken or left."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from gezhi.cases import reads, rules
from gezhi.cases.forms import choices
from gezhi.cases.forms.look import MoveForm, class_of
from gezhi.cases.models import Attachment


class WithFiles(MoveForm):
    """A form that sends files along; its act takes a list of `files`."""

    def fill(self) -> None:
        super().fill()
        self._offer()

    def _offer(self) -> None:
        """List what waits for the act, ticked where the act would take it unasked."""
        waiting = reads.files_waiting(self.case, self.act)
        if not waiting:
            return
        if "files" not in self.fields:
            self.fields["files"] = _files_field()
            # Says that the list was shown: of no ticks at all a browser sends nothing.
            self.fields["has_chosen"] = forms.BooleanField(
                required=False, initial=True, widget=forms.HiddenInput
            )
            self.initial.setdefault("files", [str(file) for file in self._unasked()])
        self._choice("files").choices = [(str(file.id), _name_of(file)) for file in waiting]

    def _unasked(self) -> frozenset[UUID]:
        evidence = reads.evidence_of(self.case)
        return rules.taken(self.act, evidence, None, since=reads.work_began(self.case))

    def _named(self) -> list[UUID] | None:
        """The ticked ones and those that came just now; None where no list was shown."""
        sent = getattr(self, "cleaned_data", {})
        return [*sent.get("files", ()), *self.kept_ids] if sent.get("has_chosen") else None

    def counting(self) -> list[rules.Evidence]:
        """What is proof, were the form sent as it stands."""
        evidence = reads.evidence_of(self.case)
        named = self._named()
        taken = self._unasked() if named is None else named
        return [item for item in evidence if not item.waits_for or item.id in taken]

    def arguments(self) -> dict[str, Any]:
        values = super().arguments()
        values.pop("has_chosen", None)
        return {**values, "files": self._named()}

    def show_kept(self) -> None:
        """What came just now joins the list, ticked; ticks that were taken away stay away."""
        if not self.kept_ids or not isinstance(self.data, QueryDict):
            return
        named = self._named()
        self._offer()
        ticked = self._unasked() if named is None else named
        sent = self.data.copy()
        sent.setlist("files", [str(file) for file in ticked])
        sent["has_chosen"] = "True"
        self.data = sent


def _files_field() -> forms.TypedMultipleChoiceField:
    field = forms.TypedMultipleChoiceField(
        label=_("已经收到的文件"),
        help_text=_("打勾的随这一步一起用；去掉勾的不用，也不给诉求人看。"),
        coerce=UUID,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    field.widget.attrs["class"] = class_of(field.widget)
    return field


def _name_of(file: Attachment) -> str:
    return format_html(
        '<a href="{}" target="_blank" rel="noopener">{}</a> {}',
        reverse("cases:file", args=[file.id]),
        file.name,
        choices.ATTACHMENT_NAMES.get(file.kind, file.kind),
    )
