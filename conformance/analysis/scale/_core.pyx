# cython: language_level=3, annotation_typing=False, boundscheck=False, wraparound=False
"""`gathering.take_all` in C, for lines that have nothing odd about them.

`Quick` reads ordinary lines without making objects of them, `Walk` those that only a parser can read: with escapes,
say. Both leave alone what the pure one has to tell of.
"""

from cpython.buffer cimport PyBUF_SIMPLE, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.dict cimport PyDict_GetItemWithError, PyDict_Next, PyDict_Size
from cpython.object cimport PyObject
from cpython.unicode cimport PyUnicode_GET_LENGTH, PyUnicode_READ_CHAR
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memchr, memcmp, memcpy

import numpy as np
from orjson import loads

from conformance.analysis.scale.gathering import LONGEST_ID, NUMBER
from conformance.analysis.scale.piece import MOST_TOLD, Trouble, when
from conformance.analysis.scale.records import RECORD, none
from conformance.analysis.scale.splitting import NOT_WHOLE, Line

cdef extern from *:
    """
    #ifndef CORE_DIGEST
    #define CORE_DIGEST ""
    #endif
    """
    const char* CORE_DIGEST

cdef extern from "Python.h":
    bint PyUnicode_CheckExact(object)
    bint PyDict_CheckExact(object)
    bint PyList_CheckExact(object)
    Py_ssize_t PyList_GET_SIZE(object)
    PyObject* PyList_GET_ITEM(object, Py_ssize_t)

BLANK = Trouble.BLANK
cdef Py_ssize_t MOST = MOST_TOLD
cdef Py_ssize_t LONGEST = LONGEST_ID
DIGEST = CORE_DIGEST.decode()

include "_quick.pxi"


cdef class Walk:
    cdef dict by_type, references, codes, extensions, modifiers, identifiers
    cdef list defined, places, numbers
    cdef Py_ssize_t lines, resources, without, blank

    cdef int settle(self) except -1:
        """Bring what was counted here into the piece, which tells the line that is being read."""
        self.piece.lines += self.lines
        self.piece.resources += self.resources
        self.piece.without_update += self.without
        if self.blank:
            self.piece.troubles[BLANK] += self.blank
        self.lines = self.resources = self.without = self.blank = 0
        return 0
    cdef object place, counts, piece, gathering

    cdef int took(self, bint told) except -1:
        """Count a resource, which told or did not tell when it was changed."""
        self.lines += 1
        self.resources += 1
        self.without += not told
        return 0

    cdef bint ordinary(self, bytes line) except -1:
        """Gather from a line that has nothing odd about it; False, with nothing noted, from every other."""
        cdef const unsigned char* text = <const unsigned char*>PyBytes_AS_STRING(line)
        cdef Py_ssize_t members, size = PyBytes_GET_SIZE(line)
        if size < 2 or text[0] != 123 or text[size - 1] == 13:
            return False
        try:
            resource = loads(line)
        except ValueError:
            return False
        if not PyDict_CheckExact(resource):
            return False
        kind = (<dict>resource).get("resourceType")
        identity = (<dict>resource).get("id")
        meta = (<dict>resource).get("meta")
        if (
            kind is None or not PyUnicode_CheckExact(kind) or kind not in <dict>NUMBER
            or identity is None or not PyUnicode_CheckExact(identity) or PyUnicode_GET_LENGTH(identity) == 0
        ):
            return False
        found = self.by_type.get(kind)
        if found is None:
            found = self.by_type[kind] = {}
        self.references = found
        self.lines += 1
        members = self.within(resource)
        if has_odd_text(text, size, members):
            self.settle()
            self.gathering.look_closer(line, members, self.place)
        self.defined.append((<str>kind) + "/" + (<str>identity))
        self.places.append(self.place)
        self.numbers.append((<dict>NUMBER)[kind])
        self.counts[kind] = self.counts.get(kind, 0) + 1
        self.resources += 1
        updated = (<dict>meta).get("lastUpdated") if meta is not None and PyDict_CheckExact(meta) else None
        instant = when(updated) if updated is not None and PyUnicode_CheckExact(updated) else ""
        if instant:
            self.piece.saw_update(kind, instant)
        else:
            self.without += 1
        return True

    cdef int count(self, dict tally, object what) except -1:
        cdef PyObject* seen = PyDict_GetItemWithError(tally, what)
        if seen == NULL:
            tally[what] = [1, self.place]
        else:
            (<list>seen)[0] += 1
        return 0

    cdef int listed(self, dict tally, object extensions) except -1:
        if not PyList_CheckExact(extensions):
            return 0
        for extension in <list>extensions:
            if PyDict_CheckExact(extension):
                url = (<dict>extension).get("url")
                if url is not None and PyUnicode_CheckExact(url) and ":" in <str>url:
                    self.count(tally, url)
        return 0

    cdef int coded(self, dict node, object system) except -1:
        code = node.get("code")
        if code is not None and PyUnicode_CheckExact(code):
            self.count(self.codes, (system, code))
        elif "value" in node and ":" in <str>system:
            self.count(self.identifiers, system)
        return 0

    cdef Py_ssize_t within(self, object node) except -1:
        """Note what a value names; gives how many members its objects have. A reader of JSON has bounded the depth."""
        cdef Py_ssize_t at = 0, members = 0, size
        cdef PyObject* key
        cdef PyObject* value
        if PyList_CheckExact(node):
            for at in range(PyList_GET_SIZE(node)):
                item = <object>PyList_GET_ITEM(node, at)
                if PyDict_CheckExact(item) or PyList_CheckExact(item):
                    members += self.within(item)
            return members
        members = PyDict_Size(node)
        while PyDict_Next(node, &at, &key, &value):
            held = <object>value
            size = PyUnicode_GET_LENGTH(<object>key)
            if PyUnicode_CheckExact(held):
                if size == 9:
                    if <str>(<object>key) == "reference" and not (
                        PyUnicode_GET_LENGTH(held) and PyUnicode_READ_CHAR(held, 0) == 35
                    ):
                        self.count(self.references, held)
                elif size == 6:
                    if <str>(<object>key) == "system":
                        self.coded(<dict>node, held)
            elif PyDict_CheckExact(held):
                members += self.within(held)
            elif PyList_CheckExact(held):
                if size == 9:
                    if <str>(<object>key) == "extension":
                        self.listed(self.extensions, held)
                elif size == 17:
                    if <str>(<object>key) == "modifierExtension":
                        self.listed(self.modifiers, held)
                members += self.within(held)
        return members


