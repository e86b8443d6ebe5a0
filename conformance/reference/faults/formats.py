"""The faults of formats, errors and refusals."""

from typing import Any

from conformance.reference.faults.fault import Change, Fault, fault, formats, rest

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


def _ignores(*words: str) -> Change:
    return formats(unheeded=frozenset(words))


def _skips(*rules: str) -> Change:
    return formats(unchecked=frozenset(rules))


FORMAT_FAULTS: tuple[Fault, ...] = (
    fault(
        "resources-labelled-latin-1",
        "FHIR-FMT-02",
        "Reads and searches state the charset ISO-8859-1.",
        rest(media_type="application/fhir+json;charset=iso-8859-1"),
    ),
    fault(
        "errors-labelled-plain-json",
        "FHIR-FMT-03",
        "OperationOutcomes of errors are labelled application/json.",
        formats(error_media_type="application/json"),
    ),
    fault(
        "plain-json-refused",
        "FHIR-FMT-04",
        "Who asks for application/json is refused with 406.",
        _ignores("generic"),
        "SHOULD",
    ),
    fault(
        "any-accept-answers-html",
        "FHIR-FMT-05",
        "Who takes any media type gets a page of HTML.",
        formats(wildcard_is_html=True),
    ),
    fault(
        "only-first-of-accept-heeded",
        "FHIR-FMT-06",
        "Of several media types in Accept only the first one counts.",
        _ignores("list"),
    ),
    fault(
        "unknown-accept-answers-html",
        "FHIR-FMT-07",
        "Who takes only an unknown media type gets a page of HTML.",
        formats(unknown_accept_is_html=True),
        "SHOULD",
        also=("FHIR-FMT-13",),
        ends=0,
    ),
    fault(
        "format-parameter-ignored",
        "FHIR-FMT-08",
        "The parameter _format is not looked at.",
        _ignores("_format"),
        "SHOULD",
    ),
    fault(
        "short-format-names-refused",
        "FHIR-FMT-09",
        "_format=json is refused with 406.",
        _ignores("short-names"),
        also=("FHIR-RESULT-25",),
    ),
    fault(
        "xml-declared-but-refused",
        "FHIR-FMT-10",
        "XML is declared, but who asks for it is refused with 406.",
        _ignores("xml"),
    ),
    fault(
        "xml-without-namespace",
        "FHIR-FMT-10",
        "XML is not in the namespace of FHIR.",
        formats(xml_text=lambda text: text.replace(b' xmlns="http://hl7.org/fhir"', b"")),
    ),
    fault(
        "xml-loses-repeats",
        "FHIR-FMT-11",
        "In XML each element stands once at most.",
        formats(xml=_without_second),
    ),
    fault(
        "fhir-version-parameter-refused",
        "FHIR-FMT-12",
        "Who names the version of FHIR in Accept is refused with 406.",
        _ignores("fhirVersion"),
        "SHOULD",
    ),
    fault(
        "other-fhir-version-ignored",
        "FHIR-FMT-13",
        "Who asks for another version of FHIR gets R4.",
        _ignores("other-version"),
        "MAY",
    ),
    fault(
        "pretty-printing-drops-members",
        "FHIR-FMT-14",
        "Pretty-printed resources lack text and identifiers.",
        _ignores("_pretty"),
        "SHOULD",
    ),
    fault(
        "compressed-answers-lack-members",
        "FHIR-FMT-15",
        "Answers that are compressed come from a copy without publishers and telephone numbers.",
        formats(packed=_older_copy),
        also=("FHIR-FMT-11", "FHIR-CREATE-05"),
    ),
    fault(
        "gzip-sent-to-everybody",
        "FHIR-FMT-16",
        "Larger answers are compressed for who does not take that too.",
        _ignores("identity"),
        "SHOULD",
    ),
    fault(
        "etag-is-strong",
        "FHIR-FMT-17",
        "ETags are strong.",
        formats(etag=lambda tag: tag.removeprefix("W/")),
        "SHOULD",
    ),
    fault("date-not-stated", "FHIR-FMT-18", "Answers have no Date.", formats(date_header=False), "SHOULD"),
    fault(
        "options-fails",
        "FHIR-FMT-19",
        "OPTIONS is answered with 500, but for preflights of browsers.",
        formats(options_status=500),
        "MAY",
    ),
    fault(
        "refusals-are-plain-text",
        "FHIR-ERR-01",
        "All refusals are in plain text.",
        formats(errors_are_text=True),
        "SHOULD",
        also=("FHIR-NEG-20", "FHIR-READ-03", "FHIR-RESULT-30", "FHIR-RESULT-34"),
        ends=0,
    ),
    fault(
        "outcome-has-unknown-code",
        "FHIR-ERR-02",
        "The issues of errors have a code that there is not.",
        formats(error=_with_issue(code="oops")),
    ),
    fault(
        "outcome-is-information",
        "FHIR-ERR-03",
        "The issues of errors have the severity information.",
        formats(error=_with_issue(severity="information")),
        "SHOULD",
        also=("FHIR-RESULT-30", "FHIR-RESULT-34"),
        ends=0,
    ),
    fault(
        "error-shows-stack-trace",
        "FHIR-ERR-04",
        "Errors show a stack trace.",
        formats(error=_told(_STACK)),
        "SHOULD",
        also=("FHIR-NEG-21",),
        ends=0,
    ),
    fault(
        "error-shows-sql",
        "FHIR-ERR-04",
        "Errors show a statement of SQL.",
        formats(error=_told(_SQL)),
        "SHOULD",
        also=("FHIR-NEG-21",),
        ends=0,
    ),
    fault(
        "error-echoes-markup",
        "FHIR-ERR-05",
        "Errors are pages of HTML that repeat the address as it came.",
        formats(errors_echo_markup=True),
        "SHOULD",
        also=("FHIR-ERR-01", "FHIR-NEG-20", "FHIR-READ-03", "FHIR-RESULT-30", "FHIR-RESULT-34"),
        ends=0,
    ),
    fault(
        "error-names-patient",
        "FHIR-ERR-06",
        "Errors about a patient's record tell the patient's name.",
        formats(errors_name_patients=True),
        "SHOULD",
    ),
    fault(
        "illegal-id-answers-500",
        "FHIR-NEG-01",
        "A read with an id that can be none answers 500.",
        formats(illegal_id_status=500),
        "SHOULD",
    ),
    fault(
        "wrong-method-answers-200",
        "FHIR-NEG-02",
        "A method that an address does not take is answered with 200.",
        formats(wrong_method_status=200),
        "SHOULD",
    ),
    fault(
        "405-without-allow",
        "FHIR-NEG-03",
        "A refusal with 405 does not say which methods there are.",
        formats(allow_header=False),
        "SHOULD",
    ),
    fault(
        "unknown-address-answers-200",
        "FHIR-NEG-04",
        "An address where there is nothing answers 200.",
        formats(unknown_path_status=200),
        "SHOULD",
    ),
    fault(
        "search-takes-any-form",
        "FHIR-NEG-05",
        "A search by POST takes a body of any media type as a form.",
        _skips("form"),
        "SHOULD",
    ),
    fault(
        "broken-json-accepted",
        "FHIR-NEG-06",
        "A create whose body is no JSON is carried out.",
        _skips("syntax"),
        also=("FHIR-NEG-11", "FHIR-NEG-12"),
    ),
    fault(
        "invalid-json-answers-500",
        "FHIR-NEG-06",
        "A create whose body is no JSON answers 500.",
        formats(broken_json_status=500),
        also=("FHIR-NEG-07", "FHIR-NEG-11", "FHIR-NEG-12", "FHIR-NEG-18"),
    ),
    fault("empty-body-accepted", "FHIR-NEG-07", "A create without a body is carried out.", _skips("empty")),
    fault(
        "body-without-type-accepted", "FHIR-NEG-08", "A create takes any JSON for a resource.", _skips("root")
    ),
    fault(
        "other-type-stored",
        "FHIR-NEG-09",
        "A create keeps resources of other types than its address names.",
        _skips("type"),
    ),
    fault(
        "any-media-type-accepted",
        "FHIR-NEG-10",
        "A create takes a body of any media type for JSON.",
        _skips("media"),
        "SHOULD",
    ),
    fault(
        "other-encodings-accepted",
        "FHIR-NEG-11",
        "A create takes bodies that are not UTF-8.",
        _skips("utf-8"),
        "SHOULD",
    ),
    fault(
        "repeated-names-accepted",
        "FHIR-NEG-12",
        "A create takes JSON with a name twice in one object.",
        _skips("duplicates"),
        "SHOULD",
    ),
    fault(
        "patients-not-validated",
        "FHIR-NEG-13",
        "A create looks neither at the elements of a Patient nor at their values.",
        _skips("shape"),
        "SHOULD",
        also=("FHIR-NEG-14", "FHIR-NEG-15", "FHIR-NEG-16"),
        ends=0,
    ),
    fault("illegal-id-accepted", "FHIR-NEG-17", "An update takes any id.", _skips("id"), "SHOULD"),
    fault(
        "refused-create-is-kept",
        "FHIR-NEG-19",
        "A create that is refused for its content is kept all the same.",
        formats(refused_create_is_kept=True),
    ),
)
