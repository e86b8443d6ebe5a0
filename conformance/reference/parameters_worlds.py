"""Search parameters of resource types that only some worlds of the supplier offer."""

OF_SOME_WORLDS: dict[str, str] = {}
