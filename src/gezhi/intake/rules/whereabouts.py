"""Which village or town a text names, if it names exactly one."""

from collections.abc import Mapping


def find_path(words: str, names: Mapping[str, str]) -> str:
    """The path of the only area of `names` (path → name) in `words`; "" where there is none.

    Villages in different towns share names: the town, where it is named too, decides;
    where it isn't, the town is not guessed.
    """
    found = [path for path, name in names.items() if len(name) > 1 and name in words]
    villages = [path for path in found if len(path) >= 12]
    towns = [path for path in found if len(path) == 9]
    inside = [path for path in villages if path[:9] in towns]
    for few in (inside, villages, towns):
        if len(few) == 1:
            return few[0]
    return ""
