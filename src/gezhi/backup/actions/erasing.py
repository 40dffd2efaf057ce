"""What stands outside of the database when it goes back: erasures on request, anchors."""

from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from gezhi.backup.adapters import erased
from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.record import actions as record_actions
from gezhi.record import reads as record


def keep_erasures() -> int:
    """Note the ids outside of the database, and do again what a restored one knows nothing of.

    How many were done again. A report that came after what was restored isn't there; one of which
    nothing is left was erased, though the line that says so may have left the audit by now.
    """
    home, county = settings.GEZHI_HOME, settings.COUNTY
    done = record.erasures(county=county)
    missing = sorted(erased.kept(home, county) - done)
    erased.keep(home, county, done)
    again = case_reads.reports_left(UUID(each) for each in missing) if missing else []
    why = _("本人要求删除，恢复备份后再次删除")
    for report in again:
        cases.anonymise_report(report, reason=why, actor=system("restore"))
    return len(again)


def set_anchors_aside() -> int:
    """The anchors of the days that are lost vouch for nothing any more; how many those were."""
    return record_actions.set_newer_anchors_aside(
        county=settings.COUNTY, actor=system("restore"), now=clock.now()
    )
