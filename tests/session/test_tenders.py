"""A tender pack: what it fixes, who may sign it, and that nothing else counts."""

import datetime as dt
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tender_cases import BARE, Scene, forged, payload
from whole_runs import command, copied, lines_of

from conformance.errors import Unreadable, UsageError
from conformance.model.profile import Profile
from conformance.model.report import RunnerRole
from conformance.outside.trust import load as load_trust
from conformance.session.overrides import checked_overrides
from conformance.session.tenders.reading import read_pack


@pytest.fixture(scope="module")
def scene(tmp_path_factory, reference_supplier):
    """A pack with a limit and points of the buyer's, and a run made under it."""
    made = Scene(tmp_path_factory.mktemp("tender"), reference_supplier.url)
    (made.place / "weights.yaml").write_text('points: {"S-SEARCH": "3"}\n')
    points = ("--weights", made.place / "weights.yaml")
    assert made.pack("pack.json", "--set", "page=3", "--set", "value=10", *points) == 0
    assert made.pack("plain.json") == 0
    assert made.run("bid", "pack.json") == 0
    return made


def tender_step(capsys) -> str:
    shown = capsys.readouterr().out
    return next(line for line in shown.splitlines() if line.split()[1:2] == ["tender"])


def test_a_run_takes_limits_day_nonce_and_procurement_from_the_pack(scene):
    fixed = payload(scene.place / "pack.json")["predicate"]
    report = json.loads((scene.place / "bid" / "report.json").read_bytes())
    assert report["parameters"] == {"page": 3, "value": "10"}
    assert report["asOf"] == "2099-01-15"
    signed = payload(scene.place / "bid" / "report.dsse.json")
    assert signed["predicate"]["binding"] == {"nonce": fixed["nonce"], "procurementRef": "ocds-h6vhtk-04a1b2"}
    assert "tender.json" in {subject["name"] for subject in signed["subject"]}


def test_a_run_under_the_pack_fits_it_and_says_so(scene, capsys):
    assert scene.verify("bid", "pack.json") == 0
    assert "fits the pack of ocds-h6vhtk-04a1b2" in tender_step(capsys)
    assert scene.verify("bid", None) == 0
    assert "give it with --tender" in tender_step(capsys)


def test_a_signature_that_is_added_later_keeps_the_binding(scene, tmp_path):
    again = copied(scene.place / "bid", tmp_path)
    assert command("sign", again, "--key", scene.place / "buyer", BARE) == 0
    assert command("verify", again, "--trust", scene.trust, "--tender", scene.place / "pack.json") == 0


def test_a_run_that_broke_off_keeps_its_pack_when_it_is_gone_on_with(scene, tmp_path, capsys):
    broken = copied(scene.place / "bid", tmp_path)
    for left in ("report.json", "run.json", "report.dsse.json", "bid.conformance.zip"):
        (broken / left).unlink()
    header, *steps = lines_of(broken)[:-2]
    (broken / "evidence.jsonl").write_bytes(b"".join([header, *steps]))
    again = ("run", "--resume", broken, "--target", scene.target, "--key", scene.place / "lab", BARE)
    pack = ("--tender", scene.place / "pack.json", "--trust", scene.trust)
    assert command(*again, *pack) == 2
    assert "leave out --tender" in capsys.readouterr().err
    assert command(*again, "--role", "independent-lab", "--quiet", "--views", "none") == 0
    assert command("verify", broken, *pack) == 0


def test_no_two_packs_have_the_same_nonce(scene):
    nonces = {payload(scene.place / name)["predicate"]["nonce"] for name in ("pack.json", "plain.json")}
    assert len(nonces) == 2


def test_a_report_of_another_pack_is_refused_with_what_differs(scene, capsys):
    assert scene.verify("bid", "plain.json") == 3
    said = tender_step(capsys)
    assert "parameter page: has 3, wants 5" in said
    assert "nonce: has" in said
    assert "tender pack (SHA-256)" in said


@pytest.mark.parametrize(
    "own",
    [
        ("--set", "page=4"), ("--preset", "ours"), ("--only", "S-META"), ("--seed", "7"),
        ("--as-of", "2020-01-01"), ("--shard", "1/2"), ("--changed-since", "asked@0.1.0"), ("--nonce", "n"),
        ("--waivers", "waivers.yaml"),
    ],
    ids=lambda own: own[0],
)  # fmt: skip
def test_nothing_that_the_pack_settles_can_be_asked_otherwise(scene, own, capsys):
    assert scene.run("never", "pack.json", *own) == 2
    assert f"leave out {own[0]}" in capsys.readouterr().err
    assert not (scene.place / "never").exists()


def test_a_tester_whom_the_pack_does_not_accept_is_told_before_anything_is_sent(scene, capsys):
    assert scene.run("never", "pack.json", role="supplier-self-test") == 2
    assert "run by: has supplier-self-test, wants independent-lab" in capsys.readouterr().err
    assert not (scene.place / "never").exists()


