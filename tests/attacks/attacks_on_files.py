"""Attacks on the files of a run, and on the bundle that holds them."""

import os
import stat
import struct
import unicodedata
import warnings
import zipfile

from attack_stage import LAB, Stage, signed
from attacks import attack

from conformance.model.base import canonical, sha256


def resubject(stage: Stage, change) -> None:
    stage.restate(lambda statement: change(statement["subject"]))


def one_body(stage: Stage):
    return min((stage.root / "bodies").iterdir())


@attack("files", 1)
def swapped_evidence(stage):
    """The evidence is exchanged for that of another run"""
    evidence = stage.root / "evidence.jsonl"
    evidence.write_bytes(evidence.read_bytes().replace(b'"status":200', b'"status":201', 1))


@attack("files", 1)
def report_exchanged(stage):
    """The report's file is exchanged, and the signature left as it was"""
    stage.edit("report.json", lambda report: report.update(result="FAILED"))


@attack("files", 1)
def withheld_body(stage):
    """The body of an exchange is withheld"""
    one_body(stage).unlink()


@attack("files", 1)
def smuggled_file(stage):
    """A file that nobody signed is laid among the others"""
    (stage.root / "verdict.json").write_text('{"result":"PASSED"}', "ascii")


@attack("files", 1)
def smuggled_body(stage):
    """A body that nobody signed is laid among the others"""
    (stage.root / "bodies" / f"{'0' * 64}.gz").write_bytes(one_body(stage).read_bytes())


@attack("files", 1)
def smuggled_statement(stage):
    """A file is smuggled in under the name of a signed reply"""
    (stage.root / "acknowledgement.dsse.json").write_bytes(stage.envelope.read_bytes())


@attack("files", 1)
def renamed_file(stage):
    """A signed file is renamed"""
    (stage.root / "suite.json").rename(stage.root / "suite2.json")


@attack("files", 1)
def name_in_capitals(stage):
    """A second Suite.json lies there, which some file systems take for suite.json"""
    (stage.root / "Suite.json").write_bytes(b"{}")


@attack("files", 1)
def homoglyph_name(stage):
    """A file's name looks like suite.json, with a Cyrillic letter in it"""
    (stage.root / "\u0455uite.json").write_bytes(b"{}")


@attack("files", 1)
def decomposed_name(stage):
    """Two signed names are the same after normalisation"""
    name = "views\u00e9.json"
    resubject(
        stage,
        lambda subject: subject.extend(
            {"name": unicodedata.normalize(form, name), "digest": {"sha256": "0" * 64}}
            for form in ("NFC", "NFD")
        ),
    )


@attack("files", 1)
def signed_path_out(stage):
    """A signed name leads out of the folder"""
    resubject(
        stage, lambda subject: subject.append({"name": "../report.json", "digest": {"sha256": "0" * 64}})
    )


@attack("files", 1)
def signed_absolute_path(stage):
    """A signed name is an absolute path"""
    resubject(stage, lambda subject: subject.append({"name": "/etc/hosts", "digest": {"sha256": "0" * 64}}))


@attack("files", 1)
def link_out(stage):
    """A file is a link to one elsewhere"""
    elsewhere = stage.root.parent / "elsewhere.json"
    (stage.root / "suite.json").rename(elsewhere)
    (stage.root / "suite.json").symlink_to(elsewhere)


@attack("files", 1)
def subject_twice(stage):
    """A file is signed twice, with two digests"""
    resubject(stage, lambda subject: subject.append(subject[0] | {"digest": {"sha256": "0" * 64}}))


@attack("files", 1)
def weak_digest(stage):
    """A file is signed by a digest that collides"""
    resubject(stage, lambda subject: subject[0].update(digest={"md5": "0" * 32}))


@attack("files", 1)
def unsigned_evidence(stage):
    """The evidence is left out of what is signed"""
    (stage.root / "evidence.jsonl").rename(stage.root / "views.html")
    resubject(
        stage, lambda subject: subject.remove(next(s for s in subject if s["name"] == "evidence.jsonl"))
    )


@attack("files", 1)
def member_twice_in_the_report(stage):
    """The signed report's file names its result twice"""
    report = stage.root / "report.json"
    report.write_bytes(
        report.read_bytes().replace(b'"result":"PASSED"', b'"result":"FAILED","result":"PASSED"', 1)
    )
    signed(stage.folder, LAB)


