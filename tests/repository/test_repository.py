"""A profile repository: what its bodies publish is what its readers run, or nothing is."""

import json
import shutil
import sys

import pytest

from conformance.outside import repository_folder
from conformance.outside.repository_folder import RepositoryFolder
from conformance.session.releasing import read_release


def test_what_a_body_publishes_its_readers_find_by_name(bodies):
    index = bodies.add(bodies.begin())
    assert [(one["profile"], one["version"]) for one in index["profiles"]] == [("care", "1.0.0")]
    assert bodies.shown("care")["version"] == "1.0.0"
    (found,) = bodies.command("profiles", "search", "CARE", "north")
    assert (found["where"], found["title"]) == ("north", "A profile of care")
    bodies.write("publish", bodies.profile(version="1.1.0", more=" that is new"))
    bodies.update()
    assert bodies.shown("care")["version"] == "1.1.0"
    assert bodies.shown("care@1.0.0")["version"] == "1.0.0"


@pytest.mark.skipif(sys.platform == "win32", reason="modes of files are POSIX's")
def test_a_web_server_of_another_user_can_read_what_is_published(bodies):
    bodies.begin()
    for path in bodies.folder.rglob("*"):
        assert path.stat().st_mode & 0o004, path
        assert path.is_file() or path.stat().st_mode & 0o001, path


def test_what_is_here_needs_no_network(bodies):
    bodies.add(bodies.begin())
    shutil.rmtree(bodies.folder)
    asked = len(bodies.asked)
    assert bodies.shown("care")["profile"] == "care"
    assert bodies.command("profiles", "search", "care")
    assert len(bodies.asked) == asked
    before = bodies.kept()
    assert "cannot be used" in bodies.update(code=2)["error"]
    assert bodies.kept() == before


def test_a_repository_is_trusted_by_a_fingerprint_from_elsewhere_only(bodies):
    fingerprint = bodies.begin()
    told = bodies.command("profiles", "add", bodies.base, "--name", "north", code=2)["error"]
    assert fingerprint in told
    assert "by another way" in told
    assert "has the fingerprint" in bodies.add("0" * 64, code=2)["error"]
    assert bodies.kept() == {}
    root = bodies.place / "root.json"
    shutil.copy(bodies.folder / "metadata" / "1.root.json", root)
    bodies.command("profiles", "add", bodies.base, "--name", "north", "--root", root)
    assert "already" in bodies.add(fingerprint, code=2)["error"]


def test_a_pin_holds_whatever_is_published_later(bodies):
    bodies.add(bodies.begin())
    bodies.command("profiles", "pin", "care@1.0.0")
    bodies.write("publish", bodies.profile(version="2.0.0", more=" and more"))
    bodies.update()
    assert bodies.shown("care")["version"] == "1.0.0"
    assert "pinned to the repository" in bodies.command("profiles", "forget", "north", code=2)["error"]
    bodies.command("profiles", "pin", "care", "--remove")
    assert bodies.shown("care")["version"] == "2.0.0"
    bodies.command("profiles", "forget", "north")
    assert "there is no profile named 'care'" in bodies.shown("care", code=2)["error"]


def test_a_withdrawn_profile_is_refused_with_who_and_why(bodies):
    bodies.add(bodies.begin())
    bodies.command("profiles", "pin", "care@1.0.0")
    why = ["--who", "Jo Bloggs, Example Body", "--reason", "P-META asks for the wrong thing"]
    bodies.write("withdraw", "care@1.0.0", *why)
    assert bodies.shown("care")["version"] == "1.0.0"
    bodies.update()
    for name in ("care", "care@1.0.0"):
        told = bodies.shown(name, code=2)["error"]
        assert "withdrawn by Jo Bloggs, Example Body on" in told
        assert "P-META asks for the wrong thing" in told
    bodies.command("profiles", "pin", "care", "--remove")
    assert "withdrawn by Jo Bloggs" in bodies.shown("care", code=2)["error"]
    assert "withdrawn" in bodies.command("profiles", "pin", "care@1.0.0", code=2)["error"]
    assert "withdrawn" in bodies.command("profiles", "search", "care")[0]