def test_another_profile_of_the_same_name_is_refused(scene, capsys):
    text = scene.profile.read_text()
    try:
        scene.profile.write_text(text.replace("level: SHALL", "level: SHOULD", 1))
        assert scene.run("never", "pack.json") == 2
    finally:
        scene.profile.write_text(text)
    assert "is not the one of the tender" in capsys.readouterr().err


def test_another_version_of_the_tool_is_refused(scene, capsys):
    def newer(stated):
        stated["predicate"]["tool"] |= {"version": "9.9.9", "digest": "0" * 64}

    forged(scene.place / "pack.json", scene.place / "newer.json", newer, scene.place / "buyer")
    assert scene.run("never", "newer.json") == 2
    said = capsys.readouterr().err
    assert "wants conformance-harness 9.9.9" in said
    assert "tool (SHA-256)" in said


def test_a_report_whose_product_is_not_named_fits_no_tender(scene, capsys):
    text = scene.target.read_text()
    try:
        scene.target.write_text(text.replace("version: '1'\n", ""))
        assert scene.run("never", "pack.json") == 2
    finally:
        scene.target.write_text(text)
    assert "version in the target file: has none" in capsys.readouterr().err


def test_an_opening_day_that_is_past_is_refused(scene, capsys):
    today = dt.datetime.now(dt.UTC).date().isoformat()
    for day in ("2020-01-01", today):
        assert scene.pack("late.json", opens=day) == 2
        assert "not after today" in capsys.readouterr().err
    assert not (scene.place / "late.json").exists()


def test_a_suppliers_own_test_after_the_opening_does_not_count(scene, capsys):
    def past(stated):
        stated["predicate"] |= {"opens": "2020-01-15", "roles": ["supplier-self-test"]}

    forged(scene.place / "pack.json", scene.place / "past.json", past, scene.place / "buyer")
    assert scene.run("never", "past.json", key="maker", role="supplier-self-test") == 2
    assert "the day on which bids are opened" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("key", "why"),
    [("lab", "trusted as independent-lab, not as buyer"), ("stranger", "no trusted key made the signature")],
)
def test_a_pack_by_the_wrong_hand_is_refused_everywhere(scene, key, why, capsys):
    name = f"by-{key}.json"
    assert scene.pack(name, key=key) == 0
    capsys.readouterr()
    assert command("tender", "show", scene.place / name, "--trust", scene.trust) == 1
    shown = capsys.readouterr().out
    assert "NOT VERIFIED" in shown
    assert why in shown
    pack = ("--tender", scene.place / name)
    for act in (
        lambda: scene.run("never", name),
        lambda: scene.verify("bid", name),
        lambda: scene.compare(["bid", "bid"], *pack),
    ):
        assert act() == 2
        assert why in capsys.readouterr().err


def test_a_pack_that_was_changed_after_it_was_signed_is_refused(scene, capsys):
    def cheaper(stated):
        stated["predicate"]["profiles"][0]["parameters"]["page"] = 5

    forged(scene.place / "pack.json", scene.place / "forged.json", cheaper)
    assert scene.verify("bid", "forged.json") == 2
    assert "is not by that key" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda s: s["predicate"].update(formatVersion="2"), "has format '2'"),
        (lambda s: s.update(predicateType="https://example.org/other"), "states 'https://example.org/other'"),
        (lambda s: s["predicate"].update(roles=["self"]), "says nothing of who tests"),
        (lambda s: s["predicate"].update(extra=1), "malformed"),
        (lambda s: s["subject"].clear(), "no signed statement"),
        (lambda s: s["subject"][0]["digest"].update(sha256="0" * 64), "about other profiles"),
    ],
    ids=["format", "type", "role", "member", "subject", "digest"],
)
def test_a_malformed_pack_is_told_even_if_the_buyer_signed_it(scene, change, told, capsys):
    forged(scene.place / "pack.json", scene.place / "odd.json", change, scene.place / "buyer")
    assert command("tender", "show", scene.place / "odd.json", "--trust", scene.trust) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"{}", b'{"a":1,"a":2}', b"\xff", b"[" * 100_000])
