"""Whether a bound suite is what its profile asks for: a tester cannot pass by asking less.

The drawn values are the tester's to record, since Hypothesis draws differently between releases. Everything else
follows from the profile and from the discovery evidence, so it is derived again and compared.
"""

from collections import Counter
from collections.abc import Iterator

from conformance.catalog import Catalog
from conformance.errors import Unreadable
from conformance.model.evidence import Evidence, StepEvidence
from conformance.model.profile import Method, Requirement, Test
from conformance.model.suite import BoundSuite, Suite, Template
from conformance.stages.bind import Circumstances, bind
from conformance.stages.judge import gates


def refuse_other_cases(bound: BoundSuite, discovery: StepEvidence) -> None:
    """Raise Unreadable, with what differs, where the cases are not those of the profile, or somebody else answered."""
    if bound.observed != discovery.observed():
        raise Unreadable("the suite names another CapabilityStatement or TLS key than discovery recorded")
    for problem in _problems(bound):
        raise Unreadable(f"the suite is not that of its profile: {problem}")


def refuse_unfaithful(bound: BoundSuite, discovery: StepEvidence, catalog: Catalog) -> None:
    """Raise Unreadable, with what differs, where the cases were not bound as the discovery evidence says."""
    seen = Evidence(steps=(), discovery=discovery, target=bound.target, as_of=bound.as_of)
    around = Circumstances(
        run_id=bound.run_id,
        as_of=bound.as_of,
        target=bound.target,
        overrides={name: bound.parameters.get(name) for name in bound.overrides},
        plugins=bound.plugins,
        only=bound.only,
        packages=bound.packages,
    )
    strange = {template.id: template for template in bound.templates if is_foreign(template, catalog)}
    if not bound.plugins and strange:
        raise Unreadable(
            "the suite calls a check or probe that this harness does not have, and names no plugin"
        )
    known = tuple(template for template in bound.templates if template.id not in strange)
    suite = Suite(profile=bound.profile, seed=bound.seed, templates=known)
    again = bind(suite, discovery, around, lambda calls: gates(calls, seen, catalog), catalog)
    discovery.forget()
    cases = {case.id: case for case in bound.cases}
    other = [case.id for case in again.cases if cases.pop(case.id, None) != case]
    steps = {step.id: step for step in bound.steps}
    other += [step.id for step in again.steps if steps.get(step.id) != step]
    other += sorted(id_ for id_, case in cases.items() if case.template not in strange)
    unknown = {template.requirement for template in strange.values()}
    told = {name: said for name, said in bound.not_tried.items() if name not in unknown}
    other += [
        name for name, said in again.not_tried.items() if name not in unknown and told.pop(name, ()) != said
    ]
    other += sorted(told)
    if other or (again.parameters, again.profile_digest) != (bound.parameters, bound.profile_digest):
        where = f": see {other[0]}" if other else ""
        raise Unreadable(f"the suite was not bound as its profile and the discovery say{where}")


def is_foreign(template: Template, catalog: Catalog) -> bool:
    """Whether a case calls a part that the catalogue does not have: one of a plugin."""
    checks = [("check", call.name) for call in (*template.when, *template.expect)]
    probes = [("probe", call.name) for call in template.probes]
    each = [("enumerator", template.each.call.name)] if template.each else []
    return any(part not in catalog.parts for part in (*checks, *probes, *each))


def _problems(bound: BoundSuite) -> Iterator[str]:
    """How the templates and cases differ from those that the profile has."""
    requirements = {requirement.id: requirement for requirement in bound.profile.requirements}
    numbered = {requirement.id: requirement.numbered for requirement in requirements.values()}
    due = []
    for template in bound.templates:
        requirement = requirements.get(template.requirement)
        if requirement is None:
            yield f"{template.id} belongs to no requirement"
        elif not _is_of(template, requirement, numbered[requirement.id]):
            yield f"{template.id} asks something else than {requirement.id} does"
        elif requirement.phase.reached_at(bound.target.phase):
            due.append(template.id)
    if len({template.id for template in bound.templates}) != len(bound.templates):
        yield "a case stands twice in it"
    present = Counter(template.requirement for template in bound.templates)
    for requirement in requirements.values():
        wanted = len(numbered[requirement.id])
        if requirement.method is not Method.OUT_OF_SCOPE and present[requirement.id] != wanted:
            yield f"{requirement.id} has {present[requirement.id]} cases, not {wanted}"
    defaults = {name: parameter.default for name, parameter in bound.profile.parameters.items()}
    own = {name: value for name, value in bound.parameters.items() if name not in bound.overrides}
    if own != {name: value for name, value in defaults.items() if name not in bound.overrides}:
        yield "its parameters are neither the profile's nor said to be the buyer's own"
    if sorted(due) != sorted({case.template for case in bound.cases}):
        yield "its cases are not those that it planned"


def _is_of(template: Template, requirement: Requirement, tests: tuple[Test, ...]) -> bool:
    """Whether this is the case of that number which the requirement's tests, one a number, come to."""
    owner, _, number = template.id.rpartition("/")
    if owner != requirement.id or not number.isdecimal() or not 1 <= int(number) <= len(tests):
        return False
    test = tests[int(number) - 1]
    slots = {name: slot.path for name, slot in template.slots.items()}
    each = template.each and (template.each.call, template.each.most)
    has = (template.probes, template.when, template.expect, slots, set(template.values), each)
    when = (*requirement.when, *test.when)
    wanted = test.each and (test.each, test.most)
    return has == ((test.probe, *test.also), when, test.expect, dict(test.slots), set(test.draw), wanted)
