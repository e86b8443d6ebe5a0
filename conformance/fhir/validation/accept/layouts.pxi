# Plans and rows as the compiled walk reads them, made from those of `plan` when they are first met.

cdef enum:
    SCALAR, SCALARS, OBJECT, OBJECTS, CHOICE_SCALAR, CHOICE_OBJECT, SPECIAL
cdef enum:
    ASK, CODED, BOOLEAN, INTEGER, UNSIGNED, POSITIVE, DECIMAL, STRING, MARKDOWN, CODE, ID, URI, CANONICAL
    DATE, DATE_TIME, INSTANT, TIME, BASE64, TEXT
cdef enum:
    NOTHING, IDENTIFIER, REFERENCE

cdef dict SCANNED = {
    CHECKS["boolean"]: BOOLEAN, CHECKS["integer"]: INTEGER, CHECKS["unsignedInt"]: UNSIGNED,
    CHECKS["positiveInt"]: POSITIVE, CHECKS["decimal"]: DECIMAL, CHECKS["string"]: STRING,
    CHECKS["markdown"]: MARKDOWN, CHECKS["code"]: CODE, CHECKS["id"]: ID, CHECKS["uri"]: URI,
    CHECKS["canonical"]: CANONICAL, CHECKS["date"]: DATE, CHECKS["dateTime"]: DATE_TIME,
    CHECKS["instant"]: INSTANT, CHECKS["time"]: TIME, CHECKS["base64Binary"]: BASE64,
    SOME_TEXT: TEXT,
}
cdef dict NONE = {}
cdef dict NATIVE = {"Identifier": IDENTIFIER, "Reference": REFERENCE}


cdef class Layout:
    """A `Plan` in C."""

    cdef dict rows
    cdef object plan
    cdef frozenset required
    cdef unsigned long long required_bits
    cdef unsigned long long needed
    cdef tuple after
    cdef int native


cdef class Slot:
    """A `Row` in C."""

    cdef int kind
    cdef int scan
    cdef unsigned long long bit
    cdef unsigned long long need
    cdef object check
    cdef object row
    cdef object codes
    cdef tuple overlays
    cdef object targets
    cdef Layout layout


cdef Slot slot_of(object row):
    cdef Slot slot = row.core
    if slot is not None:
        return slot
    slot = Slot()
    slot.kind = row.kind
    slot.row = row
    slot.bit = row.bit
    slot.overlays = row.overlays
    slot.targets = row.targets
    slot.check = row.special if row.kind == SPECIAL else row.check
    slot.scan = ASK
    if row.kind != SPECIAL and row.check is not None:
        owner = getattr(row.check, "__self__", None)
        if type(owner) is frozenset:
            slot.scan, slot.codes = CODED, owner
        else:
            slot.scan = SCANNED.get(row.check, ASK)
    row.core = slot
    return slot


cdef object as_parsed(dict rows):
    """The names of rows as the very objects that the parser gives for them, which are found without comparing."""
    return orjson.loads(orjson.dumps(dict.fromkeys(rows)))


cdef unsigned long long marked(object plan):
    """Marks the slots of required properties with a bit each; all those bits, or more where there are too many."""
    cdef unsigned long long bit = 1, every = 0
    cdef Slot slot
    for name in plan.required:
        if not bit or name not in plan.rows:
            return ~<unsigned long long>0
        slot = slot_of(plan.rows[name][2])
        slot.need = bit
        every |= bit
        bit <<= 1
    return every


cdef Layout layout_of(Slot slot):
    plan = slot.row.plan or slot.row.planned()
    cdef Layout layout = plan.core
    if layout is None:
        layout = Layout()
        layout.plan = plan
        layout.required = plan.required
        layout.required_bits = plan.required_bits
        layout.native = NATIVE.get(plan.type, NOTHING)
        layout.after = tuple([test for test in plan.after if test not in IN_THE_CORE])
        layout.rows = {name: slot_of(row) for name, (_, _, row) in zip(as_parsed(plan.rows), plan.rows.values())}
        layout.needed = marked(plan)
        plan.core = layout
    slot.layout = layout
    return layout
