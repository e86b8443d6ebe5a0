"""The walk through a tender works as the pages show it, command by command."""

import shutil

import pytest
from test_docs import ROOT, blocks, command_lines
from whole_runs import command

from conformance.outside import keys

FAST = {"nhs-anti-lock-in": "supplier-declaration", "2027-03-15": "2099-03-15"}
"""What stands in for the page's own, so that the walk takes seconds: a profile that asks for documents only."""
FAILS = {"verify": 3, "run": 1, "replay": 1}
"""How these commands end, since the plan's notice is longer than what this buyer asks for."""


@pytest.fixture(scope="module")
def place(tmp_path_factory, reference_supplier):
    """The buyer's folder, with the laboratory's key, a target file, and the bid of a second supplier."""
    made = tmp_path_factory.mktemp("walk")
    for name in ("target.yaml", "docs", "ca.pem", "client-key.pem"):
        found = reference_supplier.target_file.parent / name
        if found.is_dir():
            shutil.copytree(found, made / name)
        elif found.exists():
            shutil.copy(found, made)
    (made / "weights.yaml").write_text('points: {"EXIT-*": "2"}\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONFORMANCE_KEY_PASSWORD", "correct horse")
        patch.setattr(keys, "BCRYPT_ROUNDS", 1)
        patch.setenv("CONFORMANCE_TRUST", str(made / "trust.toml"))
        patch.chdir(made)
        for name in ("lab", "supplier"):
            assert command("keygen", name) == 0
        assert (
            command("trust", "add", "lab.pub.pem", "--name", "Example Lab", "--role", "independent-lab") == 0
        )
        yield made


def commands(page: str):
    for text in blocks(ROOT / "docs" / page, "sh"):
        for call in command_lines(text):
            yield [FAST.get(word, word) for word in call]


def second_bid(place, call):
    """The same run once more, as another supplier's."""
    text = (place / "target.yaml").read_text()
    other = "\n".join(
        f"{line.partition(':')[0]}: Other" if line.startswith(("supplier:", "product:")) else line
        for line in text.splitlines()
    )
    (place / "other.yaml").write_text(other)
    swap = {"target.yaml": "other.yaml", "north": "south"}
    assert command(*(swap.get(word, word) for word in call)) == 1


def test_the_walk_through_a_tender_and_an_appeal_works(place, capsys):
    done = []
    for call in (*commands("tenders.md"), *commands("appeals.md")):
        quick = [*call, "--views", "none"] if call[0] == "run" else call
        expected = FAILS.get(call[0], 0)
        assert command(*quick) == (0 if "partial" in call else expected), (call, capsys.readouterr().err)
        if call[0] == "run":
            second_bid(place, quick)
        done.append(call[0])
    assert done.count("compare") == 2
    assert {"tender", "run", "verify", "share", "dispute", "reports", "replay"} <= set(done)
    for name in ("bids.html", "bids.xlsx", "bids.pdf", "decided.pdf", "EXIT-TRM-01.html"):
        assert (place / name).stat().st_size > 1000
    page = (place / "bids.html").read_text()
    assert "Held against the tender pack of North Trust" in page
