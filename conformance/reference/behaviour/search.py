"""The seams of what a search value means; as they stand, what the honest supplier does."""

from dataclasses import dataclass

__all__ = ["ValuesBehaviour"]


@dataclass(frozen=True)
class ValuesBehaviour:
    """How values, prefixes, modifiers, chains and their combinations are understood."""

    # ------------------------------------------------------------ how criteria are put together
    or_is_and: bool = False
    and_is_or: bool = False
    comma_escape_heeded: bool = True
    unknown_value_matches_all: bool = False
    invalid_value_ignored: bool = False
    odd_value_fails: bool = False
    chain_heeded: bool = True
    has_heeded: bool = True
    # ------------------------------------------------------------ tokens
    no_system_is_any: bool = False
    system_alone_heeded: bool = True
    bare_code_is_without_system: bool = False
    not_heeded: bool = True
    not_needs_value: bool = False
    labels_heeded: bool = True
    missing_inverted: bool = False
    missing_false_heeded: bool = True
    text_heeded: bool = True
    # ------------------------------------------------------------ strings
    exact_is_contains: bool = False
    contains_is_start: bool = False
    accents_folded: bool = True
    like_for_strings: bool = False
    like_for_tokens: bool = False
    name_is_family: bool = False
    # ------------------------------------------------------------ dates, numbers, quantities
    zones_heeded: bool = True
    partial_date_is_first_day: bool = False
    partial_dates_compared: bool = True
    open_periods_last: bool = True
    ne_is_eq: bool = False
    sa_is_gt: bool = False
    eb_is_lt: bool = False
    le_is_lt: bool = False
    lt_is_le: bool = False
    gt_is_ge: bool = False
    ap_excludes_equal: bool = False
    number_prefix_heeded: bool = True
    bare_number_is_without_unit: bool = False
    unit_heeded: bool = True
    numbers_as_text: bool = False
    numbers_rounded: bool = True
    # ------------------------------------------------------------ references, uris, composites
    bare_id_found: bool = True
    absolute_found: bool = True
    versioned_found: bool = True
    type_heeded: bool = True
    typed_modifier_heeded: bool = True
    identifier_heeded: bool = True
    below_is_equal: bool = False
    uri_case_heeded: bool = True
    parts_stand_together: bool = True
