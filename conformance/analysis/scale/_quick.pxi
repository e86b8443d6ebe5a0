# Ordinary lines read without making objects of them: `_scanner.h` says what is ordinary, `_tally.h` counts.

cdef extern from "_scanner.h":
    ctypedef struct Span:
        const unsigned char* text
        Py_ssize_t size

    ctypedef struct Named:
        int kind
        Span first
        Span second

    ctypedef struct Scan:
        Named* named
        Py_ssize_t count
        Span type
        Span identity
        Span updated
        int failed

    enum:
        DEFINED
        REFERENCE
        CODE
        SYSTEM

    bint is_ordinary(
        const unsigned char* text, const unsigned char* end, const unsigned char* readable, Scan* scan, int* foreign
    ) noexcept nogil

cdef extern from "_tally.h":
    ctypedef struct Row:
        uint64_t high
        uint64_t low
        uint8_t kind
        uint16_t source
        uint16_t target
        uint64_t count
        uint32_t file
        uint64_t offset

    ctypedef struct Entry:
        uint64_t count
        uint64_t place
        size_t at
        uint32_t size
        uint32_t split
        uint16_t source
        uint8_t kind

    ctypedef struct Tally:
        Entry* entries
        unsigned char* texts
        size_t count

    bint tallied(
        Tally* tally, int kind, unsigned source, const unsigned char* first, size_t first_size,
        const unsigned char* second, size_t second_size, uint64_t times, uint64_t place
    ) noexcept nogil
    void forget(Tally* tally) noexcept nogil
    void keep_freed_memory() noexcept nogil
    void learn_type(const unsigned char* name, size_t size, unsigned number) noexcept nogil
    unsigned type_number(const unsigned char* name, size_t size) noexcept nogil
    unsigned plain_number(const unsigned char* text, size_t size, size_t longest) noexcept nogil
    bint is_urn(const unsigned char* text, size_t size) noexcept nogil
    bint is_ordinary_instant(const unsigned char* text, Py_ssize_t size) noexcept nogil
    void digested(const unsigned char* text, size_t size, Row* row) noexcept nogil
    Py_ssize_t reduced_into(const Row* rows, size_t count, Row* fresh) noexcept nogil

cdef enum:
    TYPES = 1024

NAMES = {number: name for name, number in NUMBER.items()}
WRITTEN = {name: name.encode() for name in NUMBER}
if max(NAMES) >= TYPES // 2 or RECORD.itemsize != sizeof(Row):
    raise ImportError("the numbers of types or the form of records are not what this core was made for")
for _name, _number in NUMBER.items():
    learn_type(<const unsigned char*>PyBytes_AS_STRING(WRITTEN[_name]), len(_name), _number)


def keep_memory():
    """Keep memory that is freed, in all of this process: to be called by what examines and does nothing else."""
    keep_freed_memory()


cdef struct Bounds:
    uint64_t resources
    uint64_t urns
    bint known
    char earliest[24]
    char latest[24]


