"""A package's archive is read with bounds, and nothing that it says about itself is trusted."""

import gzip
import io
import tarfile
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.fhir.definitions import DefinitionProblem
from conformance.fhir.packages.archive import Limits, tgz_files

SMALL = Limits(member=20_000, total=60_000, members=20)


def tgz(members: Iterable[tuple[str, bytes]], **facts: object) -> io.BytesIO:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, data in members:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            for fact, value in facts.items():
                setattr(member, fact, value)
            archive.addfile(member, io.BytesIO(data))
    made.seek(0)
    return made


def test_the_resources_of_a_package_are_those_directly_in_its_folder():
    names = [
        "package/a.json",
        "package/b.xml",
        "package/c.txt",
        "package/example/d.json",
        "other/e.json",
        "f.json",
    ]
    found = list(tgz_files(tgz((name, b"{}") for name in names)))
    assert found == [("a.json", b"{}"), ("b.xml", b"{}")]


@pytest.mark.parametrize(
    "name", ["../a.json", "package/../../a.json", "/etc/a.json", "..\\a.json", "C:/a.json"]
)
def test_a_path_that_leaves_the_package_is_refused(name: str):
    with pytest.raises(DefinitionProblem, match="leaves the package's folder") as told:
        list(tgz_files(tgz([(name, b"{}")]), where="x.tgz"))
    assert "x.tgz" in told.value.message
    assert told.value.hint


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(kind: bytes):
    with pytest.raises(DefinitionProblem, match="is a link or a device"):
        list(tgz_files(tgz([("package/a.json", b"")], type=kind, linkname="/etc/passwd")))


def test_a_member_that_unpacks_to_too_much_is_refused():
    with pytest.raises(DefinitionProblem, match="unpacks to more than 20,000 bytes"):
        list(tgz_files(tgz([("package/a.json", b" " * 20_001)]), limits=SMALL))


def test_many_members_and_a_large_sum_are_refused():
    with pytest.raises(DefinitionProblem, match="more than 20 members"):
        list(tgz_files(tgz((f"package/{n}.json", b"{}") for n in range(21)), limits=SMALL))
    with pytest.raises(DefinitionProblem, match="unpacks to more than 60,000 bytes"):
        list(tgz_files(tgz((f"package/{n}.txt", b" " * 15_000) for n in range(6)), limits=SMALL))


def test_a_huge_header_is_refused_before_it_is_read():
    header = tarfile.TarInfo("package/a.json")
    header.type = tarfile.XHDTYPE
    header.size = 50_000
    bomb = io.BytesIO(gzip.compress(header.tobuf(format=tarfile.USTAR_FORMAT) + b" " * 51_200))
    with pytest.raises(DefinitionProblem, match="a header asks for"):
        list(tgz_files(bomb, limits=SMALL))


@pytest.mark.parametrize(
    "data",
    [b"", b"no archive", gzip.compress(b"no archive"), gzip.compress(b"x" * 2000)[:20]],
    ids=["empty", "plain", "packed", "cut"],
)
def test_what_is_no_archive_is_told(data: bytes):
    with pytest.raises(DefinitionProblem, match=r"no readable \.tgz"):
        list(tgz_files(io.BytesIO(data)))


WHOLE = tgz([("package/a.json", b'{"resourceType": "ValueSet"}' * 40), ("package/b.json", b"{}")]).getvalue()


@given(at=st.integers(0, len(WHOLE) - 1), byte=st.integers(0, 255), cut=st.integers(0, len(WHOLE)))
def test_a_damaged_archive_ends_in_files_or_in_a_problem(at: int, byte: int, cut: int):
    damaged = (WHOLE[:at] + bytes([byte]) + WHOLE[at + 1 :])[:cut]
    try:
        found = list(tgz_files(io.BytesIO(damaged), limits=SMALL))
    except DefinitionProblem:
        return
    assert all(name.endswith(".json") for name, _ in found)
