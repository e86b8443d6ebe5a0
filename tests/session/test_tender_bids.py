"""Bids side by side under a tender pack, and decisions that something else is accepted."""

import json
from pathlib import Path

import openpyxl
import pytest
from jsonschema import Draft202012Validator
from tender_cases import Scene, forged, payload
from whole_runs import command, copied

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def scene(tmp_path_factory, reference_supplier):
    """Two packs, and bids under each."""
    made = Scene(tmp_path_factory.mktemp("bids"), reference_supplier.url)
    (made.place / "weights.yaml").write_text('points: {"S-S*": "3", "*": "1"}\n')
    assert made.pack("pack.json", "--weights", made.place / "weights.yaml") == 0
    assert made.pack("other.json", "--set", "page=3") == 0
    assert made.run("north", "pack.json") == 0
    text = made.target.read_text()
    made.target.write_text(text.replace("North", "South"))
    assert made.run("south", "pack.json") == 0
    assert made.run("elsewhere", "other.json") == 0
    made.target.write_text(text)
    return made


def under(scene, *decisions: str) -> tuple:
    given = [word for name in decisions for word in ("--decisions", scene.place / name)]
    return ("--tender", scene.place / "pack.json", *given)


def test_bids_under_one_pack_are_compared_by_its_weights(scene, tmp_path, capsys):
    """The first pattern that fits counts, though a signed form of JSON knows no order of members."""
    out = tmp_path / "bids.json"
    assert scene.compare(["north", "south"], *under(scene), "--out", out) == 0
    found = json.loads(out.read_text())
    assert [(score["points"], score["of"]) for score in found["scores"]] == [("3", "4"), ("3", "4")]
    assert found["tender"]["reference"] == "ocds-h6vhtk-04a1b2"
    assert "Held against the tender pack of North Trust" in capsys.readouterr().out


def test_a_bid_under_another_pack_is_not_compared(scene, tmp_path, capsys):
    out = tmp_path / "bids.html"
    assert scene.compare(["north", "elsewhere"], *under(scene), "--out", out) == 3
    said = capsys.readouterr().err
    assert "elsewhere: tender: does not fit" in said
    assert "parameter page: has 3, wants 5" in said
    assert "north: tender" not in said
    assert not out.exists()


@pytest.mark.parametrize("option", ["--weights", "--equivalences"])
def test_what_the_pack_settles_cannot_be_given_beside_it(scene, option, capsys):
    assert scene.compare(["north", "south"], *under(scene), option, scene.place / "weights.yaml") == 2
    assert f"leave out {option}" in capsys.readouterr().err


def test_a_decision_needs_its_pack(scene, capsys):
    assert scene.compare(["north", "south"], "--decisions", scene.place / "any.json") == 2
    assert "give that with --tender" in capsys.readouterr().err


def test_a_decision_stands_beside_the_outcome_in_every_view(scene, tmp_path, capsys):
    assert scene.decide("decided.json", "pack.json", "--evidence", "https://example.org/17") == 0
    files = [tmp_path / f"bids.{kind}" for kind in ("html", "json", "xlsx", "pdf")]
    out = [word for file in files for word in ("--out", file)]
    capsys.readouterr()
    assert scene.compare(["north", "south"], *under(scene, "decided.json"), *out) == 0
    shown = " ".join(capsys.readouterr().out.split())
    cells = [
        str(cell)
        for sheet in openpyxl.load_workbook(files[2])
        for row in sheet.iter_rows(values_only=True)
        for cell in row
    ]
    told = (shown, files[0].read_text(), files[1].read_text(), "\n".join(cells))
    for text in told:
        for words in ("a certificate", "Jo Bloggs", "https://example.org/17", "buyer (buyer)"):
            assert words in text
    assert files[3].read_bytes().startswith(b"%PDF-")
    row = next(row for row in json.loads(files[1].read_text())["rows"] if row["id"] == "S-UNKNOWN")
    assert [cell["outcome"] for cell in row["cells"]] == ["pass", "pass"]
    assert "equivalence" in row["cells"][0]
    assert not row["cells"][1].get("equivalence")


