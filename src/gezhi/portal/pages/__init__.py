"""The residents' pages. All are open: nobody needs an account to be heard."""

from gezhi.portal.pages.data import copy, copy_file, copy_progress, own_data, take_back
from gezhi.portal.pages.entering import code, prove, send_again, sign_in, sign_out
from gezhi.portal.pages.files import file
from gezhi.portal.pages.finding import village, which
from gezhi.portal.pages.home import home, letters, public_list
from gezhi.portal.pages.mine import forget, mine, take_in
from gezhi.portal.pages.opendata import opendata, opendata_file
from gezhi.portal.pages.own import close_account, me, new_phone
from gezhi.portal.pages.reporting import add_files, draft_file, drop_file, what, where
from gezhi.portal.pages.sending import done, same, send
from gezhi.portal.pages.tracking import answer, rate, reopen, track, tracking, withdraw

__all__ = [
    "add_files",
    "answer",
    "close_account",
    "code",
    "copy",
    "copy_file",
    "copy_progress",
    "own_data",
    "take_back",
    "me",
    "new_phone",
    "done",
    "draft_file",
    "drop_file",
    "file",
    "forget",
    "home",
    "letters",
    "mine",
    "opendata",
    "opendata_file",
    "prove",
    "public_list",
    "rate",
    "reopen",
    "same",
    "send",
    "send_again",
    "sign_in",
    "sign_out",
    "take_in",
    "track",
    "tracking",
    "what",
    "where",
    "village",
    "which",
    "withdraw",
]
