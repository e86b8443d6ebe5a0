"""The FHIR packages of a run: found, pinned by digest in the bound suite, and found again to judge anew.

Structures and value sets decide verdicts, so the suite says by which packages it was judged. Who judges anew needs
the very same ones. A package that is not at hand leaves the verdicts that rest on it as they were recorded.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.catalog import Catalog
from conformance.errors import UsageError
from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.definitions.shipped import NAME, Shipped
from conformance.fhir.packages.package import Package
from conformance.model.packages import PackagePin
from conformance.model.suite import BoundSuite
from conformance.outside.packages import in_cache, load_definitions, read_package


@dataclass(frozen=True)
class Packages:
    """What the packages of a run define (None where there are none), their pins, and which of these are not here."""

    pins: tuple[PackagePin, ...] = ()
    definitions: Definitions | None = None
    missing: tuple[PackagePin, ...] = ()

    @property
    def lacking(self) -> tuple[str, ...]:
        """What the tester did not have, one sentence each."""
        return tuple(pin.lacking for pin in self.pins if pin.lacking)


NONE = Packages()
R4 = "4.0.1"


def packages_for(wanted: Sequence[str], given: Sequence[str], fhir_version: str = "") -> Packages:
    """The packages that a profile names (`name@version`) and those that the tester gives, with their dependencies.

    One that the profile names may be absent: what rests on it is then untested. Raises UsageError for one that the
    tester gives and that cannot be read, or where `fhir_version` is another than R4 and its own definitions are not
    at hand.
    """
    found, pins = list(dict.fromkeys(given)), []
    at_hand = {_label(load_definitions([source])) for source in found}
    for name in dict.fromkeys(wanted):
        if name in at_hand:
            continue
        if in_cache(name):
            found.insert(0, name)
        else:
            stem, _, version = name.partition("@")
            said = f"the package {name} is not in the package cache (~/.fhir/packages)"
            pins.append(PackagePin(name=stem, version=version, lacking=said))
    if not found:
        return Packages(tuple(pins))
    definitions = load_definitions(found, fhir_version=fhir_version or R4)
    pins = [
        *(PackagePin(name=n, version=v, sha256=d) for n, v, d in definitions.packages if n != NAME),
        *pins,
    ]
    return Packages(tuple(pins), definitions)


def packages_again(pins: Sequence[PackagePin], given: Sequence[str] = (), fhir_version: str = "") -> Packages:
    """The packages that a suite pins, by digest: from the sources given, then from the package cache."""
    needed = [pin for pin in pins if pin.sha256]
    if not needed:
        return Packages(tuple(pins))
    by_digest = {package.digest: package for package in _readable(given, needed)}
    missing = tuple(pin for pin in needed if pin.sha256 not in by_digest)
    if missing:
        return Packages(tuple(pins), None, missing)
    layers = [by_digest[pin.sha256] for pin in needed]
    if _is_r4(fhir_version):
        return Packages(tuple(pins), Definitions((*layers, Shipped())))
    return Packages(tuple(pins), Definitions(layers, fhir_version))


def _is_r4(fhir_version: str) -> bool:
    """Whether the definitions that come with the harness are the base; a profile that names no version is for R4."""
    return (fhir_version or R4).startswith("4.0")


def resting_on_packages(suite: BoundSuite, packages: Packages, catalog: Catalog) -> set[str]:
    """The cases whose checks judge by packages that are pinned and not here."""
    if not packages.missing:
        return set()
    return {
        case.id
        for case in suite.cases
        if any(
            ("check", call.name) in catalog.parts and catalog.find("check", call.name).definitions
            for call in case.expect
        )
    }


def _readable(given: Sequence[str], pins: Iterable[PackagePin]) -> Iterable[Package]:
    for source in given:
        path = Path(source).expanduser()
        if not path.exists() and not in_cache(source):
            raise UsageError(f"the package {source} is neither a file or folder nor in the package cache")
        yield read_package(path) if path.exists() else _cached(source)
    for pin in pins:
        if in_cache(pin.label):
            try:
                yield _cached(pin.label)
            except DefinitionProblem:
                continue  # then it is missing, and that is told


def _cached(label: str) -> Package:
    layer = load_definitions([label]).layers[0]
    if not isinstance(layer, Package):
        raise UsageError(f"{label} is FHIR itself, which comes with the harness")
    return layer


def _label(definitions: Definitions) -> str:
    name, version, _ = definitions.packages[0]
    return f"{name}@{version}"
