"""Whose words a line of history holds, and who of those outside the house may read them. Pure.

What is not named here stays inside: offices write to each other in what they send on.
"""

from gezhi.cases.rules.moves import Act

_TO_ALL = frozenset({Act.FINISH, Act.REACH_STAGE})
_TO_REPORTERS = _TO_ALL | {Act.REFUSE, Act.ASK, Act.VERIFY, Act.REOPEN}
_RESIDENTS = ("report:", "resident:")


def is_a_reporters(act: str, actor: str) -> bool:
    """Whether the words are a reporter's: typed by one, or said to who called back."""
    return act == Act.VISIT_BACK or actor.startswith(_RESIDENTS)


def are_words_for(voice: str, *, act: str, actor: str) -> bool:
    """Whether the reporter with this label may read the words; an empty one is a passer-by.

    What a reporter wrote is read by themselves alone, not by others who reported the same.
    """
    if is_a_reporters(act, actor):
        return bool(voice) and actor == voice
    return act in (_TO_REPORTERS if voice else _TO_ALL)