def test_a_withdrawal_reaches_those_who_have_the_profile_from_elsewhere(bodies):
    bodies.add(bodies.begin())
    other = bodies.place / "other"
    bodies.write("new", "--title", "Wider", folder=other, key="wide")
    bodies.write("promote", "care@1.0.0", "--from", "north", folder=other, key="wide")
    bodies.command("profiles", "add", other, "--name", "wide", "--root", other / "metadata" / "1.root.json")
    bodies.write("withdraw", "care@1.0.0", "--who", "Jo Bloggs", "--reason", "wrong")
    bodies.update()
    assert "repository north" in bodies.shown("care", code=2)["error"]


def tampered_profile(bodies):
    (file,) = (bodies.folder / "targets" / "profiles").iterdir()
    file.write_bytes(file.read_bytes().replace(b"SHALL", b"MAY  "))


def cut_off_profile(bodies):
    (file,) = (bodies.folder / "targets" / "profiles").iterdir()
    file.write_bytes(file.read_bytes()[:40])


def lost_profile(bodies):
    (file,) = (bodies.folder / "targets" / "profiles").iterdir()
    file.unlink()


def tampered_index(bodies):
    file = max((bodies.folder / "metadata").glob("*.targets.json"))
    file.write_bytes(file.read_bytes().replace(b"A profile of care", b"A profile of cars"))


def torn_index(bodies):
    file = bodies.folder / "metadata" / "timestamp.json"
    file.write_bytes(file.read_bytes()[:100])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (tampered_profile, "not the one that its index names"),
        (cut_off_profile, "cut off on the way"),
        (lost_profile, "is not there"),
        (tampered_index, "not the one that its index names"),
        (torn_index, "malformed"),
    ],
)
def test_of_a_repository_that_is_not_what_it_says_nothing_is_installed(bodies, damage, said):
    fingerprint = bodies.begin()
    damage(bodies)
    assert said in bodies.add(fingerprint, code=2)["error"]
    assert bodies.kept() == {}
    assert "there is no profile named 'care'" in bodies.shown("care", code=2)["error"]


def test_an_older_index_than_was_seen_is_refused(bodies):
    bodies.begin()
    old = bodies.place / "old"
    shutil.copytree(bodies.folder, old)
    bodies.write("withdraw", "care@1.0.0", "--who", "Jo Bloggs", "--reason", "wrong")
    bodies.add(RepositoryFolder(bodies.folder).first_root())
    before = bodies.kept()
    shutil.rmtree(bodies.folder)
    shutil.copytree(old, bodies.folder)
    assert "rollback" in bodies.update(code=2)["error"]
    assert bodies.kept() == before
    assert "withdrawn" in bodies.shown("care", code=2)["error"]


def test_an_expired_index_is_refused_and_what_is_here_is_used_no_longer_unless_pinned(bodies, monkeypatch):
    monkeypatch.setattr(repository_folder, "FRESH_DAYS", -1)
    fingerprint = bodies.begin()
    assert "expired" in bodies.add(fingerprint, code=2)["error"]
    assert bodies.kept() == {}
    monkeypatch.setattr(repository_folder, "FRESH_DAYS", 30)
    bodies.write("sign")
    bodies.add(fingerprint)
    index = bodies.place / "data" / "conformance" / "repositories" / "north" / "index.json"
    aged = json.loads(index.read_bytes()) | {"expires": "2020-01-01T00:00:00Z"}
    index.write_text(json.dumps(aged))
    assert "expired on 2020-01-01" in bodies.shown("care", code=2)["error"]
    assert bodies.command("profiles", "search", "care")[0]["outOfDate"]
    bodies.command("profiles", "pin", "care@1.0.0")
    assert bodies.shown("care")["version"] == "1.0.0"
    bodies.command("profiles", "pin", "care", "--remove")
    bodies.update()
    assert bodies.shown("care")["version"] == "1.0.0"


def test_several_bodies_own_a_repository_together(bodies):
    for name in ("south", "west"):
        bodies.key(name)
    owners = ["--owner", bodies.place / "south.pub.pem", "--owner", bodies.place / "west.pub.pem"]
    begun = bodies.write("new", "--title", "Joint", *owners, "--threshold", 2)
    assert begun["lacking"] == {"root": 1, "targets": 1}
    assert begun["fingerprint"] == ""
    assert bodies.write("sign")["lacking"] == {"root": 1, "targets": 1}
    fingerprint = bodies.write("sign", key="south")["fingerprint"]
    assert bodies.add(fingerprint)["title"] == "Joint"
    published = bodies.write("publish", bodies.profile(), key="west")
    assert published["lacking"] == {"targets": 1}
    assert bodies.update()[0].get("profiles", []) == []
    assert bodies.command("profiles", "repository", "show", bodies.folder)["waiting"] == ["targets"]
    assert "none of this repository's owners" in bodies.write("sign", key="stranger", code=2)["error"]
    assert bodies.write("sign", key="south")["lacking"] == {}
    assert bodies.update()[0]["profiles"][0]["profile"] == "care"


