"""A profile from a repository is run by its name, and what it comes to counts, until it is withdrawn."""

import json

from fleet_servers import serving
from small_profiles import write_target

from conformance.cli.main import run
from conformance.model.trust import TrustRole
from conformance.outside import trust


def trusted(bodies, name, role):
    bodies.key(name)
    pem = (bodies.place / f"{name}.pub.pem").read_text()
    trust.append(bodies.place / "trust.toml", trust.trusted_key(pem, name.title(), (role,)))


def register(bodies, code=0):
    arguments = [
        bodies.place / "runs",
        "--out",
        bodies.place / "site",
        "--trust",
        bodies.place / "trust.toml",
    ]
    assert run(["register", "build", *map(str, arguments), "--quiet"]) == code
    return json.loads((bodies.place / "site" / "index.json").read_bytes())


def test_a_pass_of_a_profile_from_a_repository_counts_until_the_body_withdraws_it(bodies):
    trusted(bodies, "north", TrustRole.BODY)
    trusted(bodies, "lab", TrustRole.LAB)
    bodies.add(bodies.begin())
    with serving("honest") as (server,):
        target = write_target(bodies.place / "target.yaml", server.base)
        out = bodies.place / "runs" / "first"
        options = ["--target", target, "--out", out, "--key", bodies.key("lab"), "--role", "independent-lab"]
        assert run(["run", "care", *map(str, options), "--views", "none", "--quiet"]) == 0
    (product,) = register(bodies)["products"]
    assert product["versions"][0]["profiles"][0]["passed"]
    bodies.write("withdraw", "care@1.0.0", "--who", "Jo Bloggs", "--reason", "it asks for the wrong thing")
    bodies.update()
    index = register(bodies, code=5)
    assert index["products"] == []
    assert "North withdrew care@1.0.0" in index["refused"][0]["why"]
    assert "it asks for the wrong thing" in index["refused"][0]["why"]
