"""A catalogue of a test's own parts, beside the built-in ones or alone."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from conformance.catalog import Catalog, built_in
from conformance.plugin import MARK, Part


def catalog_of(*functions: Callable[..., Any], alone: bool = False) -> Catalog:
    """The catalogue with the parts that these functions were marked as."""
    own: list[Part] = [getattr(function, MARK) for function in functions]
    parts = {} if alone else dict(built_in().parts)
    return Catalog(
        MappingProxyType(parts | {(part.kind, part.name): part for part in own}), MappingProxyType({})
    )
