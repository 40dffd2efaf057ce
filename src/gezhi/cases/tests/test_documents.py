"""Documents and recordings lie sealed on the disk and are given out as they came."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from gezhi.base import files
from gezhi.cases import actions, adapters, jobs, reads
from gezhi.cases.models import Attachment
from tests.cast import COUNTY, County, report_leak

PDF, VOICE = b"%PDF-1.7 identity card 150202", b"OggS" + b"a voice" * 50
KINDS = pytest.mark.parametrize(
    ("kind", "name", "body"), [("document", "card.pdf", PDF), ("voice", "said.ogg", VOICE)]
)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Any) -> None:
    settings.FILES_DIR = tmp_path


def _kept(county: County, kind: str, name: str, body: bytes) -> Attachment:
    upload = actions.Upload(name, body, kind=kind)
    return actions.attach(report_leak().case.id, upload=upload, actor=county.actor("cun"))


def _on_disk() -> list[bytes]:
    found = Path(settings.FILES_DIR).rglob("*")
    return [path.read_bytes() for path in found if path.is_file()]


def _plain(kept: Attachment, body: bytes) -> Path:
    """As it lay before documents were sealed."""
    adapters.drop_file(COUNTY, kept.id)
    path = Path(settings.FILES_DIR) / adapters.place_of(COUNTY, kept.id)
    path.write_bytes(body)
    return path


@KINDS
def test_it_is_sealed_on_the_disk_and_opened_for_who_may_see_the_case(
    county: County, kind: str, name: str, body: bytes
) -> None:
    kept = _kept(county, kind, name, body)
    assert _on_disk()
    assert not any(body[:8] in each for each in _on_disk())
    assert reads.file_bytes(kept) == body
    assert reads.files_missing(Path(settings.FILES_DIR), county=COUNTY) == 0
    client = Client()
    client.force_login(county.accounts["cun"], backend="gezhi.site.sessions.AccountBackend")
    answer = client.get(f"/api/v1/attachments/{kept.id}")
    assert (answer.status_code, answer.content) == (200, body)
    assert Client().get(f"/api/v1/attachments/{kept.id}").status_code in (401, 404)
    adapters.drop_file(COUNTY, kept.id)
    assert reads.files_missing(Path(settings.FILES_DIR), county=COUNTY) == 1


@KINDS
def test_what_lies_there_plain_is_read_and_sealed_by_the_worker(
    county: County, kind: str, name: str, body: bytes
) -> None:
    kept = _kept(county, kind, name, body)
    path = _plain(kept, body)
    assert reads.file_bytes(kept) == body
    jobs.seal_documents(0)
    assert not path.exists()
    assert not any(body[:8] in each for each in _on_disk())
    assert reads.file_bytes(kept) == body
    assert actions.seal_documents(county=COUNTY) == 0, "once"


def test_one_that_is_taken_away_while_it_is_sealed_stays_away(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = _kept(county, "document", "card.pdf", PDF)
    path, write = _plain(kept, PDF), files.write

    def overtaken(*given: Any) -> None:
        adapters.drop_file(COUNTY, kept.id)
        write(*given)

    monkeypatch.setattr(files, "write", overtaken)
    assert actions.seal_documents(county=COUNTY) == 0
    assert not path.exists()
    assert not reads.files_missing(path.parent, county="000000")
    assert _on_disk() == [b""], "the lock alone"
