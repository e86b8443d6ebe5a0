# cython: language_level=3, annotation_typing=False
"""The walk of `walk.Walk` in C, over the same plans.

`DIGEST` names the sources that it was built from; `engine` uses it only where they are the same.
"""

from cpython.dict cimport PyDict_GetItemWithError, PyDict_Next, PyDict_Size
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF

import orjson

from conformance.fhir.validation.accept.bundles import entries_of
from conformance.fhir.validation.accept.lexical import CHECKS, SOME_TEXT
from conformance.fhir.validation.accept.plan import Refused
from conformance.fhir.validation.accept.rules import IN_THE_CORE
from conformance.fhir.validation.accept.targets import check_reference
from conformance.fhir.validation.accept.walk import DEEPEST as _DEEPEST
from conformance.fhir.validation.accept.walk import contained_in

include "scanners.pxi"
include "comparing.py"
include "closures.py"
include "leaves.py"

cdef extern from *:
    """
    #ifndef CORE_DIGEST
    #define CORE_DIGEST ""
    #endif
    """
    const char* CORE_DIGEST

cdef extern from "Python.h":
    bint PyUnicode_CheckExact(object)
    bint PyUnicode_IS_COMPACT_ASCII(object)
    void* PyUnicode_DATA(object)
    Py_ssize_t PyUnicode_GET_LENGTH(object)
    bint PyDict_CheckExact(object)
    bint PyList_CheckExact(object)
    bint PyLong_CheckExact(object)
    bint PyFloat_CheckExact(object)
    long PyLong_AsLongAndOverflow(object, int*)
    Py_ssize_t PyList_GET_SIZE(object)
    PyObject* PyList_GET_ITEM(object, Py_ssize_t)

DIGEST = CORE_DIGEST.decode()

cdef int DEEPEST = _DEEPEST
include "layouts.pxi"


cdef inline bint integer(object value, long least) except -1:
    cdef int overflow = 0
    cdef long number
    if not PyLong_CheckExact(value):
        return False
    number = PyLong_AsLongAndOverflow(value, &overflow)
    return overflow == 0 and least <= number <= 2147483647


cdef bint is_scalar(Slot slot, object value) except -1:
    cdef int scan = slot.scan
    cdef Text s
    cdef Py_ssize_t n
    if scan == CODED:
        return PyUnicode_CheckExact(value) and value in <frozenset>slot.codes
    if scan == BOOLEAN:
        return value is True or value is False
    if scan == DECIMAL:
        return PyFloat_CheckExact(value) or PyLong_CheckExact(value)
    if scan == TEXT:
        return PyUnicode_CheckExact(value) and PyUnicode_GET_LENGTH(value) > 0
    if scan == INTEGER:
        return integer(value, -2147483648)
    if scan == UNSIGNED:
        return integer(value, 0)
    if scan == POSITIVE:
        return integer(value, 1)
    if not PyUnicode_CheckExact(value) or not PyUnicode_IS_COMPACT_ASCII(value) or scan == ASK:
        return bool(slot.check(value))
    s = <Text>PyUnicode_DATA(value)
    n = PyUnicode_GET_LENGTH(value)
    if scan == STRING:
        return scan_string(s, n)
    if scan == CODE:
        return scan_code(s, n)
    if scan == ID:
        return scan_id(s, n)
    if scan == URI:
        if n == 0 or s[0] == 35:
            return False
        if may_be_urn(s, n):
            return scan_uuid(s, n) or bool(slot.check(value))
        return scan_graphic(s, n)
    if scan == CANONICAL:
        if n == 0 or may_be_urn(s, n):
            return bool(slot.check(value))
        return scan_scheme(s, n) and scan_graphic(s, n) and s[n - 1] != 58
    if scan == DATE_TIME:
        return scan_date_time(s, n)
    if scan == DATE:
        return scan_date(s, n)
    if scan == INSTANT:
        return scan_instant(s, n)
    if scan == MARKDOWN:
        return scan_markdown(s, n)
    if scan == TIME:
        return scan_time(s, n)
    return scan_base64(s, n)


cdef inline bint has_scheme(object value) except -1:
    if not PyUnicode_IS_COMPACT_ASCII(value):
        return False
    return scan_scheme(<Text>PyUnicode_DATA(value), PyUnicode_GET_LENGTH(value))


cdef bint relative(object literal, Py_ssize_t* slash) except -1:
    """Whether a reference is `Type/id` and nothing more; where its slash is."""
    if not PyUnicode_CheckExact(literal) or not PyUnicode_IS_COMPACT_ASCII(literal):
        return False
    cdef Text s = <Text>PyUnicode_DATA(literal)
    cdef Py_ssize_t n = PyUnicode_GET_LENGTH(literal), i = 0
    if n < 4 or not 65 <= s[0] <= 90:
        return False
    while i < n and is_letter(s[i]):
        i += 1
    if i < 2 or i >= n or s[i] != 47:
        return False
    slash[0] = i
    return scan_id(s + i + 1, n - i - 1)


