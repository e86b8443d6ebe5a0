"""Ways to spoil a record that leave it a likely one: what a careless migration does to it."""

import base64
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from benchmarks.assurance.exact import Number
from benchmarks.assurance.lies.tools import R4, chosen, objects, walked, without

Json = dict[str, Any]
Spoil = Callable[[Json], Json]
_DATE_TIME = re.compile(r"^(\d{4}-\d\d-\d\dT)(\d\d)(:.*)$")
_WORDS = (
    "text",
    "display",
    "family",
    "given",
    "line",
    "city",
    "comment",
    "description",
    "title",
    "value",
    "name",
)


def rounds_decimals(resource: Json) -> Json:
    """Decimals lose what stands behind their first digit after the point."""

    def change(_: str, value: Any) -> Any:
        if not isinstance(value, Number) or "." not in value:
            return value
        return Number.of(str(Decimal(value.digits).quantize(Decimal("0.1"), ROUND_HALF_UP)))

    return walked(resource, change)


def drops_trailing_zeros(resource: Json) -> Json:
    """Decimals lose the zeros at their end, and with them their precision (6.10 becomes 6.1)."""

    def change(_: str, value: Any) -> Any:
        if not isinstance(value, Number) or "." not in value or "e" in value.lower():
            return value
        short = value.digits.rstrip("0")
        return Number.of(short + "0" if short.endswith(".") else short)

    return walked(resource, change)


def shifts_times(resource: Json) -> Json:
    """Times of day move by one hour while their offset stays, as after a wrong conversion to local time."""

    def change(name: str, value: Any) -> Any:
        found = _DATE_TIME.match(value) if isinstance(value, str) and name != "lastUpdated" else None
        return f"{found[1]}{(int(found[2]) + 1) % 24:02}{found[3]}" if found else value

    return walked(resource, change)


def fills_partial_dates(resource: Json) -> Json:
    """A date of which only the year or month is known becomes the first day of it."""

    def change(name: str, value: Any) -> Any:
        if not isinstance(value, str) or not ("date" in name.lower() or "Date" in name):
            return value
        if re.fullmatch(r"\d{4}", value):
            return value + "-01-01"
        return value + "-01" if re.fullmatch(r"\d{4}-\d\d", value) else value

    return walked(resource, change)


def moves_birth_dates(resource: Json) -> Json:
    """The day of birth of some patients changes places with the month, where that gives a date."""
    date = resource.get("birthDate", "")
    if len(date) == 10 and int(date[8:]) <= 12:
        return {**resource, "birthDate": f"{date[:5]}{date[8:]}-{date[5:7]}"}
    return resource


def mangles_letters(resource: Json) -> Json:
    """Letters beyond ASCII are read in the wrong encoding (é becomes Ã©)."""

    def change(name: str, value: Any) -> Any:
        plain = not isinstance(value, str) or isinstance(value, Number) or value.isascii()
        return value if plain or name == "div" else value.encode().decode("latin-1").replace("\x85", "")

    return walked(resource, change)


def strips_accents(resource: Json) -> Json:
    """Letters beyond ASCII become question marks."""

    def change(_: str, value: Any) -> Any:
        plain = not isinstance(value, str) or isinstance(value, Number)
        return value if plain else value.encode("ascii", "replace").decode()

    return walked(resource, change)


def cuts_long_texts(resource: Json) -> Json:
    """Free text ends after 20 characters, as in a column that is too narrow."""
    return walked(
        resource, lambda name, value: value[:20] if name == "text" and isinstance(value, str) else value
    )


def shouts_names(resource: Json) -> Json:
    """Names of people come in capitals, as old systems keep them."""
    return walked(
        resource,
        lambda name, value: (
            value.upper() if name in ("family", "given") and isinstance(value, str) else value
        ),
    )


def drops_extensions(resource: Json) -> Json:
    """Extensions are lost."""
    return without(resource, "extension")


def drops_second_values(resource: Json) -> Json:
    """Of repeated identifiers, names, telecoms and addresses only the first is kept."""
    short = {
        n: v[:1]
        for n, v in resource.items()
        if n in ("identifier", "name", "telecom", "address") and isinstance(v, list)
    }
    return {**resource, **short}


def reverses_repeats(resource: Json) -> Json:
    """Given names, and whatever else repeats at the top, come in the opposite order."""
    turned = {name: value[::-1] for name, value in resource.items() if isinstance(value, list)}
    new = {**resource, **turned}
    if isinstance(new.get("name"), list):
        new["name"] = [{**n, "given": n["given"][::-1]} if "given" in n else n for n in new["name"]]
    return new


