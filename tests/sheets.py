"""What stands in a workbook, read from its own XML, where a formula shows as one."""

import html
import io
import re
import zipfile


def texts(data: bytes) -> list[str]:
    """Every text of a workbook, in the order of its parts."""
    found = re.findall(r"<t(?: [^>]*)?>([^<]*)</t>", _parts(data))
    return [html.unescape(text) for text in found]


def runs_something(data: bytes) -> bool:
    """Whether any cell is a formula or a link."""
    return re.search(r"<f[ >]|<hyperlink|externalLink", _parts(data)) is not None


def _parts(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        names = [name for name in book.namelist() if re.search(r"sharedStrings|worksheets/", name)]
        return "".join(book.read(name).decode() for name in names)
