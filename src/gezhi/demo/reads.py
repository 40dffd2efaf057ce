"""What the demo county offers to whoever tries it."""

from gezhi.base.actor import system
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.demo.rules import DEMO_ACCOUNTS, DemoAccount

# Looks at cases between the acts of the simulation; never acts itself.
WATCHER = system("demo")


def accounts() -> tuple[DemoAccount, ...]:
    """The accounts to try, with who they are and what to do with them."""
    return DEMO_ACCOUNTS


def source(seed: int) -> str:
    """How the `source_key` of a simulated case begins; its number in the simulation follows."""
    return f"demo:{seed}:"


def reported_already(seed: int, *, county: str) -> dict[int, Case]:
    """The simulated cases of this seed that are there, by their number in the simulation."""
    found = cases.visible_to(WATCHER).filter(county=county, source_key__startswith=source(seed))
    return {int(case.source_key.removeprefix(source(seed))): case for case in found.iterator()}


def history_exists(seed: int, *, county: str) -> bool:
    """Whether any case of this seed has been simulated."""
    found = cases.visible_to(WATCHER).filter(county=county, source_key__startswith=source(seed))
    return found.exists()
