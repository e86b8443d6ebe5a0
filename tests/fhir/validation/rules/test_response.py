import pytest

MIN, MAX = (
    "http://hl7.org/fhir/StructureDefinition/minValue",
    "http://hl7.org/fhir/StructureDefinition/maxValue",
)
CORE = "http://hl7.org/fhir/StructureDefinition/"
CAPTURE = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
UCUM = "http://unitsofmeasure.org"


def question(link: str = "q", kind: str = "string", **fields) -> dict:
    return {"linkId": link, "type": kind, **fields}


def answered(link: str, *values: dict, **fields) -> dict:
    return {"linkId": link, "answer": list(values), **fields} if values else {"linkId": link, **fields}


def response(questions: list, items: list, status: str = "completed", **fields) -> dict:
    form = {"resourceType": "Questionnaire", "id": "form", "status": "active", "item": questions}
    return {
        "resourceType": "QuestionnaireResponse",
        "contained": [form],
        "questionnaire": "#form",
        "status": status,
        "item": items,
        **fields,
    }


def text(value: str) -> dict:
    return {"valueString": value}


@pytest.mark.parametrize(
    ("questions", "items", "expected"),
    [
        ([question()], [answered("q", text("a"))], []),
        ([question()], [answered("x", text("a"))], [("response-link-unknown", "item[0]")]),
        (
            [question("g", "group", item=[question("a")])],
            [answered("a", text("x"))],
            [("response-link-misplaced", "item[0]")],
        ),
        (
            [question("a"), question("b")],
            [answered("b", text("x")), answered("a", text("x"))],
            [("response-order", "item[1]")],
        ),
        ([question()], [answered("q", text("a"), text("b"))], [("response-repeats", "item[0]")]),
        ([question(repeats=True)], [answered("q", text("a"), text("b"))], []),
        (
            [question(repeats=True)],
            [answered("q", text("a")), answered("q", text("b"))],
            [("response-question-repeated", "item[1]")],
        ),
        (
            [question("g", "group", item=[question()])],
            [answered("g", item=[answered("q", text("a"))]), answered("g", item=[answered("q", text("b"))])],
            [("response-repeats", "item[0]")],
        ),
        (
            [question("g", "group", repeats=True, item=[question()])],
            [answered("g", item=[answered("q", text("a"))]), answered("g", item=[answered("q", text("b"))])],
            [],
        ),
        ([question("g", "group")], [answered("g", text("a"))], [("response-group-answered", "item[0]")]),
        ([question("d", "display")], [answered("d", text("a"))], [("response-group-answered", "item[0]")]),
        ([question("d", "display")], [answered("d")], []),
        ([question(required=True)], [], [("response-required", "")]),
        ([question(required=True)], [answered("q")], [("response-required", "item[0]")]),
        (
            [question("g", "group", item=[question(required=True)])],
            [answered("g")],
            [("response-required", "item[0]")],
        ),
        ([question("g", "group", item=[question(required=True)])], [], []),
        (
            [question(item=[question("below")])],
            [answered("q", text("a") | {"item": [answered("below", text("b"))]})],
            [],
        ),
        (
            [question(item=[question("below")])],
            [answered("q", item=[answered("below", text("b"))])],
            [("response-nested-in-question", "item[0].item[0]")],
        ),
    ],
)
def test_structure(told, questions, items, expected):
    found = told("response-", response(questions, items))
    assert found == [(one, f"QuestionnaireResponse.{at}".rstrip(".")) for one, at in expected]


@pytest.mark.parametrize(
    ("kind", "value", "sound"),
    [
        ("boolean", {"valueBoolean": True}, True),
        ("boolean", text("true"), False),
        ("decimal", {"valueDecimal": 1.5}, True),
        ("integer", {"valueDecimal": 1.5}, False),
        ("date", {"valueDate": "2024-01-01"}, True),
        ("dateTime", {"valueDateTime": "2024-01-01"}, True),
        ("time", {"valueTime": "12:00:00"}, True),
        ("text", text("a"), True),
        ("url", {"valueUri": "http://s.test/"}, True),
        ("choice", {"valueCoding": {"system": "http://s.test/", "code": "a"}}, True),
        ("choice", text("a"), False),
        ("open-choice", text("a"), True),
        ("attachment", {"valueAttachment": {"url": "http://s.test/"}}, True),
        ("reference", {"valueReference": {"reference": "Patient/1"}}, True),
        ("quantity", {"valueQuantity": {"value": 1}}, True),
        ("quantity", {"valueDecimal": 1}, False),
    ],
)
def test_type(told, kind, value, sound):
    found = told("response-answer-type", response([question("q", kind)], [answered("q", value)]))
    assert (found == []) is sound


CODED = [{"valueCoding": {"system": "http://s.test/", "code": code}} for code in ("a", "b")]


