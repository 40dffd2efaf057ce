"""Chinese words for the search index: segmented, folded, and safe inside a tsquery.

Where words begin and end is a guess that depends on what stands around them: 路灯不亮 is cut as
路, 灯不亮. So neighbouring characters are indexed as pairs too, and what is typed is found by its
words or by its pairs. Rows written before there were pairs are found by their words.
"""

import re

import rjieba

from gezhi.base.masking import mask_text

_WORD = re.compile(r"\w+", re.UNICODE)
_ONE = "[〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_HAN = re.compile(f"{_ONE}+")
_PAIR = re.compile(f"(?=({_ONE}{{2}}))")
_LONE = re.compile(f"(?<!{_ONE}){_ONE}(?!{_ONE})")


def index_words(*texts: str) -> str:
    """The words of the texts with blanks between them, as `to_tsvector('simple', …)` reads them.

    Long words are also given in their parts, so that a part finds the whole; after the words
    come the pairs of neighbouring Han characters, each once, so fewer than the text has signs.
    """
    text = "\n".join(texts).replace("\x00", "")[:20_000]
    words = [word for word in rjieba.cut_for_search(text, True) if _WORD.fullmatch(word)]
    pairs = dict.fromkeys(_PAIR.findall(text))
    for word in words:
        pairs.pop(word, None)
    return " ".join([*words, *pairs])


def words_to_find(what: str, place: str, *, is_secret: bool) -> str:
    """The index of a case; a search for an address or number doesn't find who wants secrecy."""
    return index_words(mask_text(what)) if is_secret else index_words(what, place)


def query_words(typed: str) -> str:
    """A raw tsquery: all the typed words, the last one as a beginning, or else all the pairs.

    Empty if there are no words. What has no pair is asked for by words alone.
    """
    words = [word for word in rjieba.cut(typed, True) if _WORD.fullmatch(word)]
    if not words:
        return ""
    by_words = _all(words)
    pairs = list(dict.fromkeys(_PAIR.findall(typed)))
    others = [word for word in words if not _HAN.fullmatch(word)]
    if not pairs or {*words} <= {*pairs, *others}:  # no text has all these but not all the words
        return by_words
    lone = [f"'{sign}':*" for sign in _LONE.findall(typed)]  # begins a word or a pair
    by_pairs = [*(f"'{pair}'" for pair in pairs), *lone]
    if others:
        by_pairs.append(_all(others))
    return f"({by_words}) | ({' & '.join(by_pairs)})"


def _all(words: list[str]) -> str:
    return " & ".join([*(f"'{word}'" for word in words[:-1]), f"'{words[-1]}':*"])
