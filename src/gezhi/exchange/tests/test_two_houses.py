"""Two Gezhi, each a process with a database, keys and files of its own, that speak over HTTP."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gezhi.cases import actions as cases
from gezhi.cases.models import Attachment, Case, HistoryLine
from gezhi.exchange.tests.city import only_handover, peer_at, work_for_peers
from gezhi.exchange.tests.handing import hand_over, later
from tests.cast import SETTING_UP, County

ROOT = Path(__file__).resolve().parents[4]
# What the other house does, a line of its input each; it has the same cast, so the same numbers.
OTHER = """
import io, json, os, sys, threading
from pathlib import Path
from django.conf import settings
from gezhi.base.sealed import make_key_file
settings.STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
settings.PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
make_key_file(Path(os.environ["GEZHI_KEYS"]))
import django
django.setup()
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from PIL import Image
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.people import actions as people
from gezhi.site.wsgi import application
from tests.cast import SETTING_UP, build_county

county = build_county()
key = people.make_key(account=county.accounts["dui"].id, name="peer", actor=SETTING_UP).token
server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
server.set_app(application)
threading.Thread(target=server.serve_forever, daemon=True).start()

def take():
    case = Case.objects.get()
    cases.accept(case.id, category="utility.lamp", actor=SETTING_UP)
    cases.assign(case.id, unit=county.unit("dept-water"), actor=SETTING_UP)
    cases.sign(case.id, actor=SETTING_UP)
    return {"number": case.number, "what": case.what}

def finish():
    case, picture = Case.objects.get(), io.BytesIO()
    Image.new("RGB", (320, 240), (90, 120, 40)).save(picture, "JPEG")
    upload = cases.Upload("a.jpg", picture.getvalue(), "after")
    cases.attach(case.id, upload=upload, actor=SETTING_UP)
    cases.finish(case.id, outcome="solved", answer="换了灯泡，亮了", actor=SETTING_UP)
    return {}

print(json.dumps({"port": server.server_port, "key": str(key)}), flush=True)
for line in sys.stdin:
    print(json.dumps({"take": take, "finish": finish}[line.strip()]()), flush=True)
"""


class House:
    """The other house, as who works there moves it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        begun = self._said()
        self.url, self.key = f"http://127.0.0.1:{begun['port']}/open311/v2", begun["key"]

    def does(self, what: str) -> dict[str, Any]:
        assert self.process.stdin
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        return self._said()

    def _said(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "it ended; why stands in what the test printed"
        found: dict[str, Any] = json.loads(line)
        return found


@contextmanager
def another(database: str, home: Path) -> Iterator[House]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("GEZHI_")}
    own = {
        "DATABASE_URL": database, "GEZHI_HOME": str(home), "GEZHI_FILES": str(home / "files"),
        "GEZHI_KEYS": str(home / "keys" / "seal.json"), "GEZHI_SECRET_KEY": "of-the-other",
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PYTHONUTF8": "1",
    }  # fmt: skip
    process = subprocess.Popen(  # noqa: S603  # this interpreter
        [sys.executable, "-c", OTHER], env={**known, **own}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield House(process)
    finally:
        process.kill()
        process.communicate()


def test_a_case_is_handed_over_worked_on_and_closed_between_two_databases(
    committed: County, second_database: str, tmp_path: Path
) -> None:
    with another(second_database, tmp_path) as other:
        peer = peer_at(committed, other.url, key=other.key, others="utility.lamp")
        here = hand_over(committed, category="utility.lamp")
        work_for_peers()
        taken = other.does("take")
        assert only_handover().request == taken["number"]
        assert here.number in taken["what"]
        assert "13812345678" not in taken["what"]
        work_for_peers(later(minutes=6))
        here.refresh_from_db()
        assert here.state == "handling"
        other.does("finish")
        work_for_peers(later(minutes=12))
    here.refresh_from_db()
    assert (here.state, here.answer) == ("done", "邻县：换了灯泡，亮了")
    [picture] = Attachment.objects.filter(case=here)
    assert (picture.kind, picture.actor) == ("after", f"peer:{peer.id}")
    cases.close(here.id, actor=SETTING_UP)
    acts = list(HistoryLine.objects.filter(case=here).order_by("seq").values_list("act", flat=True))
    assert acts[2:5] == ["assign", "sign", "note"]
    assert acts[-2:] == ["finish", "close"]
    assert Case.objects.get().state == "closed", "and the other case is in the other database"
