"""The hotline for programs: calls as the telephone system tells of them, what an agent does with

them, articles.
"""

from gezhi.hotline.api import articles, calls, console  # noqa: F401  # hang operations on it
from gezhi.hotline.api.root import router

__all__ = ["router"]
