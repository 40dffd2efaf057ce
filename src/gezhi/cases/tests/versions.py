"""A second version of the rulebook: another kind of matter is checked than in the first."""

from gezhi.cases import actions
from gezhi.cases.models import Case
from gezhi.rulebook import actions as rulebook
from gezhi.rulebook import reads as books
from tests.cast import COUNTY, County, report_leak

EXPERT = """
[[pause]]
code = "expert"
name = "等待专家到场"
name_en = "Waiting for an expert"
"""
AIR, NOISE = "env.air", "env.noise"  # the first asks for a check, the second for nothing


def swap_what_is_checked(county: County) -> None:
    """From now on noise is checked and air is not, and work may wait for an expert."""
    files = books.default_files()
    text = files["categories.toml"]
    for key, proof in ((AIR, "[]"), (NOISE, '["second_check"]')):
        start = text.index(f'key = "{key}"')
        own, bracket, after = text[start:].partition("\n[[")
        lines = [line for line in own.splitlines() if not line.startswith("proof")]
        text = "\n".join([text[:start] + lines[0], f"proof = {proof}", *lines[1:]])
        text += bracket + after
    reasons = files["reasons.toml"] + EXPERT
    changed = files | {"categories.toml": text, "reasons.toml": reasons}
    rulebook.apply_book(changed, note="查噪声", county=COUNTY, actor=county.actor("guan"))


def work_on(county: County, category: str, case: Case | None = None) -> Case:
    """Signed at the water department: this case, or a new one."""
    case, cun = case or report_leak().case, county.actor("cun")
    actions.accept(case.id, category=category, actor=cun)
    actions.assign(case.id, unit=county.unit("dept-water"), actor=cun)
    return actions.sign(case.id, actor=county.actor("shui"))


def finish(county: County, case: Case) -> Case:
    return actions.finish(
        case.id, outcome="solved", answer="已经处理完毕，请放心", actor=county.actor("shui")
    )
