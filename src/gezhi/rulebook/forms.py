"""What an administrator uploads: a zip or single TOML files, and the yes after the check."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from gezhi.rulebook.errors import UploadUnreadable

MOST_BYTES = 2 * 1024 * 1024
MOST_FILES = 20


class _ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True

    def value_from_datadict(
        self, data: Mapping[str, Any], files: MultiValueDict[str, UploadedFile], name: str
    ) -> list[UploadedFile]:
        return files.getlist(name)


class _ManyFiles(forms.FileField):
    widget = _ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        if not data and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [super(_ManyFiles, self).clean(one, initial) for one in data]


class UploadForm(forms.Form):
    """One zip, or some of the five TOML files; what is not uploaded stays as it is."""

    files = _ManyFiles(
        label=_("规则文件"),
        error_messages={"required": _("请选择要上传的文件。")},
        widget=_ManyFilesInput(attrs={"accept": ".toml,.zip", "class": "form-control"}),
    )

    def texts(self) -> dict[str, str]:
        """The uploaded TOML files by name."""
        found: dict[str, str] = {}
        for upload in self.cleaned_data["files"]:
            if (upload.size or 0) > MOST_BYTES:
                raise UploadUnreadable()
            content = upload.read()
            if (upload.name or "").lower().endswith(".zip"):
                found |= _unzipped(content)
            else:
                found[PurePosixPath(upload.name or "").name] = _decoded(content)
        if not found or len(found) > MOST_FILES:
            raise UploadUnreadable()
        return found


def _unzipped(content: bytes) -> dict[str, str]:
    """The TOML files of a zip, whatever folder they are in; size is counted before unpacking."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [one for one in archive.infolist() if one.filename.endswith(".toml")]
            if len(entries) > MOST_FILES or sum(one.file_size for one in entries) > MOST_BYTES:
                raise UploadUnreadable()
            return {
                PurePosixPath(one.filename).name: _decoded(archive.read(one)) for one in entries
            }
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise UploadUnreadable() from error


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UploadUnreadable() from error
    if "\0" in text:  # PostgreSQL keeps no zero bytes, and TOML allows none
        raise UploadUnreadable()
    return text


class ApplyForm(forms.Form):
    """The files that were checked, and which version the shown difference was made against."""

    files = forms.CharField(widget=forms.HiddenInput)
    against = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    note = forms.CharField(
        label=_("说明"),
        required=True,
        max_length=500,
        help_text=_("为什么改，会记入版本记录。"),
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )

    def clean_files(self) -> dict[str, str]:
        try:
            files = json.loads(self.cleaned_data["files"])
        except ValueError as error:
            raise forms.ValidationError(_("内容已损坏，请重新上传。")) from error
        if not isinstance(files, dict) or not all(isinstance(one, str) for one in files.values()):
            raise forms.ValidationError(_("内容已损坏，请重新上传。"))
        return files
