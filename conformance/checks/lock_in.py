"""The numbers of *How locked in are you?*, each with its definition and its parts; docs/lock-in.md explains them.

A number is never summed up with another into a score: each stands on its own, with what it was taken from.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from conformance.analysis.openness import Openness, Parts
from conformance.fhir.published import extension_standing
from conformance.plugin import MeasuredPart, Measurement

DATA = "How much of the data only the supplier can read"
MOST_PARTS = 12
LONGEST_LABEL = 160
PERCENT = "%"


def shares_measured(found: Openness) -> tuple[Measurement, ...]:
    """How much of the exported data stands in proprietary extensions, local codes and opaque bytes."""
    whole = found.total()
    return (
        _share(
            "elements-in-extensions",
            "Elements in proprietary extensions",
            "Primitive values of all exported resources that stand in an extension whose URL no standard defines, of "
            "all primitive values.",
            found,
            lambda parts: (parts.in_extensions, parts.elements),
        ),
        _share(
            "bytes-in-extensions",
            "Bytes in proprietary extensions",
            "Bytes of such extensions as JSON, of the bytes of all exported resources.",
            found,
            lambda parts: (parts.extension_bytes, parts.size),
        ),
        _share(
            "elements-in-local-codes",
            "Elements in local codes",
            "Primitive values in codings whose code system no standard publishes, of all primitive values.",
            found,
            lambda parts: (parts.in_local_codes, parts.elements),
        ),
        _share(
            "bytes-in-opaque-content",
            "Bytes of content that cannot be recognised",
            "Bytes of embedded content that is encrypted or begins like no known format, of the bytes of all exported "
            "resources.",
            found,
            lambda parts: (parts.opaque_bytes, parts.size),
        ),
        Measurement(
            id="facts-only-in-extensions",
            title="Elements with a value only in a proprietary extension",
            group=DATA,
            value=str(whole.hidden),
            unit="elements",
            definition="Elements that have a proprietary extension and no value, so that whoever passes over "
            "extensions it does not know finds nothing there.",
            parts=_parts({kind: str(each.hidden) for kind, each in found.types.items() if each.hidden}),
        ),
    )


def unpublished_measured(found: Openness, missing: Sequence[str]) -> Measurement:
    """How many of the own extensions in the export nobody can look up."""
    own = [url for url in found.extensions if extension_standing(url) == "own"]
    return Measurement(
        id="extensions-unpublished",
        title="Extensions that are defined nowhere",
        group=DATA,
        value=str(len(missing)),
        unit=f"of {len(own)} own extension URLs",
        definition="Extension URLs in the export that neither a standard, an installed package, the export itself nor "
        "what the supplier publishes says the meaning of.",
        parts=_parts({url: str(found.extensions[url]) for url in missing}, note="times in the export"),
    )


def codes_measured(local: Sequence[str], lost: Mapping[str, Sequence[str]]) -> Measurement:
    """How many of the local code systems in the export have codes that nobody can look up."""
    return Measurement(
        id="code-systems-unpublished",
        title="Local code systems with codes that are defined nowhere",
        group=DATA,
        value=str(len(lost)),
        unit=f"of {len(local)} local code systems",
        definition="Code systems that no standard publishes, and of which the export uses at least one code that is "
        "neither in an exported CodeSystem nor in one that the supplier publishes, with a meaning.",
        parts=_parts(
            {system: str(len(codes)) for system, codes in lost.items()}, note="codes without a meaning"
        ),
    )


def opaque_measured(blobs: Sequence[tuple[str, str, str, str]], seen: int) -> Measurement:
    """How many pieces of content cannot be opened with open tools."""
    closed = [blob for blob in blobs if blob[2] in {"encrypted", "opaque"}]
    words: dict[str, int] = {}
    for _, _, _, word in closed:
        words[word] = words.get(word, 0) + 1
    return Measurement(
        id="content-closed",
        title="Content that open tools cannot open",
        group=DATA,
        value=str(len(closed)),
        unit=f"of {seen} pieces of content looked at",
        definition="Attachments, binaries and texts that carry the mark of an encrypted container, or begin like no "
        "known format and are as dense as what is encrypted.",
        parts=_parts({word: str(count) for word, count in words.items()}),
    )


def proprietary_share(parts: Parts) -> Decimal:
    """The larger of the shares of elements and of bytes that stand in proprietary parts, in percent."""
    elements = _percent(parts.in_extensions + parts.in_opaque, parts.elements)
    return max(elements, _percent(parts.extension_bytes + parts.opaque_bytes, parts.size))


def _share(
    name: str, title: str, definition: str, found: Openness, of: Callable[[Parts], tuple[int, int]]
) -> Measurement:
    part, whole = of(found.total())
    by_type = {kind: of(each) for kind, each in found.types.items()}
    return Measurement(
        id=name,
        title=title,
        group=DATA,
        value=str(_percent(part, whole)),
        unit=PERCENT,
        definition=definition,
        picture="share",
        note=f"{part:,} of {whole:,}",
        parts=_parts({kind: str(_percent(*pair)) for kind, pair in by_type.items() if pair[0]}),
    )


def _percent(part: int, whole: int) -> Decimal:
    return (Decimal(100 * part) / max(whole, 1)).quantize(Decimal("0.1"))


def _parts(values: Mapping[str, str], note: str = "") -> tuple[MeasuredPart, ...]:
    """The largest parts first; equal ones by name."""
    ordered = sorted(values.items(), key=lambda item: (-Decimal(item[1]), item[0]))
    return tuple(
        MeasuredPart(label=label[:LONGEST_LABEL], value=value, note=note)
        for label, value in ordered[:MOST_PARTS]
    )
