"""The faults of formats, errors and refusals."""

from typing import Any

from conformance.reference.fault import Change, Fault, formats, rest

_PROFILE = "fhir-r4-base"
_STACK = (
    "java.lang.NullPointerException: null\n"
    "\tat com.harbour.epr.fhir.PatientProvider.read(PatientProvider.java:214)\n"
    "\tat com.harbour.epr.web.Dispatcher.handle(Dispatcher.java:88)"
)
_SQL = "could not execute: SELECT p.id, p.family FROM patient p WHERE p.id = ?"

Json = dict[str, Any]


def _told(text: str) -> Any:
    """An outcome whose diagnostics end in more than anybody should be told."""

    def error(outcome: Json) -> Json:
        issue = outcome["issue"][0]
        return {**outcome, "issue": [{**issue, "diagnostics": f"{issue['diagnostics']}\n{text}"}]}

    return error


def _with_issue(**changed: str) -> Any:
    return lambda outcome: {**outcome, "issue": [outcome["issue"][0] | changed]}


def _without_second(resource: Json) -> Json:
    """A resource whose arrays have lost all but their first items, as from a writer that knows no repeats."""

    def first(value: Any) -> Any:
        if isinstance(value, list):
            return [first(item) for item in value[:1]]
        return {name: first(item) for name, item in value.items()} if isinstance(value, dict) else value

    return {name: first(value) for name, value in resource.items()}


def _older_copy(resource: Json) -> Json:
    return {name: value for name, value in resource.items() if name not in {"publisher", "telecom"}}


def _fault(
    name: str, number: str, summary: str, change: Change, level: str = "SHALL", also: tuple[str, ...] = ()
) -> Fault:
    explained = tuple(f"FHIR-{each}" for each in also)
    return Fault(
        name,
        _PROFILE,
        f"FHIR-{number}",
        level,
        1 if level == "SHALL" else 0,
        summary,
        explained,
        change=change,
    )


def _ignores(*words: str) -> Change:
    return formats(unheeded=frozenset(words))


def _skips(*rules: str) -> Change:
    return formats(unchecked=frozenset(rules))


