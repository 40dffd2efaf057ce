"""The form that ends the work: what came of it, the answer, and the proof that is still missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal
from gezhi.cases import reads
from gezhi.cases.actions.answering import to_look_at
from gezhi.cases.errors import ProofMissing
from gezhi.cases.forms import choices
from gezhi.cases.forms.look import FilesField, text
from gezhi.cases.forms.waiting import WithFiles
from gezhi.cases.rules import Act, missing_proof
from gezhi.cases.rules.proof import PROOF_NAMES, nearest_m

DOCUMENTS = ".pdf,.docx,application/pdf"
# The fields that bring each kind of proof. A second person's check comes after finishing.
_BRINGS: Mapping[str, tuple[str, ...]] = {
    "photo_after": ("after",),
    "photo_pair": ("before", "after"),
    "place": ("after",),
    "document": ("document",),
    "signature": ("signature",),
}


@dataclass(frozen=True)
class Proof:
    """One piece of proof the category asks for; `fields` are those that would bring it."""

    name: Any
    is_there: bool
    fields: tuple[str, ...]
    hint: Any = ""


class _Outcomes(forms.Select):
    """Each outcome says what else it needs, so that a style sheet can show just that."""

    needs: Mapping[str, str] = {}

    def create_option(self, name: str, value: Any, *args: Any, **values: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **values)
        option["attrs"]["data-needs"] = self.needs.get(str(value), "")
        return option


class Finish(WithFiles):
    act = Act.FINISH
    outcome = forms.ChoiceField(label=_("办理结果"), widget=_Outcomes)
    reason = forms.ChoiceField(label=_("没有解决的原因"), required=False)
    answer = text(_("给诉求人的答复"), rows=4, hint=_("用大白话写，诉求人会看到这段话。"))
    looked = forms.BooleanField(label=_("我看过了，就这样发出"), required=False)
    before = FilesField(label=_("处理前照片"))
    after = FilesField(label=_("处理后照片"))
    document = FilesField(label=_("文书材料"), accept=DOCUMENTS)
    signature = FilesField(label=_("签字材料（照片）"))

    def fill(self) -> None:
        super().fill()
        outcomes = self.book.outcomes
        names = [(code, choices.name_of(one)) for code, one in outcomes.items()]
        self._choice("outcome").choices = [("", _("请选择")), *names]
        self._choice("reason").choices = choices.reasons(self.book, "cannot")
        self.fields["outcome"].help_text = self._unreached()
        widget = self.fields["outcome"].widget
        if isinstance(widget, _Outcomes):
            widget.needs = {code: _needs(one) for code, one in outcomes.items()}
            widget.needs |= {"": "proof"}  # said before anything is chosen
        wanted = {field for kind in self._asked() for field in _BRINGS.get(kind, ())}
        for field in ("before", "document", "signature"):
            if field not in wanted:
                del self.fields[field]

    def _unreached(self) -> str:
        """The stages that nobody has said are reached: finishing ends them with the whole."""
        names = [choices.name_of(one) for one in reads.stages_left(self.case)]
        words = _("还有阶段没报完成：%(names)s。办结后不再单独提醒。")
        return str(words) % {"names": "、".join(names)} if names else ""

    def _asked(self) -> frozenset[str]:
        known = self.book.categories.get(self.case.category)
        return known.proof if known else frozenset()

    def proof(self) -> list[Proof]:
        """What the category asks for, field by field, and whether the case has it by now."""
        asked = [kind for kind in sorted(self._asked()) if kind in _BRINGS]
        evidence = self.counting() if asked else []
        case, category = self.case, self.book.categories.get(self.case.category)
        metres = (category.proof_metres if category else 0) or 0
        place = (case.lon, case.lat) if case.lon is not None and case.lat is not None else None
        missing = missing_proof(asked, evidence, place=place, metres=metres, is_checked=True)
        there = {item.kind for item in evidence}
        found = {
            field: Proof(self.fields[field].label, kind not in missing or field in there, (field,))
            for kind in asked
            if kind != "place"
            for field in _BRINGS[kind]
        }
        lines = [found[field] for field in self.fields if field in found]
        if "place" in asked:
            hint = _NEAR % {"metres": metres}
            lines.append(
                Proof(PROOF_NAMES["place"], "place" not in missing, _BRINGS["place"], hint)
            )
        return lines

    def solved_names(self) -> str:
        """The outcomes that need the proof."""
        names = [choices.name_of(one) for one in self.book.outcomes.values() if one.is_solved]
        return "、".join(names)

    def needs_second_check(self) -> bool:
        return "second_check" in self._asked()

    def refuse(self, refusal: Refusal) -> None:
        """Missing proof is said beside the field that would bring it."""
        if not isinstance(refusal, ProofMissing):
            super().refuse(refusal)
            return
        lacking: dict[str, list[str]] = {}
        for one in self.proof():
            for field in one.fields if not one.is_there else ():
                lacking.setdefault(field, []).append(str(one.name))
        if not lacking:
            super().refuse(refusal)
        for field, names in lacking.items():
            words = _("还缺：%(names)s。请在这里选好再提交。") % {"names": "、".join(names)}
            if str(PROOF_NAMES["place"]) in names:
                words = f"{self._why_not_there()}{words}"
            self.add_error(field, words)
            self._mark(field)

    def _why_not_there(self) -> str:
        """What is the matter with where the pictures were taken; "" without any."""
        case, evidence = self.case, self.counting()
        if case.lon is None or case.lat is None or all(one.kind != "after" for one in evidence):
            return ""
        far = nearest_m(evidence, (case.lon, case.lat))
        if far is None:
            return str(_("照片里没有位置：请打开手机相机的定位，在现场重拍。"))
        words = _("照片是在离事发地约 %(metres)s 米的地方拍的，太远了。")
        return words % {"metres": round(far)}

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        outcome = self.book.outcomes.get(values.get("outcome", ""))
        if outcome and outcome.needs_reason and not values.get("reason"):
            self.add_error("reason", _("请选择没有解决的原因。"))
        if outcome and not outcome.needs_reason:
            values["reason"] = ""
        self._look_at(values)
        return values

    def _look_at(self, values: dict[str, Any]) -> None:
        """What would harm somebody or is plainly unfinished does not go out unseen."""
        answer = values.get("answer", "")
        if not answer or values.get("looked"):
            return
        said = to_look_at(
            self.case, answer=answer, outcome=values.get("outcome", ""), actor=self.actor
        )
        if said:
            words = _("请看一下：%(said)s。改好；或者确实要这样发，就在这里打勾。")
            self.add_error("looked", words % {"said": "；".join(said)})
            self._mark("looked")

    def arguments(self) -> dict[str, Any]:
        values = super().arguments()
        values.pop("looked", None)
        return values


_NEAR = _("要在现场用手机拍，照片带位置，离事发地不超过 %(metres)s 米。")


def _needs(outcome: Any) -> str:
    needs = {"reason": outcome.needs_reason, "proof": outcome.is_solved}
    return " ".join(name for name, is_needed in needs.items() if is_needed)