@attack("files", 1)
def report_in_a_second_form(stage):
    """The signed report's file spells out what it need not: the same report in other bytes"""
    stage.edit("report.json", lambda report: report.update(format="1"))
    signed(stage.folder, LAB)


@attack("files", 1)
def unknown_format_of_the_suite(stage):
    """The signed suite is of a format that this reader does not know"""
    stage.edit("suite.json", lambda suite: suite.update(format="2"))
    digest = sha256((stage.root / "suite.json").read_bytes())
    named = "suite.json"
    resubject(
        stage, lambda subject: next(s for s in subject if s["name"] == named)["digest"].update(sha256=digest)
    )


@attack("bundle", 2)
def zip_bomb(stage):
    """An entry of the bundle unpacks to a thousand times its size"""
    stage.bundle(("views/report.html", bytes(64 * 2**20)))


@attack("bundle", 2)
def claim_of_two_gigabytes(stage):
    """A small bundle claims to hold two gigabytes"""
    path = stage.bundle(("views/report.html", b"x" * 1000))
    data = path.read_bytes()
    place = data.rindex(b"PK\x01\x02")
    path.write_bytes(data[: place + 24] + struct.pack("<I", 2 * 2**30) + data[place + 28 :])


@attack("bundle", 2)
def entries_over_each_other(stage):
    """Many entries of the bundle share the same packed bytes"""
    path = stage.bundle(("views/report.html", os.urandom(200_000)))
    with zipfile.ZipFile(path, "a") as archive:
        last = archive.infolist()[-1]
        for number in range(20):
            twin = zipfile.ZipInfo(f"views/{number}.html")
            for member in ("header_offset", "CRC", "compress_size", "file_size", "compress_type"):
                setattr(twin, member, getattr(last, member))
            archive.filelist.append(twin)
            archive.NameToInfo[twin.filename] = twin
        archive._didModify = True


@attack("bundle", 2)
def entry_out_of_the_bundle(stage):
    """An entry's name leads out of the bundle"""
    stage.bundle(("../../.bashrc", b"rm -r ~"))


@attack("bundle", 2)
def absolute_entry(stage):
    """An entry's name is an absolute path"""
    stage.bundle(("/etc/cron.d/x", b"x"))


@attack("bundle", 2)
def entry_with_backslashes(stage):
    """An entry's name leads out of the bundle on another system"""
    info = zipfile.ZipInfo("x")
    info.filename = "..\\..\\x"
    stage.bundle((info, b"x"))


@attack("bundle", 2)
def entry_twice(stage):
    """The bundle holds a file twice: one reader takes the first, another the last"""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        stage.bundle(("report.json", canonical({"result": "PASSED"})))


@attack("bundle", 2)
def entry_in_capitals(stage):
    """The bundle holds REPORT.JSON beside report.json"""
    stage.bundle(("REPORT.JSON", b"{}"))


@attack("bundle", 2)
def decomposed_entries(stage):
    """Two entries' names are the same after normalisation and case folding"""
    stage.bundle(("views/\u00c9.html", b"1"), ("views/e\u0301.html", b"2"))


@attack("bundle", 2)
def linking_entry(stage):
    """An entry of the bundle is a symbolic link"""
    info = zipfile.ZipInfo("views/x.html")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    stage.bundle((info, b"/etc/passwd"))


@attack("bundle", 2)
def truncated_bundle(stage):
    """The bundle is cut off"""
    path = stage.bundle()
    path.write_bytes(path.read_bytes()[:-100])


@attack("bundle", 2)
def locked_bundle(stage):
    """The entries of the bundle are said to be encrypted"""
    path = stage.bundle()
    data = bytearray(path.read_bytes())
    place = data.index(b"PK\x01\x02", 0)
    while place >= 0:
        data[place + 8] |= 1
        place = data.find(b"PK\x01\x02", place + 4)
    path.write_bytes(bytes(data))


@attack("files", 1)
def smuggled_entry(stage):
    """A file that nobody signed is laid into the bundle"""
    stage.bundle(("notes.json", b"{}"))


@attack("files", 1)
def homoglyph_entry(stage):
    """An entry's name looks like that of a signed file"""
    stage.bundle(("\u0455uite.json", b"{}"))