def drops_narrative(resource: Json) -> Json:
    """The narrative is lost."""
    return {name: value for name, value in resource.items() if name != "text"}


def drops_security_labels(resource: Json) -> Json:
    """Security labels and tags in meta are lost."""
    meta = {
        name: value for name, value in resource.get("meta", {}).items() if name not in ("security", "tag")
    }
    kept = {name: value for name, value in resource.items() if name != "meta"}
    return {**kept, "meta": meta} if meta else kept


def changes_codes(resource: Json) -> Json:
    """Some codes turn into others that are as valid: male into female, final into amended, active into inactive."""
    turned = {
        "male": "female",
        "female": "male",
        "final": "amended",
        "amended": "final",
        "finished": "cancelled",
    }
    return walked(
        resource,
        lambda name, value: (
            turned.get(value, value) if name in ("gender", "status") and isinstance(value, str) else value
        ),
    )


def renames_code_systems(resource: Json) -> Json:
    """Code systems are named by a name of the supplier's own instead of their canonical URL."""

    def change(name: str, value: Any) -> Any:
        known = name == "system" and value in ("http://snomed.info/sct", "http://loinc.org")
        return "http://terms.supplier.example/" + value.split("/")[2] if known else value

    return walked(resource, change)


def turns_codes_to_text(resource: Json) -> Json:
    """Concepts keep their text and lose their codes."""
    if resource.get("resourceType") not in (
        "Observation",
        "Condition",
        "AllergyIntolerance",
        "MedicationRequest",
    ):
        return resource
    new = walked(resource, lambda _, value: value)
    for node in objects(new):
        if "coding" in node and "text" in node:
            del node["coding"]
    return new


def changes_units(resource: Json) -> Json:
    """Quantities keep their number and get another unit (mmol/L becomes mg/dL, kg becomes [lb_av])."""
    units = {"mmol/L": "mg/dL", "kg": "[lb_av]", "mm[Hg]": "kPa", "cm": "[in_i]", "Cel": "[degF]"}

    def change(name: str, value: Any) -> Any:
        return units.get(value, value) if name in ("code", "unit") and isinstance(value, str) else value

    return walked(resource, change)


def repoints_references(resource: Json) -> Json:
    """Some resources point to an encounter or practitioner by an id that nobody has."""

    def change(name: str, value: Any) -> Any:
        cut = (
            name == "reference"
            and isinstance(value, str)
            and value.startswith(("Encounter/", "Practitioner/"))
        )
        return value[:-6] + "000000" if cut and chosen(value, 3) else value

    return walked(resource, change)


def alters_attachments(resource: Json) -> Json:
    """One byte in the middle of embedded content changes; its length stays."""

    def change(name: str, value: Any) -> Any:
        if name != "data" or not isinstance(value, str) or len(value) < 8:
            return value
        content = bytearray(base64.b64decode(value))
        content[len(content) // 2] ^= 1
        return base64.b64encode(bytes(content)).decode()

    return walked(resource, change)


def flattens_lines(resource: Json) -> Json:
    """Line breaks and repeated spaces in texts become single spaces."""

    def change(name: str, value: Any) -> Any:
        return (
            " ".join(value.split())
            if isinstance(value, str) and not isinstance(value, Number) and name in _WORDS
            else value
        )

    return walked(resource, change)


def drops_references(resource: Json) -> Json:
    """Links from clinical records to the encounter in which they were made are lost."""
    return without(resource, "encounter")


def hides_deceased(resource: Json) -> Json:
    """That and when a patient died is lost."""
    return {name: value for name, value in resource.items() if not name.startswith("deceased")}


WAYS: tuple[Spoil, ...] = (
    rounds_decimals,
    drops_trailing_zeros,
    shifts_times,
    fills_partial_dates,
    moves_birth_dates,
    mangles_letters,
    strips_accents,
    cuts_long_texts,
    shouts_names,
    drops_extensions,
    drops_second_values,
    reverses_repeats,
    drops_narrative,
    drops_security_labels,
    changes_codes,
    renames_code_systems,
    turns_codes_to_text,
    changes_units,
    repoints_references,
    alters_attachments,
    flattens_lines,
    drops_references,
    hides_deceased,
)
CLAUSES: dict[Spoil, str] = {
    rounds_decimals: f"{R4}/datatypes.html#decimal",
    drops_trailing_zeros: f"{R4}/datatypes.html#decimal",
    mangles_letters: f"{R4}/http.html#mime-type",
    strips_accents: f"{R4}/http.html#mime-type",
    alters_attachments: f"{R4}/datatypes.html#attachment",
}
"""Ways that break a SHALL of their own, wherever they are done."""