cdef class Quick:
    """What was gathered from ordinary lines. `finish` brings it to where what was read otherwise is."""

    cdef Scan* scan
    cdef Tally tally
    cdef Row* rows
    cdef size_t defined, room
    cdef uint32_t file
    cdef Bounds* bounds
    cdef bint urns_are_elsewhere
    cdef object piece

    def __cinit__(self, piece, uint32_t file, bint urns_are_elsewhere):
        self.piece = piece
        self.file = file
        self.urns_are_elsewhere = urns_are_elsewhere
        self.scan = <Scan*>calloc(1, sizeof(Scan))
        self.bounds = <Bounds*>calloc(TYPES, sizeof(Bounds))
        if self.scan == NULL or self.bounds == NULL:
            raise MemoryError

    def __dealloc__(self):
        if self.scan != NULL:
            free(self.scan.named)
        free(self.scan)
        free(self.bounds)
        free(self.rows)
        forget(&self.tally)

    cdef bint take(
        self, const unsigned char* text, const unsigned char* end, const unsigned char* readable, uint64_t place
    ) except -1:
        """Gather from an ordinary line; False, with nothing noted, from every other."""
        cdef int foreign = 0
        cdef unsigned number
        cdef Py_ssize_t at
        cdef Named* one
        cdef Row* row
        if not is_ordinary(text, end, readable, self.scan, &foreign):
            if self.scan.failed:
                raise MemoryError
            return False
        number = type_number(self.scan.type.text, self.scan.type.size)
        if not number or (foreign and not is_utf8(text, end - text)):
            return False
        row = self.fresh_row()
        row.kind = DEFINED
        row.source = row.target = number
        row.count = 1
        row.file = self.file
        row.offset = place
        self.digest_name(row)
        for at in range(self.scan.count):
            one = self.scan.named + at
            if one.kind == REFERENCE and self.urns_are_elsewhere and is_urn(one.first.text, one.first.size):
                self.bounds[number].urns += 1
                continue
            if not tallied(
                &self.tally, one.kind, number if one.kind == REFERENCE else 0, one.first.text, one.first.size,
                one.second.text, one.second.size, 1, place,
            ):
                raise MemoryError
        self.bounds[number].resources += 1
        return True

    cdef bint saw_update(self) except -1:
        """Note when the resource just taken was changed; False where it does not tell."""
        cdef Bounds* bounds = self.bounds + type_number(self.scan.type.text, self.scan.type.size)
        cdef Span told = self.scan.updated
        if told.text == NULL:
            return False
        if not is_ordinary_instant(told.text, told.size):
            instant = when(told.text[:told.size].decode())
            if instant:
                kind = self.scan.type.text[:self.scan.type.size].decode()
                self.piece.saw_update(kind, instant)
            return bool(instant)
        if not bounds.known or memcmp(told.text, bounds.earliest, 24) < 0:
            memcpy(bounds.earliest, told.text, 24)
        if not bounds.known or memcmp(told.text, bounds.latest, 24) > 0:
            memcpy(bounds.latest, told.text, 24)
        bounds.known = True
        return True

    cdef Row* fresh_row(self) except NULL:
        cdef Row* larger
        cdef size_t room
        if self.defined == self.room:
            room = self.room * 2 if self.room else 4096
            larger = <Row*>realloc(self.rows, room * sizeof(Row))
            if larger == NULL:
                raise MemoryError
            self.rows = larger
            self.room = room
        self.defined += 1
        return self.rows + self.defined - 1

    cdef int digest_name(self, Row* row) except -1:
        """The digest of `Type/id`."""
        cdef unsigned char name[256]
        cdef Span kind = self.scan.type, identity = self.scan.identity
        cdef size_t size = kind.size + 1 + identity.size
        if size <= sizeof(name):
            memcpy(name, kind.text, kind.size)
            name[kind.size] = 47
            memcpy(name + kind.size + 1, identity.text, identity.size)
            digested(name, size, row)
        else:
            whole = kind.text[:kind.size] + b"/" + identity.text[:identity.size]
            digested(<const unsigned char*>PyBytes_AS_STRING(whole), size, row)
        return 0

    cdef int finish(self, gathering) except -1:
        """The records to the others, with the facts that are no records; references out of the ordinary as texts."""
        cdef size_t at, named = self.tally.count
        cdef unsigned target
        cdef int number
        cdef Entry entry
        cdef const unsigned char* text
        cdef Row* row
        for at in range(named):
            entry = self.tally.entries[at]
            if entry.kind == CODE and not self.add_system(entry):
                raise MemoryError
        for at in range(self.tally.count):
            entry = self.tally.entries[at]
            text = self.tally.texts + entry.at
            target = 0
            if entry.kind == REFERENCE:
                target = plain_number(text, entry.size, LONGEST)
                if not target:
                    refer(gathering.references, NAMES[entry.source], text[:entry.size].decode(), entry)
                    continue
            row = self.fresh_row()
            row.kind = entry.kind
            row.source = entry.source
            row.target = target
            row.count = entry.count
            row.file = self.file
            row.offset = entry.place
            digested(text, entry.size, row)
        gathering.rows = PyBytes_FromStringAndSize(<char*>self.rows, self.defined * sizeof(Row))
        for number in range(1, TYPES):
            if self.bounds[number].resources:
                name = NAMES[number]
                self.piece.counts[name] += self.bounds[number].resources
                if self.bounds[number].urns:
                    self.piece.others[name, "urn"] += self.bounds[number].urns
                if self.bounds[number].known:
                    self.piece.saw_update(name, self.bounds[number].earliest[:24].decode())
                    self.piece.saw_update(name, self.bounds[number].latest[:24].decode())
        return 0

    cdef bint add_system(self, Entry entry) except -1:
        # copied first: counting may move all texts
        system = self.tally.texts[entry.at:entry.at + entry.split]
        return tallied(
            &self.tally, SYSTEM, 0, <const unsigned char*>PyBytes_AS_STRING(system), entry.split, NULL, 0,
            entry.count, entry.place,
        )


cdef int refer(dict references, str kind, str text, Entry entry) except -1:
    tally = references.setdefault(kind, {})
    seen = tally.get(text)
    if seen is None:
        tally[text] = [entry.count, entry.place]
    else:
        seen[0] += entry.count
        seen[1] = min(seen[1], entry.place)
    return 0


cdef bint is_utf8(const unsigned char* text, Py_ssize_t size):
    try:
        text[:size].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def reduced(several):
    """As `records.reduced`."""
    cdef Py_buffer rows, fresh
    cdef Py_ssize_t left
    together = np.concatenate([none(), *several])
    found = np.empty_like(together)
    PyObject_GetBuffer(together, &rows, PyBUF_SIMPLE)
    try:
        PyObject_GetBuffer(found, &fresh, PyBUF_WRITABLE)
        left = reduced_into(<const Row*>rows.buf, rows.len // sizeof(Row), <Row*>fresh.buf)
        PyBuffer_Release(&fresh)
    finally:
        PyBuffer_Release(&rows)
    if left < 0:
        raise MemoryError
    return found[:left]
