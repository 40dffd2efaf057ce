"""What a reader sees of HTML, line by line. Pure.

One pass that never looks back: what a stranger sends may cost no more than its length.
"""

import re
from html import unescape

MOST_READ = 500_000  # signs; a long letter of Word has a fifth
_BREAKS = frozenset(
    ("address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "form", "h1",
     "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table",
     "tr", "ul")
)  # fmt: skip
_CELLS = frozenset({"td", "th"})
_UNSEEN = frozenset({"head", "title", "template", "noscript"})
# In these nothing but their end is a tag.
_RAW_ENDS = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style")}
_OPENS = re.compile(r"<(?:!--|[!?]|(/?)([a-zA-Z][a-zA-Z0-9]*))")
_IN_TAG = re.compile(r""">|=\s?"[^"]*"|=\s?'[^']*'""")
_ENDLESS = re.compile(r"&#[0-9]{20,};?")  # no sign has such a number, and Python reads it


def words_of(markup: str) -> str:
    """The words, without markup; what is never closed hides what follows, as in a browser."""
    markup = markup[:MOST_READ]
    told: list[str] = []
    at = unseen = 0
    while found := _OPENS.search(markup, at):
        if not unseen:
            told.append(_text(markup[at : found.start()]))
        closes, name = found[1], (found[2] or "").lower()
        at = _end_of(markup, found)
        if name in _RAW_ENDS and not closes:
            end = _RAW_ENDS[name].search(markup, at)
            at = end.start() if end else len(markup)
        elif name == "body":
            unseen = 0  # </head> may lack
        elif name in _UNSEEN:
            unseen = max(0, unseen - 1) if closes else unseen + 1
        told.append("\n" if name in _BREAKS else " " if name in _CELLS else "")
    if not unseen:
        told.append(_text(markup[at:]))
    lines = "".join(told).splitlines()
    return "\n".join(line for each in lines if (line := " ".join(each.split())))


def _text(piece: str) -> str:
    return " ".join(unescape(_ENDLESS.sub("", piece)).split("\n"))


def _end_of(markup: str, tag: re.Match[str]) -> int:
    """Behind the tag or comment that begins here; a value in quotes may hold a ">"."""
    if tag[0] == "<!--":
        return _after(markup, "-->", tag.start() + 2)
    if not tag[2]:
        return _after(markup, ">", tag.end())
    return next((each.end() for each in _IN_TAG.finditer(markup, tag.end()) if each[0] == ">"),
                len(markup))  # fmt: skip


def _after(markup: str, sign: str, at: int) -> int:
    found = markup.find(sign, at)
    return len(markup) if found < 0 else found + len(sign)
