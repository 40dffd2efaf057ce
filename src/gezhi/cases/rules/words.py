"""Chinese words for the search index: segmented, folded, and safe inside a tsquery."""

import re

import rjieba

_WORD = re.compile(r"\w+", re.UNICODE)


def index_words(*texts: str) -> str:
    """The words of the texts with blanks between them, as `to_tsvector('simple', …)` reads them.

    Long words are also given in their parts, so that a part finds the whole.
    """
    text = "\n".join(texts).replace("\x00", "")[:20_000]
    return " ".join(word for word in rjieba.cut_for_search(text, True) if _WORD.fullmatch(word))


def query_words(typed: str) -> str:
    """A raw tsquery: all the typed words, the last one as a beginning; empty if there are none."""
    words = [word for word in rjieba.cut(typed, True) if _WORD.fullmatch(word)]
    if not words:
        return ""
    return " & ".join([*(f"'{word}'" for word in words[:-1]), f"'{words[-1]}':*"])