def test_one_owner_alone_cannot_publish_for_two(bodies):
    bodies.key("south")
    bodies.write("new", "--title", "Joint", "--owner", bodies.place / "south.pub.pem", "--threshold", 2)
    bodies.add(bodies.write("sign", key="south")["fingerprint"])
    bodies.write("publish", bodies.profile())
    pending = bodies.folder / "pending" / "targets.json"
    shutil.copy(pending, bodies.folder / "metadata" / "2.targets.json")
    folder = RepositoryFolder(bodies.folder)
    pending.unlink()
    import datetime as dt

    from conformance.cli.stating import Keyed

    folder.sign([Keyed(bodies.key("north"), None, allow_unencrypted=True).signer()], dt.datetime.now(dt.UTC))
    before = bodies.kept()
    assert "too few of its owners signed it" in bodies.update(code=2)["error"]
    assert bodies.kept() == before


def test_a_promoted_profile_keeps_its_history_and_both_signatures(bodies):
    fingerprint = bodies.begin()
    bodies.write("publish", bodies.profile(version="1.1.0", more=" and more"))
    bodies.add(fingerprint)
    wide = bodies.place / "wide"
    bodies.write("new", "--title", "Of the country", folder=wide, key="country")
    bodies.write("promote", "care@1.1.0", "--from", "north", folder=wide, key="country")
    root = wide / "metadata" / "1.root.json"
    index = bodies.command("profiles", "add", wide, "--name", "wide", "--root", root)
    history = [(event["what"], event["repository"]) for event in index["profiles"][0]["history"]]
    assert history == [
        ("published 1.0.0", "Of the North"),
        ("published 1.1.0", "Of the North"),
        ("promoted from Of the North", "Of the country"),
    ]
    kept = bodies.place / "data" / "conformance" / "repositories" / "wide"
    envelope, release = read_release(kept / "releases" / "care@1.1.0.dsse.json")
    assert len({signature.keyid for signature in envelope.signatures}) == 2
    assert release.digest == index["profiles"][0]["digest"]
    assert bodies.shown("care")["version"] == "1.1.0"
    assert (
        "already"
        in bodies.write("promote", "care@1.1.0", "--from", "north", folder=wide, key="country", code=2)[
            "error"
        ]
    )


def test_a_profile_is_run_only_as_it_was_released_with_all_that_it_extends(bodies):
    base = bodies.profile("base")
    care = bodies.profile("care")
    care.write_text(
        care.read_text().replace("requirements:", "extends: [base]\nrequirements:").replace("P-", "C-")
    )
    together = bodies.place / "together"
    together.mkdir()
    files = [shutil.copy(each, together) for each in (base, care)]
    bodies.write("new", "--title", "Of the North")
    bodies.add(bodies.write("publish", *files)["fingerprint"])
    assert [each["id"] for each in bodies.shown("care")["requirements"]] == ["P-META", "C-META"]
    bodies.write("publish", bodies.profile("base", "1.1.0", more=", or two"))
    bodies.update()
    assert "comes to something else here than was published" in bodies.shown("care", code=2)["error"]


def test_two_different_profiles_with_one_id_are_told_apart_or_refused(bodies):
    bodies.add(bodies.begin())
    other = bodies.place / "other"
    bodies.write("new", "--title", "Other", folder=other, key="other")
    bodies.write("publish", bodies.profile(version="3.0.0", more=", or not"), folder=other, key="other")
    bodies.command("profiles", "add", other, "--name", "other", "--root", other / "metadata" / "1.root.json")
    told = bodies.shown("care", code=2)["error"]
    assert "1.0.0 in the repository north and 3.0.0 in the repository other" in told
    assert bodies.shown("care@3.0.0")["version"] == "3.0.0"
    bodies.command("profiles", "pin", "care@1.0.0")
    assert bodies.shown("care")["version"] == "1.0.0"


