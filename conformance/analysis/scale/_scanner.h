/* What the text of an ordinary resource names, read in one pass; a text with anything odd about it is left to others.

Ordinary is a part of what RFC 8259 allows: an object of no great depth, names without escapes and each once in its
object, no escape by number, no exponent, no number of many digits. What stands in such a text is what any reader reads.
A text ends before a byte that no JSON text holds: a newline, or the zero behind a bytes object.
*/

#include <Python.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define DEEPEST 64
#define MOST_MEMBERS 64
#define MOST_DIGITS 18
#define MOST_IN_NUMBER 40

typedef struct {
    const uint8_t *text;
    Py_ssize_t size;
} Span;

/* As `records.Kind`; other names are of places only. */
enum { DEFINED, REFERENCE, CODE, EXTENSION, MODIFIER, IDENTIFIER, SYSTEM };
enum { ANY, REFERS, OF_SYSTEM, HAS_CODE, HAS_VALUE, HAS_URL, EXTENDS, MODIFIES, TYPE, IDENTITY, META, UPDATED };

typedef struct {
    int kind;
    Span first, second;
} Named;

typedef struct {
    Span system, code, url;
    uint64_t seen;
    int array, listed, valued, meta, members;
} Frame;

typedef struct {
    Named *named;
    Py_ssize_t count, room;
    Span type, identity, updated;
    int failed; /* no memory */
    Frame frames[DEEPEST];
    uint64_t names[DEEPEST * MOST_MEMBERS];
} Scan;

static int name_it(Scan *scan, int kind, Span first, Span second) {
    if (scan->count == scan->room) {
        Py_ssize_t room = scan->room ? scan->room * 2 : 256;
        Named *larger = realloc(scan->named, room * sizeof(Named));
        if (larger == NULL) {
            scan->failed = 1;
            return 0;
        }
        scan->named = larger;
        scan->room = room;
    }
    scan->named[scan->count++] = (Named){kind, first, second};
    return 1;
}

static inline const uint8_t *without_space(const uint8_t *p) {
    while (*p == ' ' || *p == '\t' || *p == '\r')
        p++;
    return p;
}

/* The closing quote of the string that begins at p; NULL where it is none or is odd. */
static inline const uint8_t *closing(const uint8_t *p, const uint8_t *readable, int *escaped, int *foreign) {
    for (;;) {
#ifdef __SSE2__
        while (p + 16 <= readable) {
            __m128i block = _mm_loadu_si128((const __m128i *)p);
            __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(31)), block);
            __m128i odd = _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')),
                                       _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('\\')), low));
            unsigned stops = (unsigned)_mm_movemask_epi8(odd), beyond = (unsigned)_mm_movemask_epi8(block);
            if (stops) {
                int at = __builtin_ctz(stops);
                *foreign |= (beyond & ((1u << at) - 1)) != 0;
                p += at;
                break;
            }
            *foreign |= beyond != 0;
            p += 16;
        }
#endif
        while (*p != '"' && *p != '\\' && *p > 31) {
            *foreign |= *p > 127;
            p++;
        }
        if (*p == '"')
            return p;
        if (*p != '\\')
            return NULL;
        switch (p[1]) {
        case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
            *escaped = 1;
            p += 2;
            continue;
        default:
            return NULL;
        }
    }
}

/* What follows a number; NULL where it is none or is odd. */
static inline const uint8_t *after_number(const uint8_t *p) {
    const uint8_t *began, *start = p;
    if (*p == '-')
        p++;
    began = p;
    while (*p >= '0' && *p <= '9')
        p++;
    if (p == began || p - began > MOST_DIGITS || (*began == '0' && p - began > 1))
        return NULL;
    if (*p == '.') {
        const uint8_t *point = p++;
        while (*p >= '0' && *p <= '9')
            p++;
        if (p - point < 2 || p - start > MOST_IN_NUMBER)
            return NULL;
    }
    return *p == 'e' || *p == 'E' ? NULL : p;
}

static inline int role_of(const uint8_t *name, Py_ssize_t size) {
    switch (size) {
    case 2: return memcmp(name, "id", 2) ? ANY : IDENTITY;
    case 3: return memcmp(name, "url", 3) ? ANY : HAS_URL;
    case 4: return memcmp(name, "code", 4) ? (memcmp(name, "meta", 4) ? ANY : META) : HAS_CODE;
    case 5: return memcmp(name, "value", 5) ? ANY : HAS_VALUE;
    case 6: return memcmp(name, "system", 6) ? ANY : OF_SYSTEM;
    case 9: return memcmp(name, "reference", 9) ? (memcmp(name, "extension", 9) ? ANY : EXTENDS) : REFERS;
    case 11: return memcmp(name, "lastUpdated", 11) ? ANY : UPDATED;
    case 12: return memcmp(name, "resourceType", 12) ? ANY : TYPE;
    case 17: return memcmp(name, "modifierExtension", 17) ? ANY : MODIFIES;
    default: return ANY;
    }
}

/* A number that two names share only if they are the same, or long and alike. */
static inline uint64_t mark_of(const uint8_t *name, Py_ssize_t size) {
    uint64_t first = 0, last = 0;
    if (size >= 8) {
        memcpy(&first, name, 8);
        memcpy(&last, name + size - 8, 8);
        return (first ^ (last << 17 | last >> 47)) + (uint64_t)size * 0x9E3779B97F4A7C15u;
    }
    memcpy(&first, name, size);
    return first + (uint64_t)size * 0x9E3779B97F4A7C15u;
}

