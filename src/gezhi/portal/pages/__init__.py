"""The residents' pages. All are open: nobody needs an account to be heard."""

from gezhi.portal.pages.files import file
from gezhi.portal.pages.home import home, letters, public_list
from gezhi.portal.pages.mine import forget, mine
from gezhi.portal.pages.reporting import add_files, draft_file, drop_file, what, where
from gezhi.portal.pages.sending import done, same, send
from gezhi.portal.pages.tracking import answer, rate, reopen, track, tracking, withdraw

__all__ = [
    "add_files",
    "answer",
    "done",
    "draft_file",
    "drop_file",
    "file",
    "forget",
    "home",
    "letters",
    "mine",
    "public_list",
    "rate",
    "reopen",
    "same",
    "send",
    "track",
    "tracking",
    "what",
    "where",
    "withdraw",
]
