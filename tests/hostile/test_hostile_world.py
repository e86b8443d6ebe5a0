"""The honest world passes, so that what the other tests see comes from the one point in which theirs deviates."""


def test_the_world_that_the_others_deviate_from_passes(serve, told, as_the_page_says):
    seen = told(serve().base)
    as_the_page_says("honest", seen)
    assert {seen.outcome(one) for one in seen.requirements} == {"pass"}
