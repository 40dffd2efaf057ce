"""Parts about one case: the form of an act and what came of it, files, an opened contact."""

from gezhi.cases.pages.files import file
from gezhi.cases.pages.moves import move
from gezhi.cases.pages.sealed import Sealed, contact, is_known_unreachable, masked, sealed_of

__all__ = ["Sealed", "contact", "file", "is_known_unreachable", "masked", "move", "sealed_of"]
