"""Which file is the profile of a name, where a folder has several versions of it."""

import pytest

from conformance.errors import UnknownName, Unreadable
from conformance.model.versions import ANY, VersionRange
from conformance.outside.places import ProfileLibrary


@pytest.fixture
def library(tmp_path):
    for name, version in {
        "base": "0.9.0",
        "base@1.2.0": "1.2.0",
        "base@1.10.0": "1.10.0",
        "base@2.0.0-rc.1": "2.0.0-rc.1",
        "based": "9.0.0",
    }.items():
        (tmp_path / f"{name}.yaml").write_text(f"profile: base\nversion: {version} # so\n")
    (tmp_path / "it.yaml").write_text("profile: it\n")
    found = ProfileLibrary()
    found.text(str(tmp_path / "it.yaml"))
    return found


@pytest.mark.parametrize(
    ("wanted", "taken"),
    [
        ("", "1.10.0"),
        (">=1,<2", "1.10.0"),
        (">=1,<1.5", "1.2.0"),
        ("<1", "0.9.0"),
        (">=2.0.0-rc.1", "2.0.0-rc.1"),
        (">=3", "0.9.0"),
    ],
)
def test_the_newest_version_in_the_range_is_taken_and_where_there_is_none_what_there_is(
    library, wanted, taken
):
    text, _ = library.text("base", VersionRange.read(wanted) if wanted else ANY)
    assert f"version: {taken} " in text


def test_a_shipped_profile_is_found_where_what_lies_beside_is_too_old(library):
    _, file = library.text("fhir-r4-base", VersionRange.read(">=0.1,<1"))
    assert file.endswith("fhir-r4-base.yaml")
    with pytest.raises(UnknownName):
        library.text("bas", VersionRange.read(">=1"))


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    huge = tmp_path / "huge.yaml"
    with huge.open("wb") as file:
        file.truncate(40 * 2**20)
    with pytest.raises(Unreadable, match="larger than 8 MB"):
        ProfileLibrary().text(str(huge))
