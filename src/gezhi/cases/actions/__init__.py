"""The acts on a case. Pages, the API, importers and jobs call these and nothing else."""

from gezhi.cases.actions.accepting import accept, publish, reclassify, refuse
from gezhi.cases.actions.approving import decide
from gezhi.cases.actions.attaching import Upload, attach, seal_documents
from gezhi.cases.actions.correcting import (
    correct,
    index_again,
    link_reports,
    move_links,
    reword,
)
from gezhi.cases.actions.erasing import anonymise_report, drop_files
from gezhi.cases.actions.helping import arrive, excuse_leg, finish_leg, whistle
from gezhi.cases.actions.joining import merge, unmerge, withdraw
from gezhi.cases.actions.judging import close, rate, reopen, verify, visit_back
from gezhi.cases.actions.moving import assign, escalate, hand_down, send_back, sign
from gezhi.cases.actions.opening import Contact, Reported, Where, follow, report
from gezhi.cases.actions.projecting import rewrite_paths, show_due
from gezhi.cases.actions.proving import prove_code
from gezhi.cases.actions.sealed import open_field
from gezhi.cases.actions.settling import settle_paths
from gezhi.cases.actions.waiting import answer, ask, extend, pause, resume
from gezhi.cases.actions.working import answer_supervision, finish, note, reach_stage, supervise

__all__ = [
    "correct",
    "index_again",
    "link_reports",
    "move_links",
    "reword",
    "Contact",
    "Reported",
    "Upload",
    "Where",
    "accept",
    "anonymise_report",
    "answer",
    "answer_supervision",
    "arrive",
    "ask",
    "assign",
    "attach",
    "close",
    "decide",
    "drop_files",
    "escalate",
    "excuse_leg",
    "extend",
    "finish",
    "finish_leg",
    "follow",
    "hand_down",
    "merge",
    "note",
    "open_field",
    "pause",
    "publish",
    "prove_code",
    "rate",
    "reach_stage",
    "reclassify",
    "refuse",
    "reopen",
    "report",
    "resume",
    "rewrite_paths",
    "send_back",
    "seal_documents",
    "settle_paths",
    "show_due",
    "sign",
    "supervise",
    "unmerge",
    "verify",
    "visit_back",
    "whistle",
    "withdraw",
]
