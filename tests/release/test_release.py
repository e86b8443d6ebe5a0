"""What a release is made of: locks with hashes, archives that come out the same twice, workflows that may little."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
ENTRY = re.compile(
    r"^(?P<name>[\w.\[\]-]+)==(?P<version>\S+)(?P<rest>(?:.*\\\n)(?:\s+--hash=\S+(?: \\)?\n)+)", re.MULTILINE
)
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
ASKED = {
    "run": PYPROJECT["project"]["dependencies"],
    "check": [
        *PYPROJECT["project"]["dependencies"],
        *(
            line
            for name in ("test", "cluster", "openapi", "pdf", "timestamp", "dev", "docs", "browser")
            for line in EXTRAS[name]
        ),
    ],
    "release": [*PYPROJECT["dependency-groups"]["release"], *PYPROJECT["build-system"]["requires"]],
}
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SHIPPED = ("conformance", "profiles", "suites", "reports", "tests", "docs", "benchmarks", "requirements")


def stem(path):
    return path.stem


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(path):
    """Each locked name with its versions (several where systems or Pythons need different ones)."""
    found = {}
    for entry in ENTRY.finditer(path.read_text("utf-8")):
        found.setdefault(plain(entry["name"].partition("[")[0]), set()).add(
            Version(entry["version"].rstrip("\\").strip())
        )
    return found


def test_there_is_a_lock_for_each_use():
    assert [path.stem for path in LOCKS] == sorted(ASKED)


@pytest.mark.parametrize("path", LOCKS, ids=stem)
def test_every_line_of_a_lock_is_an_exact_version_with_hashes_or_a_remark(path):
    text = path.read_text("utf-8")
    rest = [line for line in ENTRY.sub("", text).splitlines() if not line.startswith("#")]
    assert rest == []
    assert len(locked(path)) > 20
    assert set(re.findall(r"--hash=(\w+):", text)) == {"sha256"}
    assert "://" not in text  # where files come from is the matter of whoever installs


@pytest.mark.parametrize("path", LOCKS, ids=stem)
def test_a_lock_has_all_that_the_project_asks_for_in_a_version_that_will_do(path):
    versions = locked(path)
    asked = [Requirement(line) for line in ASKED[path.stem]]
    wrong = [
        str(one)
        for one in asked
        if plain(one.name) != PYPROJECT["project"]["name"]
        and not any(one.specifier.contains(version) for version in versions.get(plain(one.name), ()))
    ]
    assert wrong == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=stem)
def test_a_workflow_may_read_the_sources_and_nothing_else(path):
    workflow = yaml.safe_load(path.read_text("utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    assert not [name for name, job in workflow["jobs"].items() if "permissions" in job]
    assert "secrets." not in path.read_text("utf-8")
    assert "pull_request_target" not in path.read_text("utf-8")


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """Wheel and sources, built twice: elsewhere, at another time, by somebody with other rights and another clock."""
    built = []
    for name, umask, zone, age in (("one", 0o022, "UTC", 0), ("another-place", 0o077, "Asia/Tokyo", 10**8)):
        place = tmp_path_factory.mktemp(name)
        for part in (*SHIPPED, *(path.name for path in ROOT.iterdir() if path.is_file())):
            _copy(ROOT / part, place / part, age)
        environment = {**os.environ, "CONFORMANCE_PURE": "1", "SOURCE_DATE_EPOCH": "1780000000", "TZ": zone}
        command = [sys.executable, "-m", "hatchling", "build", "-d", "dist"]
        done = subprocess.run(
            command,
            cwd=place,
            env=environment,
            umask=umask,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        built.append({path.name: path.read_bytes() for path in sorted((place / "dist").iterdir())})
    return built


def _copy(source, target, age):
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.so", "*.pyd"))
    else:
        shutil.copy(source, target)
    for path in (target, *target.rglob("*")):
        os.utime(path, (1_700_000_000 - age,) * 2)


@pytest.mark.nightly
def test_a_release_that_is_built_twice_is_the_same_byte_for_byte(archives):
    one, other = archives
    assert [name.rpartition("-")[2] for name in one] == ["any.whl", f"{_version()}.tar.gz"]
    assert one == other


@pytest.mark.nightly
def test_the_wheel_of_a_release_holds_the_profiles_and_nothing_that_was_compiled(archives, tmp_path):
    (name,) = [name for name in archives[0] if name.endswith(".whl")]
    (tmp_path / name).write_bytes(archives[0][name])
    with zipfile.ZipFile(tmp_path / name) as wheel:
        names = wheel.namelist()
    assert not [name for name in names if name.endswith((".so", ".pyd", ".pyc"))]
    assert {
        f"conformance/_shipped/profiles/{path.name}" for path in (ROOT / "profiles").glob("*.yaml")
    } <= set(names)


def _version():
    return re.search(r'__version__ = "(.+)"', (ROOT / "conformance" / "__init__.py").read_text("utf-8"))[1]
