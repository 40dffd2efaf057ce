"""Operations made from the acts themselves: a new act needs no second declaration.

The body of an operation is read off the act's keywords and their types; what
an operation says about itself is the act's docstring.
"""

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from pydantic import BaseModel, Field, create_model

from gezhi.base.api import AreaPath, Input, Moment, Text64, Text96, Words
from gezhi.cases import actions, reads, rules

ActCall = Callable[..., Any]

# What the door gives an act itself.
_GIVEN = frozenset({"ref", "revision", "actor"})
# Keywords that mean the same in every act, more exactly than their type says.
_KNOWN: Mapping[str, Any] = {
    "category": Annotated[Text64, Field(description="A key of the rulebook, see /categories.")],
    "size": Annotated[
        Literal["", "small", "big", "hard"], Field(description="Empty: the category's own.")
    ],
    "path": Annotated[AreaPath | Literal[""], Field(description="An area's path.")],
    "reason": Annotated[Text64, Field(description="A reason code of the rulebook.")],
    "stage": Annotated[Text96, Field(description="A stage's key, see /categories.")],
    "outcome": Annotated[Text64, Field(description="An outcome code of the rulebook.")],
    "rating": Annotated[int, Field(ge=1, le=5, description="1 (bad) to 5 (good).")],
    "words": Annotated[Words, Field(description="In plain words, for the record.")],
    "answer": Annotated[Words, Field(description="What the reporter will read.")],
    "unit": Annotated[UUID, Field(description="A unit's id, see /units.")],
    "units": Annotated[list[UUID], Field(max_length=50, description="Ids of units.")],
    "files": Annotated[
        list[UUID],
        Field(max_length=50, description="Ids of files that wait for this act; the others go."),
    ],
    "until": Annotated[Moment, Field(description="RFC 3339, with an offset.")],
}


def acts() -> dict[rules.Act, ActCall]:
    """Every act on one case that staff may do with words and numbers alone.

    What reporters do is proven by number and code, in `/track`.
    """
    found: dict[rules.Act, ActCall] = {}
    for act, move in rules.MOVES.items():
        call = getattr(actions, act.value, None)
        if call is None or move.who in (rules.Who.RULEBOOK, rules.Who.REPORTER, rules.Who.ALONE):
            continue
        if "upload" not in inspect.signature(call).parameters:
            found[act] = call
    return found


def body_of(
    call: ActCall, *, name: str, without: Collection[str] = (), base: type[BaseModel] = Input
) -> type[BaseModel]:
    """The body an act takes, as a model: its keywords, their types and defaults."""
    hints = get_type_hints(call)
    fields: dict[str, Any] = {}
    for keyword, parameter in inspect.signature(call).parameters.items():
        if keyword in _GIVEN or keyword in without:
            continue
        default = ... if parameter.default is parameter.empty else parameter.default
        fields[keyword] = (_type_of(keyword, hints[keyword]), default)
    return create_model(name, __base__=base, __doc__=first_line(call), **fields)


def _type_of(keyword: str, hint: Any) -> Any:
    is_optional = get_origin(hint) in (Union, UnionType) and type(None) in get_args(hint)
    if hint == reads.Ref:
        return Annotated[str, Field(pattern=r"^[0-9A-Fa-f-]{1,36}$", description="Number or id.")]
    found = _KNOWN.get(keyword) or _plain(hint)
    return found | None if is_optional else found


def _plain(hint: Any) -> Any:
    """The type a body has for an act's type; texts are bounded, moments have an offset."""
    parts = [part for part in get_args(hint) if part is not type(None)]
    if get_origin(hint) in (Union, UnionType) and len(parts) == 1:
        return _plain(parts[0])
    if get_origin(hint) in (Sequence, tuple, list):
        return list[_plain(parts[0])]  # type: ignore[misc]  # made at run time
    return {str: Words, datetime: Moment}.get(hint, hint)


def first_line(call: ActCall) -> str:
    return inspect.cleandoc(call.__doc__ or "").split("\n")[0]


def whole_words(call: ActCall) -> str:
    return inspect.cleandoc(call.__doc__ or "")