def test_a_repository_cannot_put_itself_in_the_place_of_a_shipped_profile(bodies):
    bodies.write("new", "--title", "Of the North")
    fingerprint = bodies.write("publish", bodies.profile("fhir-r4-base", "99.0.0"))["fingerprint"]
    shipped = bodies.shown("nhs-anti-lock-in")
    bodies.add(fingerprint)
    assert "different profiles named fhir-r4-base" in bodies.shown("fhir-r4-base", code=2)["error"]
    assert bodies.shown("nhs-anti-lock-in") == shipped
    assert bodies.shown("fhir-r4-base@99.0.0")["title"] == "A profile of fhir-r4-base"
    assert bodies.command("profiles", "list")


def test_an_index_that_names_another_profile_than_the_file_holds_is_refused(bodies, monkeypatch):
    from conformance.session.repository import publishing

    real = publishing._said

    def lying(profile, text, history):
        return real(profile, text, history).model_copy(update={"version": "9.9.9"})

    monkeypatch.setattr(publishing, "_said", lying)
    assert "lies about profiles/care@1.0.0.yaml" in bodies.add(bodies.begin(), code=2)["error"]
    assert bodies.kept() == {}


def test_a_profile_changed_on_this_machine_is_not_run(bodies):
    bodies.add(bodies.begin())
    file = bodies.place / "data" / "conformance" / "repositories" / "north" / "profiles" / "care@1.0.0.yaml"
    file.write_text(file.read_text().replace("SHALL", "MAY"))
    assert (
        "is not the care@1.0.0 that the repository north published" in bodies.shown("care", code=2)["error"]
    )


def test_what_was_published_is_never_changed(bodies):
    bodies.begin()
    told = bodies.write("publish", bodies.profile(more=" now"), code=2)["error"]
    assert "a release is never changed" in told


def test_a_profile_with_mistakes_is_not_published(bodies):
    bodies.begin()
    bad = bodies.profile("broken")
    bad.write_text(bad.read_text().replace("level: SHALL", "level: MUST"))
    before = {path: path.read_bytes() for path in bodies.folder.rglob("*") if path.is_file()}
    assert "the profile has 1 mistake" in bodies.write("publish", bad, code=2)["error"]
    assert {path: path.read_bytes() for path in bodies.folder.rglob("*") if path.is_file()} == before


def test_a_release_that_several_signed_goes_with_the_profile(bodies):
    bodies.write("new", "--title", "Of the North")
    profile, out = bodies.profile(), bodies.place / "care.dsse.json"
    for name in ("south", "west"):
        bodies.command("profiles", "release", profile, "--key", bodies.key(name), "--out", out)
    fingerprint = bodies.write("publish", profile, "--release", out)["fingerprint"]
    bodies.add(fingerprint)
    kept = (
        bodies.place / "data" / "conformance" / "repositories" / "north" / "releases" / "care@1.0.0.dsse.json"
    )
    assert len(read_release(kept)[0].signatures) == 3  # both, and whoever published it
    other = bodies.profile("other")
    assert "is no release of other@1.0.0" in bodies.write("publish", other, "--release", out, code=2)["error"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "ftp://example.org", "--name", "n", "--fingerprint", "0" * 64], "neither a web address"),
        (
            ["add", "https://user:word@example.org", "--name", "n", "--fingerprint", "0" * 64],
            "user, password",
        ),
        (["add", "http://127.0.0.1:9", "--name", "Bad Name", "--fingerprint", "0" * 64], "no name"),
        (
            ["add", "http://127.0.0.1:9", "--name", "n", "--fingerprint", "0" * 64],
            "there is no profile repository",
        ),
        (["update"], "no repository was added yet"),
        (["update", "nowhere"], "no repository named 'nowhere'"),
        (["pin", "care"], "names no release"),
        (["pin", "care@1.0.0"], "no repository here has care@1.0.0"),
        (["pin", "care", "--remove"], "is not pinned"),
        (["forget", "nowhere"], "no repository named 'nowhere'"),
        (["show", "care@one"], "no bound of a version"),
    ],
)
def test_mistakes_of_readers_are_told(bodies, arguments, said):
    assert said in bodies.command("profiles", *arguments, code=2)["error"]
    assert bodies.kept() == {}