cdef class Walk:
    """The state of judging one resource after the other; see `walk.Walk`."""

    cdef readonly object row_of, finish
    cdef dict slots
    cdef bint requested
    cdef public object resource, outermost, entries
    cdef public dict contained
    cdef public set named
    cdef public Py_ssize_t companions
    cdef public int depth

    def __init__(self, row_of, finish, *, requested=False):
        self.row_of = row_of
        self.finish = finish
        self.requested = requested
        self.slots = {}
        self.resource = self.outermost = {}
        self.contained = {}
        self.named = set()
        self.depth = 0
        self.entries = None

    def judge(self, resource):
        self.companions = 0
        self.depth = 0
        self.entries = entries_of(resource) if resource["resourceType"] == "Bundle" else None
        return self.document(resource)

    def has_as_many(self, bytes raw, Py_ssize_t met):
        """Whether a valid JSON text has no more names than were met in a walk through all its objects."""
        return count_names(<Text>raw, len(raw)) == met

    cpdef Py_ssize_t document(self, object resource) except -1:
        kept = self.resource, self.outermost, self.contained, self.named
        cdef Py_ssize_t count
        self.resource = self.outermost = resource
        self.contained = contained_in(resource) if "contained" in resource else NONE
        self.named = set()
        count = self.nested(resource)
        if self.contained and not self.contained.keys() <= self.named:
            raise Refused
        self.resource, self.outermost, self.contained, self.named = kept
        return count

    cpdef Py_ssize_t nested(self, object resource) except -1:
        name = resource["resourceType"]
        cdef Slot slot = self.slots.get(name)
        if slot is None:
            row = self.row_of(name)
            if row is None:
                raise Refused
            slot = self.slots[name] = slot_of(row)
        cdef Py_ssize_t count = self.inside(slot, resource)
        if (self.requested or "meta" in resource) and not self.finish(resource, self, slot.row):
            raise Refused
        return count

    def visit(self, row, found):
        return self.inside(slot_of(row), found)

    cdef Py_ssize_t inside(self, Slot slot, object found) except -1:
        if not PyDict_CheckExact(found):
            raise Refused
        cdef Layout layout = slot.layout
        if layout is None:
            layout = layout_of(slot)
        cdef Py_ssize_t size = PyDict_Size(found), count = size, position = 0, i
        cdef unsigned long long bits = 0, there = 0
        cdef PyObject *name
        cdef PyObject *given
        cdef PyObject *entry
        cdef Slot child
        cdef object value
        cdef int kind
        if size == 0 or (size == 1 and "id" in <dict>found):
            raise Refused
        self.depth += 1
        if self.depth > DEEPEST:
            raise Refused
        while PyDict_Next(found, &position, &name, &given):
            entry = PyDict_GetItemWithError(layout.rows, <object>name)
            if entry == NULL:
                raise Refused
            child = <Slot>entry
            value = <object>given
            there |= child.need
            kind = child.kind
            if kind == SCALAR:
                if not is_scalar(child, value):
                    raise Refused
            elif kind == OBJECT:
                count += self.inside(child, value)
            elif kind == OBJECTS or kind == SCALARS:
                if not PyList_CheckExact(value) or PyList_GET_SIZE(value) == 0:
                    raise Refused
                for i in range(PyList_GET_SIZE(value)):
                    if kind == OBJECTS:
                        count += self.inside(child, <object>PyList_GET_ITEM(value, i))
                    elif not is_scalar(child, <object>PyList_GET_ITEM(value, i)):
                        raise Refused
            elif kind == SPECIAL:
                count += child.check(self, child.row, found, value, slot.row)
            else:
                if bits & child.bit:
                    raise Refused
                bits |= child.bit
                if kind == CHOICE_OBJECT:
                    count += self.inside(child, value)
                elif not is_scalar(child, value):
                    raise Refused
        if there & layout.needed != layout.needed:
            for wanted in layout.required:
                if wanted not in <dict>found and "_" + wanted not in <dict>found:
                    raise Refused
        if bits & layout.required_bits != layout.required_bits:
            raise Refused
        if layout.native and not self.natively(layout.native, slot, <dict>found):
            raise Refused
        for test in layout.after:
            if not test(found, self, slot.row):
                raise Refused
        for test in slot.overlays:
            if not test(found, self, slot.row):
                raise Refused
        self.depth -= 1
        return count

    cdef bint natively(self, int native, Slot slot, dict found) except -1:
        cdef PyObject *given
        if native == REFERENCE:
            return self.reference(slot, found)
        given = PyDict_GetItemWithError(found, "system")
        if given != NULL and <object>given == "urn:ietf:rfc:3986":
            return has_scheme(found.get("value", ""))
        return True

    cdef bint reference(self, Slot slot, dict found) except -1:
        """The common forms of a reference; `check_reference` judges the others."""
        cdef PyObject *given = PyDict_GetItemWithError(found, "reference")
        cdef Py_ssize_t slash = 0
        cdef object literal
        if given == NULL:
            if "type" not in found and ("display" in found or "identifier" in found):
                return True
        elif self.entries is None and "type" not in found:
            literal = <object>given
            if relative(literal, &slash):
                name = (<str>literal)[:slash]
                if slot.targets is not None:
                    return name in <frozenset>slot.targets
                return name in self.slots or self.row_of(name) is not None
            if PyUnicode_CheckExact(literal) and PyUnicode_IS_COMPACT_ASCII(literal) and scan_uuid(
                <Text>PyUnicode_DATA(literal), PyUnicode_GET_LENGTH(literal)
            ):
                return True
        return bool(check_reference(found, self, slot.row))