FORMAT_FAULTS: tuple[Fault, ...] = (
    _fault(
        "resources-labelled-latin-1",
        "FMT-02",
        "Reads and searches state the charset ISO-8859-1.",
        rest(media_type="application/fhir+json;charset=iso-8859-1"),
    ),
    _fault(
        "errors-labelled-plain-json",
        "FMT-03",
        "OperationOutcomes of errors are labelled application/json.",
        formats(error_media_type="application/json"),
    ),
    _fault(
        "plain-json-refused",
        "FMT-04",
        "Who asks for application/json is refused with 406.",
        _ignores("generic"),
        "SHOULD",
    ),
    _fault(
        "any-accept-answers-html",
        "FMT-05",
        "Who takes any media type gets a page of HTML.",
        formats(wildcard_is_html=True),
    ),
    _fault(
        "only-first-of-accept-heeded",
        "FMT-06",
        "Of several media types in Accept only the first one counts.",
        _ignores("list"),
    ),
    _fault(
        "unknown-accept-answers-html",
        "FMT-07",
        "Who takes only an unknown media type gets a page of HTML.",
        formats(unknown_accept_is_html=True),
        "SHOULD",
        also=("FMT-13",),
    ),
    _fault(
        "format-parameter-ignored",
        "FMT-08",
        "The parameter _format is not looked at.",
        _ignores("_format"),
        "SHOULD",
    ),
    _fault(
        "short-format-names-refused",
        "FMT-09",
        "_format=json is refused with 406.",
        _ignores("short-names"),
        also=("RESULT-25",),
    ),
    _fault(
        "xml-declared-but-refused",
        "FMT-10",
        "XML is declared, but who asks for it is refused with 406.",
        _ignores("xml"),
    ),
    _fault(
        "xml-loses-repeats",
        "FMT-11",
        "In XML each element stands once at most.",
        formats(xml=_without_second),
    ),
    _fault(
        "fhir-version-parameter-refused",
        "FMT-12",
        "Who names the version of FHIR in Accept is refused with 406.",
        _ignores("fhirVersion"),
        "SHOULD",
    ),
    _fault(
        "other-fhir-version-ignored",
        "FMT-13",
        "Who asks for another version of FHIR gets R4.",
        _ignores("other-version"),
        "MAY",
    ),
    _fault(
        "pretty-printing-drops-members",
        "FMT-14",
        "Pretty-printed resources lack text and identifiers.",
        _ignores("_pretty"),
        "SHOULD",
    ),
    _fault(
        "compressed-answers-lack-members",
        "FMT-15",
        "Answers that are compressed come from a copy without publishers and telephone numbers.",
        formats(packed=_older_copy),
        also=("FMT-11", "CREATE-05"),
    ),
    _fault(
        "gzip-sent-to-everybody",
        "FMT-16",
        "Larger answers are compressed for who does not take that too.",
        _ignores("identity"),
        "SHOULD",
    ),
    _fault(
        "etag-is-strong",
        "FMT-17",
        "ETags are strong.",
        formats(etag=lambda tag: tag.removeprefix("W/")),
        "SHOULD",
    ),
    _fault("date-not-stated", "FMT-18", "Answers have no Date.", formats(date_header=False), "SHOULD"),
    _fault(
        "options-fails",
        "FMT-19",
        "OPTIONS is answered with 500, but for preflights of browsers.",
        formats(options_status=500),
        "MAY",
    ),
    _fault(
        "refusals-are-plain-text",
        "ERR-01",
        "All refusals are in plain text.",
        formats(errors_are_text=True),
        "SHOULD",
        also=("NEG-20", "READ-03", "RESULT-30", "RESULT-34"),
    ),
    _fault(
        "outcome-has-unknown-code",
        "ERR-02",
        "The issues of errors have a code that there is not.",
        formats(error=_with_issue(code="oops")),
    ),
    _fault(
        "outcome-is-information",
        "ERR-03",
        "The issues of errors have the severity information.",
        formats(error=_with_issue(severity="information")),
        "SHOULD",
        also=("RESULT-30", "RESULT-34"),
    ),
    _fault(
        "error-shows-stack-trace",
        "ERR-04",
        "Errors show a stack trace.",
        formats(error=_told(_STACK)),
        "SHOULD",
        also=("NEG-21",),
    ),
    _fault(
        "error-shows-sql",
        "ERR-04",
        "Errors show a statement of SQL.",
        formats(error=_told(_SQL)),
        "SHOULD",
        ("NEG-21",),
    ),
    _fault(
        "error-echoes-markup",
        "ERR-05",
        "Errors are pages of HTML that repeat the address as it came.",
        formats(errors_echo_markup=True),
        "SHOULD",
        also=("ERR-01", "NEG-20", "READ-03", "RESULT-30", "RESULT-34"),
    ),
    _fault(
        "error-names-patient",
        "ERR-06",
        "Errors about a patient's record tell the patient's name.",
        formats(errors_name_patients=True),
        "SHOULD",
    ),
    _fault(
        "illegal-id-answers-500",
        "NEG-01",
        "A read with an id that can be none answers 500.",
        formats(illegal_id_status=500),
        "SHOULD",
    ),
    _fault(
        "wrong-method-answers-200",
        "NEG-02",
        "A method that an address does not take is answered with 200.",
        formats(wrong_method_status=200),
        "SHOULD",
    ),
    _fault(
        "405-without-allow",
        "NEG-03",
        "A refusal with 405 does not say which methods there are.",
        formats(allow_header=False),
        "SHOULD",
    ),
    _fault(
        "unknown-address-answers-200",
        "NEG-04",
        "An address where there is nothing answers 200.",
        formats(unknown_path_status=200),
        "SHOULD",
    ),
    _fault(
        "search-takes-any-form",
        "NEG-05",
        "A search by POST takes a body of any media type as a form.",
        _skips("form"),
        "SHOULD",
    ),
    _fault(
        "broken-json-accepted",
        "NEG-06",
        "A create whose body is no JSON is carried out.",
        _skips("syntax"),
        also=("NEG-11", "NEG-12"),
    ),
    _fault(
        "invalid-json-answers-500",
        "NEG-06",
        "A create whose body is no JSON answers 500.",
        formats(broken_json_status=500),
        also=("NEG-07", "NEG-11", "NEG-12", "NEG-18"),
    ),
    _fault("empty-body-accepted", "NEG-07", "A create without a body is carried out.", _skips("empty")),
    _fault(
        "body-without-type-accepted",
        "NEG-08",
        "A create takes any JSON for a resource.",
        _skips("root"),
    ),
    _fault(
        "other-type-stored",
        "NEG-09",
        "A create keeps resources of other types than its address names.",
        _skips("type"),
    ),
    _fault(
        "any-media-type-accepted",
        "NEG-10",
        "A create takes a body of any media type for JSON.",
        _skips("media"),
        "SHOULD",
    ),
    _fault(
        "other-encodings-accepted",
        "NEG-11",
        "A create takes bodies that are not UTF-8.",
        _skips("utf-8"),
        "SHOULD",
    ),
    _fault(
        "repeated-names-accepted",
        "NEG-12",
        "A create takes JSON with a name twice in one object.",
        _skips("duplicates"),
        "SHOULD",
    ),
    _fault(
        "patients-not-validated",
        "NEG-13",
        "A create looks neither at the elements of a Patient nor at their values.",
        _skips("shape"),
        "SHOULD",
        also=("NEG-14", "NEG-15", "NEG-16"),
    ),
    _fault(
        "illegal-id-accepted",
        "NEG-17",
        "An update takes any id.",
        _skips("id"),
        "SHOULD",
    ),
    _fault(
        "refused-create-is-kept",
        "NEG-19",
        "A create that is refused for its content is kept all the same.",
        formats(refused_create_is_kept=True),
    ),
)
