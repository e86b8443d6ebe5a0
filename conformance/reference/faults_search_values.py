"""The faults of searches that misunderstand what is searched for."""

from conformance.reference.fault import Change, Fault, values

_PROFILE = "fhir-r4-base"
_ADVICE = {36, 45, 48, 58, 59, 60}
"""The numbers of the requirements that are no more than SHOULD; others are named in full."""


def _fault(
    name: str,
    number: int,
    summary: str,
    change: Change,
    level: str = "SHALL",
    also: tuple[int | str, ...] = (),
) -> Fault:
    # What only warns may still explain the failure of something that a product must do.
    exit_code = 1 if level == "SHALL" or set(also) - _ADVICE else 0
    others = tuple(other if isinstance(other, str) else f"FHIR-SEARCH-{other:02}" for other in also)
    return Fault(name, _PROFILE, f"FHIR-SEARCH-{number:02}", level, exit_code, summary, others, change=change)


TOKEN_FAULTS = (
    _fault(
        "bare-code-needs-no-system",
        20,
        "A search by a code alone finds it only where it has no system.",
        values(bare_code_is_without_system=True),
    ),
    _fault(
        "no-system-is-any-system",
        21,
        "A search by |code finds the code in every system.",
        values(no_system_is_any=True),
    ),
    _fault(
        "system-alone-ignored",
        22,
        "A search by system| finds what has any system.",
        values(system_alone_heeded=False),
    ),
    _fault(
        "labels-ignored",
        62,
        "Searches by _tag and _security find any label.",
        values(labels_heeded=False),
        also=("FHIR-RESULT-20", "FHIR-RESULT-29", "FHIR-RESULT-30"),
    ),
    _fault(
        "not-returns-the-excluded",
        23,
        "A search with :not also finds what it is to leave out.",
        values(not_heeded=False),
        also=(24,),
    ),
    _fault(
        "not-leaves-out-the-missing",
        24,
        "A search with :not leaves out what has no value.",
        values(not_needs_value=True),
    ),
    _fault(
        "text-modifier-finds-all",
        25,
        "A search with :text finds whatever has a text.",
        values(text_heeded=False),
    ),
    _fault(
        "missing-is-inverted",
        26,
        "A search for missing values finds those that are there, and the other way round.",
        values(missing_inverted=True),
        also=(37,),
    ),
    _fault(
        "missing-false-ignored",
        27,
        "A search for what is not missing finds everything.",
        values(missing_false_heeded=False),
        also=(26, 37),
    ),
)
STRING_FAULTS = (
    _fault(
        "name-search-is-family-only",
        65,
        "A search by name looks at family names only.",
        values(name_is_family=True),
        also=(6, 28, 30, 61, 29),
    ),
    _fault(
        "string-search-minds-accents",
        28,
        "String searches tell accented letters from plain ones.",
        values(accents_folded=False),
    ),
    _fault(
        "comma-escape-ignored",
        61,
        "An escaped comma separates values all the same.",
        values(comma_escape_heeded=False),
        also=(6, 65),
    ),
    _fault(
        "exact-is-contains",
        29,
        "A search with :exact finds texts inside others.",
        values(exact_is_contains=True),
    ),
    _fault(
        "contains-is-start",
        30,
        "A search with :contains finds texts at the beginning only.",
        values(contains_is_start=True),
    ),
)
WILDCARD_FAULTS = (
    _fault(
        "string-search-has-wildcards",
        66,
        "In a search by a string, % stands for any text and _ for any character.",
        values(like_for_strings=True),
        also=(59,),
    ),
    _fault(
        "token-search-has-wildcards",
        66,
        "In a search by a code without system, % stands for any text and _ for any character.",
        values(like_for_tokens=True),
        also=(59,),
    ),
)
DATE_FAULTS = (
    _fault(
        "open-periods-end-at-once",
        32,
        "Periods that have not ended are found as if they had ended where they began.",
        values(open_periods_last=False),
        also=(35,),
    ),
    _fault(
        "partial-date-is-first-day",
        31,
        "A search by a year or month finds its first day only.",
        values(partial_date_is_first_day=True),
        also=(33, 34, 32, 55),
    ),
    _fault("date-gt-includes-equal", 32, "The prefix gt works as ge.", values(gt_is_ge=True)),
    _fault("date-le-excludes-equal", 33, "The prefix le works as lt.", values(le_is_lt=True)),
    _fault("date-ne-is-eq", 34, "The prefix ne works as eq.", values(ne_is_eq=True)),
    _fault("date-sa-is-gt", 35, "The prefix sa works as gt.", values(sa_is_gt=True)),
    _fault("date-eb-is-lt", 35, "The prefix eb works as lt.", values(eb_is_lt=True)),
    _fault(
        "date-ap-excludes-equal",
        64,
        "The prefix ap leaves out what is equal.",
        values(ap_excludes_equal=True),
    ),
    _fault(
        "date-search-ignores-zone",
        36,
        "Searches by dates take every time to be in UTC.",
        values(zones_heeded=False),
        "SHOULD",
        also=(8, 31, 34, 35, 54, 55),
    ),
    _fault("date-lt-includes-equal", 8, "The prefix lt works as le.", values(lt_is_le=True), also=(14,)),
    _fault(
        "date-search-skips-partial-dates",
        8,
        "Searches by dates never find what is known to the month or year only.",
        values(partial_dates_compared=False),
        also=(31, 32, 33, 34, 55),
    ),
)
NUMBER_FAULTS = (
    _fault(
        "number-prefix-ignored",
        39,
        "Searches by numbers ignore the prefix.",
        values(number_prefix_heeded=False),
    ),
    _fault(
        "numbers-compared-exactly",
        43,
        "Searches by numbers find the very number only, not what rounds to it.",
        values(numbers_rounded=False),
        also=(38,),
    ),
    _fault(
        "bare-number-needs-no-unit",
        40,
        "A search by a number alone finds quantities without a unit only.",
        values(bare_number_is_without_unit=True),
    ),
    _fault(
        "quantity-unit-ignored",
        41,
        "Searches by quantities ignore the unit.",
        values(unit_heeded=False),
        also=(42, 43),
    ),
    _fault(
        "decimals-compared-as-text",
        42,
        "Numbers are compared as texts: 9 is greater than 10.",
        values(numbers_as_text=True),
    ),
)
REFERENCE_FAULTS = (
    _fault(
        "bare-id-not-found",
        44,
        "A search by the id of what is referred to finds nothing.",
        values(bare_id_found=False),
    ),
    _fault(
        "absolute-reference-not-found",
        45,
        "A search by the absolute URL of what is referred to finds nothing.",
        values(absolute_found=False),
        "SHOULD",
    ),
    _fault(
        "reference-type-ignored",
        46,
        "A search by a reference looks at its id only.",
        values(type_heeded=False),
    ),
    _fault(
        "typed-modifier-ignored",
        47,
        "A search by an id with a type as modifier finds every type.",
        values(typed_modifier_heeded=False),
    ),
    _fault(
        "versioned-reference-not-found",
        48,
        "A search by a reference does not find what refers to a version.",
        values(versioned_found=False),
        "MAY",
    ),
    _fault(
        "identifier-modifier-finds-all",
        49,
        "A search with :identifier finds every reference that has an identifier.",
        values(identifier_heeded=False),
    ),
    _fault("uri-search-ignores-case", 50, "Searches by uris ignore case.", values(uri_case_heeded=False)),
    _fault(
        "uri-below-is-equal",
        51,
        "A search with :below finds equal uris only.",
        values(below_is_equal=True),
        also=(52,),
    ),
    _fault(
        "composite-parts-stand-apart",
        53,
        "A composite search finds its parts wherever they stand.",
        values(parts_stand_together=False),
        also=(54,),
    ),
)
COMBINATION_FAULTS = (
    _fault(
        "or-is-and",
        54,
        "A search for several values finds what has all of them.",
        values(or_is_and=True),
        also=(22, 26, 34, 62, "FHIR-RESULT-18", "FHIR-RESULT-19", "FHIR-RESULT-47", 23),
    ),
    _fault(
        "and-is-or",
        55,
        "A search by several parameters finds what satisfies one.",
        values(and_is_or=True),
        also=(34, 37, "FHIR-RESULT-19", "FHIR-RESULT-20", 23, 26),
    ),
    _fault(
        "chain-ignores-second-half",
        56,
        "A chained search finds what refers to anything.",
        values(chain_heeded=False),
    ),
    _fault("has-ignored", 57, "A search by _has finds everything.", values(has_heeded=False)),
    _fault(
        "unknown-value-matches-all",
        58,
        "A search by a value that nothing has finds everything.",
        values(unknown_value_matches_all=True),
        "SHOULD",
        also=(
            5,
            21,
            41,
            46,
            50,
            59,
            "FHIR-FRESH-03",
            "FHIR-NEG-19",
            "FHIR-RESULT-20",
            10,
            "FHIR-TXN-01",
            "FHIR-TXN-06",
        ),
    ),
    _fault(
        "odd-text-fails",
        59,
        "A search for letters of most scripts answers 500.",
        values(odd_value_fails=True),
        "SHOULD",
        also=(29, 30, 55, 6, 65),
    ),
    _fault(
        "invalid-value-finds-all",
        60,
        "A search by a value that cannot be finds everything.",
        values(invalid_value_ignored=True),
        "SHOULD",
    ),
)
SEARCH_VALUE_FAULTS: tuple[Fault, ...] = (
    *TOKEN_FAULTS,
    *STRING_FAULTS,
    *WILDCARD_FAULTS,
    *DATE_FAULTS,
    *NUMBER_FAULTS,
    *REFERENCE_FAULTS,
    *COMBINATION_FAULTS,
)