def test_what_is_no_pack_is_told(scene, content, capsys):
    (scene.place / "none.json").write_bytes(content)
    assert command("tender", "show", scene.place / "none.json", "--trust", scene.trust) == 2
    assert "no signed statement" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--accept", "self"), "would accept a report by anybody"),
        (("--set", "pag=3"), "did you mean 'page'?"),
        (("--preset", "our"), "did you mean 'ours'?"),
        (("--accept", "labs"), "no role named 'labs'"),
        (("--phase", "after"), "no phase named 'after'"),
        (("--ocid", "04a1b2"), "ocds-h6vhtk-04a1b2"),
        (("--as-of", "soon"), "is to be a day"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_what_a_buyer_gets_wrong_is_told_and_nothing_is_written(scene, more, told, capsys):
    assert scene.pack("wrong.json", *more) == 2
    assert told in capsys.readouterr().err
    assert not (scene.place / "wrong.json").exists()


def test_weights_that_name_unknown_requirements_are_refused(scene, tmp_path, capsys):
    (tmp_path / "w.yaml").write_text('points: {"S-SERCH": "3"}\n')
    assert scene.pack("wrong.json", "--weights", tmp_path / "w.yaml") == 2
    assert "did you mean 'S-SEARCH'?" in capsys.readouterr().err


def test_a_pack_is_never_written_over(scene, capsys):
    before = (scene.place / "pack.json").read_bytes()
    assert scene.pack("pack.json") == 2
    assert (scene.place / "pack.json").read_bytes() == before
    assert "is overwritten" in capsys.readouterr().err


def test_a_limit_of_the_buyers_is_no_suppliers_to_set_by_a_preset_either(scene):
    profile = Profile.model_validate(
        {
            "profile": "p", "version": "0.1.0", "title": "P",
            "parameters": {"value": {"default": "", "buyerOnly": True}},
            "presets": [{"preset": "ours", "title": "O", "basis": "b", "values": {"value": "10"}}],
        }
    )  # fmt: skip
    with pytest.raises(UsageError, match="the preset ours sets the parameter value"):
        checked_overrides({}, profile, ["ours"], RunnerRole.SUPPLIER)
    assert checked_overrides({}, profile, ["ours"], RunnerRole.BUYER) == {"value": "10"}


def test_a_supplier_who_sets_a_limit_of_the_buyers_all_the_same_is_found_out(scene, capsys):
    """Whoever changes their own harness can run anything; the reader's one says no."""
    assert scene.run("self", None, "--set", "value=10", key="maker", role="self") == 0
    assert scene.verify("self", None) == 3
    assert "sets value" in tender_step(capsys)
    assert scene.compare(["bid", "self"]) == 3
    assert "sets value" in capsys.readouterr().err
    runs = (scene.place / "bid", scene.place / "self")
    assert command("diff", *runs, "--trust", scene.trust) == 0
    assert "sets value" in capsys.readouterr().out
    assert scene.run("lab-own", None, "--set", "value=10") == 0
    assert scene.verify("lab-own", None) == 0


def test_a_suppliers_own_test_counts_with_the_buyers_limit_under_a_pack_that_accepts_it(scene, capsys):
    own = ("--accept", "supplier-self-test", "--set", "value=10")
    assert scene.pack("own.json", *own) == 0
    assert scene.run("own", "own.json", key="maker", role="supplier-self-test") == 0
    assert scene.verify("own", "own.json") == 0
    assert scene.verify("own", None) == 3
    assert scene.run("never", None, "--set", "value=10", key="maker", role="supplier-self-test") == 2
    assert "a supplier that tests itself cannot set it" in capsys.readouterr().err


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_byte_of_a_pack_can_be_changed_unnoticed(scene, data):
    whole = (scene.place / "pack.json").read_bytes()
    index = data.draw(st.integers(0, len(whole) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[index]))
    changed = scene.place / "changed.json"
    changed.write_bytes(whole[:index] + bytes([value]) + whole[index + 1 :])
    try:
        pack = read_pack(changed, load_trust(scene.trust), dt.datetime.now(dt.UTC))
    except Unreadable:
        return
    assert not pack.verified


AS_ASKED = {"--set": "page=3", "--as-of": "2099-01-15"}


@pytest.mark.parametrize(
    ("cheat", "told"),
    [
        ({"--only": "S-META"}, "limited to: has S-META, wants none"),
        ({"--seed": "7"}, "drawn cases (SHA-256)"),
        ({"--as-of": "2020-01-01"}, "judged as of: has 2020-01-01, wants 2099-01-15"),
        ({"--set": "page=4"}, "parameter page: has 4, wants 3"),
    ],
    ids=["only", "seed", "day", "limit"],
)
def test_a_pack_that_is_laid_beside_another_run_makes_no_bid_of_it(scene, cheat, told, capsys):
    name = f"cheat-{next(iter(cheat)).strip('-')}"
    options = [word for pair in (AS_ASKED | cheat).items() for word in pair]
    nonce = payload(scene.place / "pack.json")["predicate"]["nonce"]
    known = ("--nonce", nonce, "--procurement-ref", "ocds-h6vhtk-04a1b2")
    scene.run(name, None, "--set", "value=10", *known, *options)
    folder = scene.place / name
    (folder / "tender.json").write_bytes((scene.place / "pack.json").read_bytes())
    (folder / "report.dsse.json").unlink()
    assert command("sign", folder, "--key", scene.place / "lab", BARE) == 0
    capsys.readouterr()
    assert scene.verify(name, "pack.json") == 3
    said = tender_step(capsys)
    assert told in said
    assert "nonce" not in said