@pytest.mark.parametrize(
    ("kind", "fields", "value", "expected"),
    [
        ("choice", {"answerOption": CODED}, CODED[1] | {}, []),
        (
            "choice",
            {"answerOption": CODED},
            {"valueCoding": {"system": "http://s.test/", "code": "c"}},
            ["option"],
        ),
        ("choice", {"answerOption": CODED}, {"valueCoding": {"code": "a"}}, ["option"]),
        ("choice", {"answerOption": CODED}, text("a"), ["answer-type"]),
        ("choice", {"answerOption": [text("a")]}, text("a"), []),
        ("choice", {"answerOption": [text("a")]}, text("b"), ["option"]),
        ("open-choice", {"answerOption": CODED}, text("anything"), []),
        ("open-choice", {"answerOption": CODED}, {"valueCoding": {"code": "z"}}, ["option"]),
        ("integer", {"answerOption": [{"valueInteger": 1}]}, {"valueInteger": 1}, []),
        ("integer", {"answerOption": [{"valueInteger": 1}]}, {"valueInteger": 2}, ["option"]),
        (
            "choice",
            {"answerValueSet": "http://hl7.org/fhir/ValueSet/administrative-gender"},
            {"valueCoding": {"system": "http://hl7.org/fhir/administrative-gender", "code": "male"}},
            [],
        ),
        (
            "choice",
            {"answerValueSet": "http://hl7.org/fhir/ValueSet/administrative-gender"},
            {"valueCoding": {"system": "http://hl7.org/fhir/administrative-gender", "code": "none"}},
            ["option"],
        ),
    ],
)
def test_options(told, kind, fields, value, expected):
    found = told("response-", response([question("q", kind, **fields)], [answered("q", value)]))
    assert [message for message, _ in found] == [f"response-{one}" for one in expected]


def kilometres(value: float, code: str = "km") -> dict:
    return {"valueQuantity": {"value": value, "system": UCUM, "code": code}}


@pytest.mark.parametrize(
    ("kind", "limit", "value", "sound"),
    [
        ("string", {"maxLength": 3}, text("abc"), True),
        ("string", {"maxLength": 3}, text("abcd"), False),
        ("string", {"url": f"{CORE}minLength", "valueInteger": 3}, text("ab"), False),
        ("string", {"url": f"{CORE}minLength", "valueInteger": 3}, text("abc"), True),
        ("string", {"url": f"{CORE}regex", "valueString": "[a-z]+"}, text("abc"), True),
        ("string", {"url": f"{CORE}regex", "valueString": "[a-z]+"}, text("abc1"), False),
        ("string", {"url": f"{CORE}regex", "valueString": "(unclosed"}, text("abc1"), True),
        ("integer", {"url": MIN, "valueInteger": 3}, {"valueInteger": 3}, True),
        ("integer", {"url": MIN, "valueInteger": 3}, {"valueInteger": 2}, False),
        ("integer", {"url": MAX, "valueInteger": 3}, {"valueInteger": 4}, False),
        ("decimal", {"url": MAX, "valueDecimal": 3}, {"valueDecimal": 3.1}, False),
        ("decimal", {"url": f"{CORE}maxDecimalPlaces", "valueInteger": 2}, {"valueDecimal": 1.25}, True),
        ("decimal", {"url": f"{CORE}maxDecimalPlaces", "valueInteger": 2}, {"valueDecimal": 1.255}, False),
        ("date", {"url": MIN, "valueDate": "2020"}, {"valueDate": "1998"}, False),
        ("date", {"url": MIN, "valueDate": "2020"}, {"valueDate": "2020-06"}, True),
        ("quantity", {"url": f"{CAPTURE}maxQuantity", **kilometres(5)}, kilometres(4), True),
        ("quantity", {"url": f"{CAPTURE}maxQuantity", **kilometres(5)}, kilometres(10_000, "m"), False),
        ("quantity", {"url": f"{CAPTURE}maxQuantity", **kilometres(5)}, kilometres(4_000, "m"), True),
        ("quantity", {"url": f"{CAPTURE}maxQuantity", **kilometres(5)}, kilometres(1, "kg"), False),
        (
            "attachment",
            {"url": f"{CORE}mimeType", "valueCode": "image/gif"},
            {"valueAttachment": {"contentType": "image/png", "url": "http://s.test/"}},
            False,
        ),
        (
            "attachment",
            {"url": f"{CORE}maxSize", "valueDecimal": 50},
            {"valueAttachment": {"contentType": "image/png", "url": "http://s.test/", "size": 51}},
            False,
        ),
        (
            "reference",
            {"url": f"{CORE}questionnaire-referenceResource", "valueCode": "Patient"},
            {"valueReference": {"reference": "Group/1"}},
            False,
        ),
    ],
)
def test_limits(told, kind, limit, value, sound):
    asked = question("q", kind, extension=[limit]) if "url" in limit else question("q", kind, **limit)
    found = told("response-limit", response([asked], [answered("q", value)]))
    assert (found == []) is sound


