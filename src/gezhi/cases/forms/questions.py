"""The questions of a category as fields of a form: none has to be answered unless it says so."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms

from gezhi.base.forms import MomentField
from gezhi.cases.forms.look import class_of
from gezhi.rulebook.rules import Given, Question, read_answers
from gezhi.rulebook.rules.asking import FAULTS, LONGEST

PREFIX = "answers"


class AnswersForm(forms.Form):
    """What `questions` ask. `must`: those that need an answer are held to it.

    A resident is not: they say what they saw, and the kind of matter is only guessed from it.
    """

    def __init__(
        self, typed: Any = None, *, questions: tuple[Question, ...], language: str, must: bool
    ) -> None:
        super().__init__(typed, prefix=PREFIX)
        self._asked, self._must = [one for one in questions if one.variable], must
        for one in self._asked:
            field = _field(one, language)
            field.widget.attrs["class"] = class_of(field.widget)
            self.fields[one.code] = field
        self.starred = {one.code for one in self._asked if one.required and must}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for fault in read_answers(self._asked, self.given(values))[1]:
            if fault.question.code not in self.errors and (self._must or fault.code != "missing"):
                self.add_error(fault.question.code, str(FAULTS[fault.code]))
        return values

    def given(self, values: Mapping[str, Any] | None = None) -> Given:
        """The answers as the act takes them."""
        found = self.cleaned_data if values is None else values
        return {code: _texts(value) for code, value in found.items() if value}


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, datetime):
        return (value.isoformat(),)
    return tuple(value) if isinstance(value, list) else (str(value),)


def _field(one: Question, language: str) -> forms.Field:
    label, hint = one.name_in(language), one.note
    if one.datatype == "datetime":
        return MomentField(label=label, help_text=hint, required=False)
    if one.datatype == "multivaluelist":
        return forms.MultipleChoiceField(
            label=label, help_text=hint, required=False, choices=list(one.values.items()),
            widget=forms.CheckboxSelectMultiple,
        )  # fmt: skip
    if one.datatype == "singlevaluelist":
        return forms.ChoiceField(
            label=label, help_text=hint, required=False, choices=[("", "—"), *one.values.items()]
        )
    widget: forms.Widget = forms.TextInput(attrs={"autocomplete": "off"})
    if one.datatype == "number":
        widget.attrs["inputmode"] = "decimal"
    elif one.datatype == "text":
        widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(
        label=label, help_text=hint, required=False, max_length=LONGEST[one.datatype], widget=widget
    )