def take_all(regions, gathering):
    """As `gathering.take_all`: what is odd about a line goes to `Gathering.take`."""
    cdef Walk walk = Walk.__new__(Walk)
    cdef Quick quick = Quick(gathering.piece, gathering.file, gathering.urns_are_elsewhere)
    cdef bytes data
    cdef Py_ssize_t begin, end, size
    cdef const unsigned char* text
    cdef const unsigned char* newline
    piece = gathering.piece
    walk.by_type = gathering.references
    walk.codes = gathering.codes
    walk.extensions = gathering.extensions
    walk.modifiers = gathering.modifiers
    walk.identifiers = gathering.identifiers
    walk.defined = gathering.defined
    walk.places = gathering.places
    walk.numbers = gathering.numbers
    walk.counts = piece.counts
    walk.piece = piece
    walk.gathering = gathering
    walk.resources = walk.without = walk.lines = walk.blank = 0
    cdef Py_ssize_t told = 0
    cdef bint judges = gathering.judge is not None
    for region in regions:
        data = region.data
        offset = region.offset
        text = <const unsigned char*>PyBytes_AS_STRING(data)
        size = PyBytes_GET_SIZE(data)
        if isinstance(region, Line):
            if region.ended and region.length == size and quick.take(text, text + size, text + size, offset):
                walk.took(quick.saw_update())
                if judges:
                    walk.settle()
                    gathering.validate(data, offset)
            else:
                walk.settle()
                gathering.take(region)
            continue
        if size == 0 or text[size - 1] != 10:
            raise ValueError(NOT_WHOLE)
        begin = 0
        while begin < size:
            newline = <const unsigned char*>memchr(text + begin, 10, size - begin)
            end = newline - text
            if end == begin and told >= MOST:
                walk.lines += 1
                walk.blank += 1
                begin += 1
                continue
            if quick.take(text + begin, newline, text + size, offset + begin):
                walk.took(quick.saw_update())
                if judges:
                    walk.settle()
                    gathering.validate(PyBytes_FromStringAndSize(<char*>text + begin, end - begin), offset + begin)
                begin = end + 1
                continue
            line = PyBytes_FromStringAndSize(<char*>text + begin, end - begin)
            walk.place = offset + begin
            if not walk.ordinary(<bytes>line):
                walk.settle()
                told += end == begin
                gathering.take(Line(offset + begin, line, end - begin))
            elif judges:
                walk.settle()
                gathering.validate(line, walk.place)
            begin = end + 1
    walk.settle()
    quick.finish(gathering)


def plain_target(str text):
    """As `gathering.plain_target`."""
    cdef Py_ssize_t at, size = PyUnicode_GET_LENGTH(text)
    cdef Py_ssize_t slash = text.find("/")
    cdef Py_UCS4 letter
    cdef bint some = False
    if slash < 1 or slash == size - 1 or size - slash - 1 > LONGEST:
        return ""
    for at in range(slash + 1, size):
        letter = PyUnicode_READ_CHAR(text, at)
        if 48 <= letter <= 57 or 65 <= letter <= 90 or 97 <= letter <= 122:
            some = True
        elif letter != 45 and letter != 46:
            return ""
    kind = text[:slash]
    return kind if some and kind in <dict>NUMBER else ""


cdef bint has_odd_text(const unsigned char* text, Py_ssize_t size, Py_ssize_t expected):
    """Whether a text may name a member twice or hold U+0000: then `scanning.scan` decides.

    A loop that a compiler turns into vector instructions. Members are as many as quotes before colons, unless a quote
    stands before white space; only an escape by number can be U+0000.
    """
    cdef Py_ssize_t at
    cdef unsigned int members = 0, odd = 0
    for at in range(size - 1):
        members += (text[at] == 34) & (text[at + 1] == 58)
        odd |= (text[at] == 92) & (text[at + 1] == 117)
        odd |= (text[at] == 34) & ((text[at + 1] == 32) | (text[at + 1] == 9) | (text[at + 1] == 13))
    return odd or members != expected
