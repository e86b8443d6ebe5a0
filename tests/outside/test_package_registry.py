"""Packages fetched from a registry: whole and as stated, or not at all."""

import hashlib
import json
from pathlib import Path

import pytest
from small_guide import FILES, NAME, VERSION, archive
from whole_runs import command

from conformance.errors import UsageError
from conformance.outside import package_registry
from conformance.outside.package_registry import fetch
from conformance.outside.packages import read_package

ARCHIVE = archive()
SHA1 = hashlib.sha1(ARCHIVE, usedforsecurity=False).hexdigest()


def listing(address, **changed):
    dist = {"tarball": address, "shasum": SHA1, **changed}
    return {
        "name": NAME,
        "dist-tags": {"latest": VERSION},
        "versions": {VERSION: {"name": NAME, "version": VERSION, "dist": dist}},
    }


class Registry:
    """A registry with one package; `served` holds what each path answers."""

    def __init__(self, serve):
        self.served = {
            f"/{NAME}": (200, json.dumps(listing(f"/files/{NAME}.tgz")).encode()),
            f"/files/{NAME}.tgz": (200, ARCHIVE),
        }
        running = serve(lambda handler, seen: handler.answer(*self.served.get(seen.path, (404, b""))))
        self.url, self.seen = running.base, running.seen


@pytest.fixture
def registry(serve):
    return Registry(serve)


def changed(registry, **dist):
    registry.served[f"/{NAME}"] = (200, json.dumps(listing(f"/files/{NAME}.tgz", **dist)).encode())


@pytest.mark.parametrize("version", ["", VERSION])
def test_a_package_is_put_into_the_cache_as_it_is(registry, tmp_path, version):
    folder = fetch(registry.url, NAME, version, cache=tmp_path)
    assert folder == tmp_path / f"{NAME}#{VERSION}"
    assert read_package(folder).digest == read_package_of_archive(tmp_path).digest
    assert [seen.path for seen in registry.seen] == [f"/{NAME}", f"/files/{NAME}.tgz"]
    assert fetch(registry.url, NAME, version, cache=tmp_path) == folder


def read_package_of_archive(folder):
    path = folder / "archive.tgz"
    path.write_bytes(ARCHIVE)
    return read_package(path)


def nothing_left(folder):
    return not folder.is_dir() or not [each for each in folder.iterdir() if each.is_dir()]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda r: changed(r, shasum="0" * 40), "does not have the checksum"),
        (lambda r: changed(r, shasum=None), "no address or no checksum"),
        (lambda r: changed(r, tarball="file:///etc/passwd"), "no address that can be fetched"),
        (lambda r: r.served.update({f"/{NAME}": (200, b"<html>")}), "it is no JSON"),
        (lambda r: r.served.update({f"/{NAME}": (200, b"[]")}), "no list of versions"),
        (lambda r: r.served.update({f"/{NAME}": (500, b"")}), "answered 500"),
        (lambda r: r.served.pop(f"/files/{NAME}.tgz"), "answered 404"),
        (
            lambda r: r.served.update({f"/files/{NAME}.tgz": (200, ARCHIVE[:-40])}),
            "does not have the checksum",
        ),
    ],
)
def test_what_is_not_as_it_should_be_is_refused_and_leaves_nothing(registry, tmp_path, spoil, said):
    spoil(registry)
    with pytest.raises(UsageError, match=said):
        fetch(registry.url, NAME, cache=tmp_path)
    assert nothing_left(tmp_path)


def test_an_archive_that_breaks_out_of_its_folder_is_refused(registry, tmp_path):
    hostile = archive({"../../escaped.json": {"resourceType": "ValueSet"}})
    registry.served[f"/files/{NAME}.tgz"] = (200, hostile)
    changed(registry, shasum=hashlib.sha1(hostile, usedforsecurity=False).hexdigest())
    with pytest.raises(UsageError, match="leaves the package's folder"):
        fetch(registry.url, NAME, cache=tmp_path / "cache")
    assert nothing_left(tmp_path / "cache")
    assert not list(tmp_path.rglob("escaped.json"))


def test_another_package_than_was_asked_for_is_refused(registry, tmp_path):
    other = archive({**FILES, "package.json": {"name": "another.guide", "version": VERSION}})
    registry.served[f"/files/{NAME}.tgz"] = (200, other)
    changed(registry, shasum=hashlib.sha1(other, usedforsecurity=False).hexdigest())
    with pytest.raises(UsageError, match=r"the registry gave another\.guide@1\.2\.0 for example\.guide"):
        fetch(registry.url, NAME, cache=tmp_path)
    assert nothing_left(tmp_path)


def test_more_than_the_limit_is_not_read(registry, tmp_path, monkeypatch):
    monkeypatch.setattr(package_registry, "LARGEST_ARCHIVE", 100)
    with pytest.raises(UsageError, match="sent more than 100 bytes"):
        fetch(registry.url, NAME, cache=tmp_path)


@pytest.mark.parametrize(
    ("address", "name", "version", "said"),
    [
        ("ftp://example.org", NAME, "", "no address of a registry"),
        ("", NAME, "", "no address of a registry"),
        ("http://127.0.0.1:9", NAME, "", "cannot be fetched"),
        (None, "../x", "", "no name of a FHIR package"),
        (None, NAME, "9.9.9", f"no {NAME}@9.9.9; among those that it has: {VERSION}"),
    ],
)
def test_what_cannot_be_asked_for_is_told(registry, tmp_path, address, name, version, said):
    with pytest.raises(UsageError, match=said):
        fetch(registry.url if address is None else address, name, version, cache=tmp_path)


def test_the_command_fetches_and_writes_the_profile(registry, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(tmp_path))
    out = tmp_path / "guide.yaml"
    assert command("profiles", "from-ig", f"{NAME}@{VERSION}", "--registry", registry.url, "--out", out) == 0
    assert f"packages: [{NAME}@{VERSION}]" in out.read_text("utf-8")
    assert (Path.home() / ".fhir" / "packages" / f"{NAME}#{VERSION}").is_dir()
    assert "The package is in" in capsys.readouterr().err
