"""The demonstration's real input: only the published file will do, and its absence is told."""

from __future__ import annotations

import zipfile

import pytest

from scripts import demo_data


def test_absent_package_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setattr(demo_data, "PACKAGE", "no-such-package-anywhere==1.0")
    with pytest.raises(demo_data.NoData, match="cannot be had.*make demo again"):
        demo_data.fetch(tmp_path)


def test_another_file_is_not_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setattr(demo_data, "PACKAGE", "no-such-package-anywhere==1.0")
    (tmp_path / demo_data.WHEEL).write_bytes(b"something else")
    with pytest.raises(demo_data.NoData):
        demo_data.fetch(tmp_path)
    assert not (tmp_path / demo_data.WHEEL).exists()


def test_a_file_with_other_rows_is_refused(tmp_path):
    path = tmp_path / "wheel.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for year in demo_data.ROWS:
            archive.writestr(demo_data.INSIDE.format(year=year), 'a,b\n1,"two\nlines"\n')
    with pytest.raises(demo_data.NoData, match="has 1 rows, not 27176"):
        demo_data.extract(path, tmp_path)
