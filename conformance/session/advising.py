"""Advice to a buyer: which profiles to put into a tender, and one profile that is made of them."""

import datetime as dt
import json
import textwrap
from collections.abc import Iterable

from conformance.model.composition import ChangeKind
from conformance.model.gallery import Advice, Answers, Lot, Recommended
from conformance.model.policy import advice as only_advises
from conformance.model.profile import Discovery, Method, Profile
from conformance.model.versions import Version

VALUE, THRESHOLD = "contract_value", "contract_threshold"
OPENAPI, DOCUMENTS = "OpenAPI", "documents"
RELEASES = {"4": "FHIR R4", "3": "FHIR STU3"}

MADE = "Made from a buyer's answers by `conformance advise`. It asks, with one result: "

TEMPLATE = """\
profile: {name}
version: 0.1.0
title: {title}
publisher: {publisher}
description: >-
  {description}
{fhir}
extends:
{extends}{parameters}{discovery}"""


def called_for(answers: Answers) -> dict[str, tuple[str, ...]]:
    """The names of the profiles that the answers call for, each with the answers that do."""
    found: dict[str, list[str]] = {}
    for one in (*answers.buys, *answers.connects):
        for name in one.profiles:
            found.setdefault(name, []).append(one.title)
    for bought in answers.buys:
        found.setdefault(bought.leaving, []).append(f"{bought.title}, so that it can be left again")
    return {name: tuple(dict.fromkeys(why)) for name, why in found.items()}


def advice(answers: Answers, profiles: Iterable[Profile]) -> Advice:
    """The profiles that were called for, a lot for each interface.

    One that another takes over as a whole is left out: who passes that one has passed it. What rests on documents
    alone needs no interface, and goes with the last. A profile by which requirements of another would only advise
    gets a lot of its own, since in one profile they would only advise as well.
    """
    reasons = called_for(answers)
    found = [Recommended(profile=profile, because=reasons[profile.profile]) for profile in profiles]
    kept = [
        one for one in found if not any(_includes(other.profile, one.profile, answers) for other in found)
    ]
    interfaces = [*filter(None, (_interface(one.profile) for one in kept))] or [DOCUMENTS]
    last = list(dict.fromkeys(interfaces))[-1]
    asked = [(_interface(one.profile) or last, one) for one in kept]
    lots: dict[str, list[Recommended]] = {}
    for where, one in asked:
        beside = [other.profile for there, other in asked if there == where]
        apart = any(_softens(one.profile, other, answers) for other in beside)
        lots.setdefault(f"{where}, leaving" if apart else where, []).append(one)
    return Advice(
        answers=answers,
        lots=tuple(
            Lot(interface=where, recommended=tuple(several), parameters=_parameters(answers, several))
            for where, several in lots.items()
        ),
    )


def composed(lot: Lot, name: str) -> str:
    """The text of a profile of that name that asks what all profiles of the lot ask."""
    profiles = [one.profile for one in lot.recommended]
    titles = ", ".join(profile.title for profile in profiles)
    asking = [profile for profile in profiles if _interface(profile)] or profiles
    openapi = any(profile.discovery is Discovery.OPENAPI for profile in asking)
    return TEMPLATE.format(
        name=name,
        title=_quoted(f"What our tender asks of the product ({lot.interface})"),
        publisher=_quoted("the buyer"),
        description="\n  ".join(textwrap.wrap(MADE + titles + ".", 110, break_long_words=False)),
        fhir="" if openapi else f"fhirVersion: {asking[0].fhir_version}\n",
        discovery="discovery: openapi\n" if openapi else "",
        extends="".join(
            f'  - {{profile: {profile.profile}, version: "{_range(profile.version)}"}}\n'
            for profile in profiles
        ),
        parameters=_set(lot.parameters, profiles),
    )


def _includes(whole: Profile, part: Profile, answers: Answers) -> bool:
    """Whether one profile asks all that another asks, as it asks it."""
    changed = {change.of for change in whole.changes if change.kind is not ChangeKind.RAISED}
    taken = any(base.profile == part.profile and base.version == part.version for base in whole.bases)
    return taken and part.label not in changed and not _softens(whole, part, answers)


def _softens(one: Profile, other: Profile, answers: Answers) -> bool:
    """Whether advisories of one would let binding requirements of the other only advise, on any day."""
    values = {name: parameter.default for name, parameter in one.parameters.items()}
    values |= {name: value for name, value in _given(answers).items() if name in values}
    binding = (requirement.id for requirement in other.requirements if requirement.level.binding)
    return other is not one and any(
        only_advises(one.advisories, id_, values, dt.date.min)
        and not only_advises(other.advisories, id_, values, dt.date.min)
        for id_ in binding
    )


def _interface(profile: Profile) -> str:
    """What a product is asked through; empty where nothing is asked but documents."""
    if not any(requirement.method is Method.AUTOMATED for requirement in profile.requirements):
        return ""
    if profile.discovery is Discovery.OPENAPI:
        return OPENAPI
    major, _, _ = profile.fhir_version.partition(".")
    return RELEASES.get(major, f"FHIR {profile.fhir_version}")


def _parameters(answers: Answers, several: Iterable[Recommended]) -> dict[str, str]:
    """What the answers set, as far as these profiles have a parameter for it."""
    had = {name for one in several for name in one.profile.parameters}
    return {name: value for name, value in _given(answers).items() if name in had}


def _given(answers: Answers) -> dict[str, str]:
    given = {VALUE: answers.value, THRESHOLD: answers.threshold}
    return {name: value for name, value in given.items() if value}


def _set(values: dict[str, str], profiles: Iterable[Profile]) -> str:
    if not values:
        return ""
    known = {name: parameter for profile in profiles for name, parameter in profile.parameters.items()}
    lines = [
        f"  {name}:\n    default: {_quoted(value)}\n    unit: {_quoted(known[name].unit)}\n"
        f"    basis: {_quoted('Stated by the buyer.')}\n"
        + ("    buyerOnly: true\n" if known[name].buyer_only else "")
        for name, value in values.items()
    ]
    return "\nparameters:\n" + "".join(lines)


def _range(version: str) -> str:
    """From this version on, as long as nothing that was relied on is taken away (Semantic Versioning)."""
    found = Version.read(version)
    return f">={version},<{found.numbers[0] + 1}"


def _quoted(text: str) -> str:
    """A text as a value of YAML: JSON's strings are YAML's."""
    return json.dumps(text, ensure_ascii=False)