def test_a_decision_is_bound_to_the_very_pack(scene, capsys):
    assert scene.decide("for-other.json", "other.json") == 0
    capsys.readouterr()
    assert scene.compare(["north", "south"], *under(scene, "for-other.json")) == 2
    assert "belongs to another tender" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("key", "why"), [("lab", "not as buyer"), ("stranger", "no trusted key made the signature")]
)
def test_a_decision_by_the_wrong_hand_is_refused(scene, key, why, capsys):
    assert scene.decide(f"by-{key}.json", "pack.json", key=key) == 0
    capsys.readouterr()
    assert scene.compare(["north", "south"], *under(scene, f"by-{key}.json")) == 2
    assert why in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"accepted": "nothing at all"}, "is not by that key"),
        ({"requirement": "S-META"}, "is not by that key"),
    ],
)
def test_a_decision_that_was_changed_is_refused(scene, change, told, capsys):
    if not (scene.place / "true.json").exists():
        assert scene.decide("true.json", "pack.json") == 0
    forged(scene.place / "true.json", scene.place / "false.json", lambda s: s["predicate"].update(change))
    capsys.readouterr()
    assert scene.compare(["north", "south"], *under(scene, "false.json")) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"on": "2099-01-01"}, "yet to come"),
        ({"formatVersion": "2"}, "has format '2'"),
        ({"ocid": "ocds-h6vhtk-zzzzzz"}, "another procurement"),
        ({"product": "North Recrods"}, "did you mean 'North Records'?"),
        ({"supplier": "Nobody"}, "which is no bid"),
    ],
)
def test_a_decision_that_fits_nothing_is_refused_though_the_buyer_signed_it(scene, change, told, capsys):
    if not (scene.place / "fit.json").exists():
        assert scene.decide("fit.json", "pack.json") == 0
    key = scene.place / "buyer"
    forged(scene.place / "fit.json", scene.place / "unfit.json", lambda s: s["predicate"].update(change), key)
    capsys.readouterr()
    assert scene.compare(["north", "south"], *under(scene, "unfit.json")) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--requirement", "S-UNKNWN"), "did you mean 'S-UNKNOWN'?"),
        (("--who", " "), "who: "),
        (("--reason", ""), "reason: "),
        (("--bidder", " "), "names the bidder"),
    ],
    ids=["requirement", "who", "reason", "bidder"],
)
def test_a_decision_that_lacks_something_is_not_signed(scene, more, told, capsys):
    assert scene.decide("lacking.json", "pack.json", *more) == 2
    assert told in capsys.readouterr().err
    assert not (scene.place / "lacking.json").exists()


def test_a_decision_holds_for_the_bid_of_that_supplier_only(scene, tmp_path):
    """A product of the same name, of another supplier, does not profit."""
    assert scene.decide("one.json", "pack.json") == 0
    text = scene.target.read_text()
    try:
        scene.target.write_text(text.replace("North Ltd", "Copycat Ltd"))
        assert scene.run("copycat", "pack.json") == 0
    finally:
        scene.target.write_text(text)
    out = tmp_path / "bids.json"
    assert scene.compare(["north", "copycat"], *under(scene, "one.json"), "--out", out) == 0
    row = next(row for row in json.loads(out.read_text())["rows"] if row["id"] == "S-UNKNOWN")
    assert [bool(cell.get("equivalence")) for cell in row["cells"]] == [True, False]


def test_a_bid_whose_files_were_changed_is_not_compared_under_a_pack_either(scene, tmp_path, capsys):
    changed = copied(scene.place / "south", tmp_path)
    (changed / "tender.json").write_bytes((scene.place / "other.json").read_bytes())
    assert command("compare", scene.place / "north", changed, "--trust", scene.trust, *under(scene)) == 1
    assert "changed since they were signed: tender.json" in capsys.readouterr().err


def test_what_is_signed_names_the_pack_by_its_digest(scene, capsys):
    assert scene.decide("named.json", "pack.json") == 0
    capsys.readouterr()
    command("tender", "show", scene.place / "pack.json", "--trust", scene.trust, "--json")
    (subject,) = payload(scene.place / "named.json")["subject"]
    assert subject["digest"]["sha256"] == json.loads(capsys.readouterr().out)["sha256"]


def test_a_decision_is_shown_with_who_signed_it(scene, capsys):
    for key, code, word in (("buyer", 0, "VERIFIED: signed by buyer"), ("lab", 1, "NOT VERIFIED")):
        assert scene.decide(f"shown-{key}.json", "pack.json", key=key) == 0
        capsys.readouterr()
        assert command("tender", "show", scene.place / f"shown-{key}.json", "--trust", scene.trust) == code
        shown = capsys.readouterr().out
        for told in (word, "S-UNKNOWN", "North Records, of North Ltd", "a certificate", "by Jo Bloggs"):
            assert told in shown


@pytest.mark.parametrize("name", ["tender", "decision"])
def test_what_is_signed_is_as_its_published_schema_says(scene, name):
    if name == "decision":
        assert scene.decide("schema.json", "pack.json") == 0
    stated = payload(scene.place / ("pack.json" if name == "tender" else "schema.json"))["predicate"]
    schema = json.loads((ROOT / "reports" / f"{name}-v1.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    checker = Draft202012Validator(schema)
    assert [error.message for error in checker.iter_errors(stated)] == []
    assert not checker.is_valid(stated | {"formatVersion": "2"})
    for member in stated:
        assert not checker.is_valid({key: value for key, value in stated.items() if key != member})