@pytest.mark.parametrize(
    ("limit", "count", "sound"),
    [("minOccurs", 1, False), ("minOccurs", 2, True), ("maxOccurs", 2, True), ("maxOccurs", 3, False)],
)
def test_occurrences(told, limit, count, sound):
    extension = [{"url": f"{CORE}questionnaire-{limit}", "valueInteger": 2}]
    asked = question(repeats=True, required=True, extension=extension)
    found = told("response-occurrences", response([asked], [answered("q", *([text("a")] * count))]))
    assert (found == []) is sound


def test_what_is_in_progress_may_still_be_mended(judged):
    for status, errors in (("in-progress", False), ("completed", True), ("amended", True)):
        found = judged(response([question(required=True)], [], status)).issues
        required = [issue for issue in found if issue.message_id == "response-required"]
        assert [issue.is_error for issue in required] == [errors]


def condition(operator: str, other: str = "c", **answer) -> dict:
    return {"question": other, "operator": operator, **answer}


@pytest.mark.parametrize(
    ("when", "given", "enabled"),
    [
        (condition("exists", answerBoolean=True), {"valueInteger": 1}, True),
        (condition("exists", answerBoolean=True), None, False),
        (condition("exists", answerBoolean=False), None, True),
        (condition("=", answerInteger=1), {"valueInteger": 1}, True),
        (condition("=", answerInteger=1), {"valueInteger": 2}, False),
        (condition("=", answerInteger=1), None, False),
        (condition("!=", answerInteger=1), {"valueInteger": 2}, True),
        (condition("!=", answerInteger=1), {"valueInteger": 1}, False),
        (condition("!=", answerInteger=1), None, None),
        (condition(">", answerInteger=1), {"valueInteger": 2}, True),
        (condition(">", answerInteger=2), {"valueInteger": 2}, False),
        (condition(">=", answerInteger=2), {"valueInteger": 2}, True),
        (condition("<", answerInteger=2), {"valueInteger": 1}, True),
        (condition("<=", answerInteger=1), {"valueInteger": 2}, False),
        (condition("=", "nowhere", answerInteger=1), {"valueInteger": 1}, False),
    ],
)
def test_conditions(told, when, given, enabled):
    asked = [question("c", "integer"), question("q", enableWhen=[when], required=True)]
    before = [answered("c", given)] if given else []
    answer = told("response-not-enabled", response(asked, [*before, answered("q", text("a"))]))
    absent = told("response-required", response(asked, before))
    assert (answer != []) is (enabled is False)
    assert (absent != []) is (enabled is True)


@pytest.mark.parametrize(
    ("behaviour", "numbers", "enabled"),
    [("all", [1, 1], True), ("all", [1, 2], False), ("any", [1, 2], True), ("any", [2, 2], False)],
)
def test_several_conditions(told, behaviour, numbers, enabled):
    when = [condition("=", answerInteger=number) for number in numbers]
    asked = [question("c", "integer"), question("q", enableWhen=when, enableBehavior=behaviour)]
    found = told(
        "response-not-enabled",
        response(asked, [answered("c", {"valueInteger": 1}), answered("q", text("a"))]),
    )
    assert (found == []) is enabled


def test_a_condition_looks_in_its_own_group_first(told):
    inside = [question("c", "boolean"), question("q", enableWhen=[condition("=", answerBoolean=True)])]
    asked = [question("g", "group", repeats=True, item=inside)]
    groups = [
        answered("g", item=[answered("c", {"valueBoolean": told}), answered("q", text("a"))])
        for told in (True, False)
    ]
    found = told("response-not-enabled", response(asked, groups))
    assert found == [("response-not-enabled", "QuestionnaireResponse.item[1].item[1]")]


@pytest.mark.parametrize(("given", "count"), [(True, 0), (False, 1)])
def test_a_condition_may_be_an_expression(told, given, count):
    expression = "QuestionnaireResponse.item.where(linkId = 'c').answer.value"
    enabled = {
        "url": f"{CAPTURE}enableWhenExpression",
        "valueExpression": {"language": "text/fhirpath", "expression": expression},
    }
    asked = [question("c", "boolean"), question("q", extension=[enabled])]
    items = [answered("c", {"valueBoolean": given}), answered("q", text("a"))]
    assert len(told("response-not-enabled", response(asked, items))) == count


def test_the_form_may_be_loaded_or_lie_in_the_bundle(told, judged):
    url = "http://s.test/Questionnaire/form"
    form = {
        "resourceType": "Questionnaire",
        "url": url,
        "version": "1",
        "status": "active",
        "item": [question()],
    }
    held = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{url}|1",
        "status": "completed",
        "item": [answered("x", text("a"))],
    }
    assert len(told("response-link-unknown", held, form)) == 1
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": form}, {"resource": held}],
    }
    assert len(told("response-link-unknown", bundle)) == 1
    alone = judged(held)
    assert f"{url}|1" in {row.subject for row in alone.not_evaluated}
    assert alone.valid
