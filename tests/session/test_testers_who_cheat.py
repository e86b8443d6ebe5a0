"""What a tester might do to a run whose data may not be stored, so that it looks better than it was."""

import pytest
from small_profiles import READING
from whole_runs import changed_suite, command, copied, finished_run, judged_anew

from conformance.errors import Unreadable


@pytest.fixture(scope="module")
def private(reference_supplier, tmp_path_factory):
    return finished_run(tmp_path_factory.mktemp("live"), reference_supplier.url, READING, dataClass="live")


@pytest.fixture(scope="module")
def plain(reference_supplier, tmp_path_factory):
    return finished_run(tmp_path_factory.mktemp("plain"), reference_supplier.url, READING)


def excused(suite):
    """Every read is said not to apply."""
    for case in suite["cases"]:
        if case["requirement"] == "S-READ":
            del case["steps"], case["expect"]
            case["inapplicable"] = "the target does not declare the interaction read for Patient"


def test_a_case_that_is_said_not_to_apply_rests_on_the_testers_word(private, tmp_path):
    copy = copied(private, tmp_path)
    changed_suite(copy, excused)
    again = judged_anew(copy)
    assert again.judged == 0
    assert {case for case in again.on_word if case.startswith("S-READ/")} == {
        "S-READ/1",
        "S-READ/2",
        "S-READ/3",
    }


def test_calling_data_live_and_keeping_it_all_the_same_excuses_nobody(plain, tmp_path):
    copy = copied(plain, tmp_path)

    def live(suite):
        suite["target"]["dataClass"] = "live"
        excused(suite)

    changed_suite(copy, live)
    assert list(copy.rglob("*.gz"))
    with pytest.raises(Unreadable, match="was not bound as its profile and the discovery say: see S-READ/1"):
        judged_anew(copy)


def test_calling_data_live_and_asking_less_of_each_case_excuses_nobody(plain, tmp_path):
    copy = copied(plain, tmp_path)

    def live(suite):
        suite["target"]["dataClass"] = "live"
        for case in suite["cases"]:
            case["expect"] = case["expect"][:1]

    changed_suite(copy, live)
    with pytest.raises(Unreadable, match="was not bound as its profile and the discovery say"):
        judged_anew(copy)


def test_a_parameter_that_was_changed_in_silence_is_refused(private, tmp_path):
    copy = copied(private, tmp_path)
    changed_suite(copy, lambda suite: suite["parameters"].update(page=1))
    with pytest.raises(
        Unreadable, match="its parameters are neither the profile's nor said to be the buyer's own"
    ):
        judged_anew(copy)


@pytest.fixture
def verified(tmp_path, capsys):
    """Signs a run, trusts the key, and gives the exit code of `verify` and what it says."""

    def verify(folder):
        key, trust = tmp_path / "key", tmp_path / "trust.toml"
        command("keygen", key, "--unencrypted")
        command("sign", folder, "--key", key, "--allow-unencrypted-key")
        command("trust", "add", f"{key}.pub.pem", "--name", "Me", "--role", "self", "--trust", trust)
        capsys.readouterr()
        return command("verify", folder, "--trust", trust), capsys.readouterr().out

    return verify


@pytest.mark.parametrize(
    ("version", "code", "said"),
    [
        ("0.1.0", 3, "it is not the fhir-r4-base@0.1.0 that comes"),
        ("9.9.9", 0, "what 9.9.9 asks was not compared"),
    ],
)
def test_an_easier_profile_under_a_shipped_name_is_told(
    reference_supplier, tmp_path, verified, version, code, said
):
    easier = READING.replace("profile: small", "profile: fhir-r4-base").replace(
        "version: 0.1.0", f"version: {version}"
    )
    exit_code, told = verified(finished_run(tmp_path, reference_supplier.url, easier))
    assert said in told
    assert exit_code == code


def test_a_profile_of_ones_own_name_is_no_fraud(plain, tmp_path, verified):
    exit_code, told = verified(copied(plain, tmp_path))
    assert "no profile small comes with this harness" in told
    assert exit_code == 0


def test_a_run_that_was_judged_as_of_another_day_is_told(reference_supplier, tmp_path, verified):
    run = finished_run(tmp_path, reference_supplier.url, READING, "--as-of", "2020-02-29")
    assert "but dates were judged as of 2020-02-29" in verified(run)[1]


def test_a_run_that_was_judged_as_of_its_own_day_is_not(plain, tmp_path, verified):
    assert "judged as of" not in verified(copied(plain, tmp_path))[1]