/* Whether a member of this name is the first one in its object, as far as it can be told quickly. */
static inline int is_fresh(Scan *scan, int depth, const uint8_t *name, Py_ssize_t size) {
    Frame *frame = &scan->frames[depth];
    uint64_t mark = mark_of(name, size), *known = scan->names + depth * MOST_MEMBERS;
    uint64_t bit = (uint64_t)1 << (mark * 0x9E3779B97F4A7C15u >> 58);
    if (frame->members == MOST_MEMBERS)
        return 0;
    if (frame->seen & bit)
        for (int at = 0; at < frame->members; at++)
            if (known[at] == mark)
                return 0;
    frame->seen |= bit;
    known[frame->members++] = mark;
    return 1;
}

static inline void enter(Scan *scan, int depth, int array, int listed, int meta) {
    Frame *frame = &scan->frames[depth];
    frame->array = array;
    frame->listed = listed;
    frame->meta = meta;
    frame->seen = 0;
    frame->members = frame->valued = 0;
    frame->system.text = frame->code.text = frame->url.text = NULL;
}

static inline int has_colon(Span span) { return memchr(span.text, ':', span.size) != NULL; }

/* Note what an object named that is over. */
static inline int leave(Scan *scan, const Frame *frame) {
    Span none = {NULL, 0};
    if (frame->system.text != NULL) {
        if (frame->code.text != NULL) {
            if (!name_it(scan, CODE, frame->system, frame->code))
                return 0;
        } else if (frame->valued && has_colon(frame->system) && !name_it(scan, IDENTIFIER, frame->system, none))
            return 0;
    }
    if (frame->url.text != NULL && has_colon(frame->url))
        return name_it(scan, frame->listed == EXTENDS ? EXTENSION : MODIFIER, frame->url, none);
    return 1;
}

/* Note a string of a member that has this role; false where it can only be read by unescaping it. */
static inline int note(Scan *scan, int depth, int role, Span text, int escaped) {
    Frame *frame = &scan->frames[depth];
    Span *wanted = NULL, none = {NULL, 0};
    switch (role) {
    case REFERS:
        return !escaped && ((text.size && text.text[0] == '#') || name_it(scan, REFERENCE, text, none));
    case OF_SYSTEM: wanted = &frame->system; break;
    case HAS_CODE: wanted = &frame->code; break;
    case HAS_URL: wanted = frame->listed ? &frame->url : NULL; break;
    case TYPE: wanted = depth ? NULL : &scan->type; break;
    case IDENTITY: wanted = depth ? NULL : &scan->identity; break;
    case UPDATED: wanted = frame->meta ? &scan->updated : NULL; break;
    default: break;
    }
    if (wanted == NULL)
        return 1;
    *wanted = text;
    return !escaped;
}

/* Whether the text is ordinary; then `scan` has what it names. `readable` is up to where memory may be read. */
static int is_ordinary(const uint8_t *p, const uint8_t *end, const uint8_t *readable, Scan *scan, int *foreign) {
    int depth = 0, role = ANY, escaped;
    const uint8_t *quote;
    Frame *frame;
    scan->count = 0;
    scan->type.text = scan->identity.text = scan->updated.text = NULL;
    *foreign = 0;
    if (*p != '{')
        return 0;
    enter(scan, 0, 0, 0, 0);
    p = without_space(p + 1);
    if (*p != '"')
        return 0;
name:
    if (*p != '"')
        return 0;
    escaped = 0;
    quote = closing(p + 1, readable, &escaped, foreign);
    if (quote == NULL || escaped || !is_fresh(scan, depth, p + 1, quote - p - 1))
        return 0;
    role = role_of(p + 1, quote - p - 1);
    scan->frames[depth].valued |= role == HAS_VALUE;
    p = without_space(quote + 1);
    if (*p != ':')
        return 0;
    p = without_space(p + 1);
value:
    switch (*p) {
    case '"':
        escaped = 0;
        quote = closing(p + 1, readable, &escaped, foreign);
        if (quote == NULL)
            return 0;
        if (role != ANY && !note(scan, depth, role, (Span){p + 1, quote - p - 1}, escaped))
            return 0;
        p = quote + 1;
        break;
    case '{':
    case '[':
        if (++depth == DEEPEST)
            return 0;
        frame = &scan->frames[depth - 1];
        if (*p == '{') {
            enter(scan, depth, 0, frame->array ? frame->listed : 0, depth == 1 && role == META);
            p = without_space(p + 1);
            if (*p != '}')
                goto name;
        } else {
            enter(scan, depth, 1, role == EXTENDS || role == MODIFIES ? role : 0, 0);
            role = ANY;
            p = without_space(p + 1);
            if (*p != ']')
                goto value;
        }
        goto over;
    case 't':
        if (end - p < 4 || memcmp(p, "true", 4))
            return 0;
        p += 4;
        break;
    case 'f':
        if (end - p < 5 || memcmp(p, "false", 5))
            return 0;
        p += 5;
        break;
    case 'n':
        if (end - p < 4 || memcmp(p, "null", 4))
            return 0;
        p += 4;
        break;
    default:
        p = after_number(p);
        if (p == NULL)
            return 0;
    }
after:
    p = without_space(p);
    frame = &scan->frames[depth];
    if (*p == ',') {
        p = without_space(p + 1);
        role = ANY;
        if (frame->array)
            goto value;
        goto name;
    }
    if (*p != (frame->array ? ']' : '}'))
        return 0;
over:
    if (!scan->frames[depth].array && !leave(scan, &scan->frames[depth]))
        return 0;
    p++;
    if (depth--)
        goto after;
    while (*p == ' ' || *p == '\t')
        p++;
    return p == end && scan->type.text != NULL && scan->identity.text != NULL && scan->identity.size;
}
