"""What people type about a case: a form for every act, and the one for a new case."""

from gezhi.cases.forms.deciding import DECIDING
from gezhi.cases.forms.look import Look, MoveForm, words_of
from gezhi.cases.forms.opening import NewCase, OpenField
from gezhi.cases.forms.phones import doubt_about
from gezhi.cases.forms.questions import PREFIX, AnswersForm
from gezhi.cases.forms.working import WORKING
from gezhi.cases.rules import Act

FORMS: dict[Act, type[MoveForm]] = {form.act: form for form in (*DECIDING, *WORKING)}

__all__ = [
    "FORMS",
    "PREFIX",
    "AnswersForm",
    "Look",
    "MoveForm",
    "NewCase",
    "OpenField",
    "doubt_about",
    "words_of",
]
