/* What was named, how often and where first, by its text; and the records of it, as `records.RECORD` lays them out. */

#include <Python.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#pragma pack(push, 1)
typedef struct {
    uint64_t high, low;
    uint8_t kind;
    uint16_t source, target;
    uint64_t count;
    uint32_t file;
    uint64_t offset;
} Row;
#pragma pack(pop)

/* `split` is where a system ends and its code begins, behind a bar; 0 where there is none. */
typedef struct {
    uint64_t hash, count, place;
    size_t at;
    uint32_t size, split;
    uint16_t source;
    uint8_t kind;
} Entry;

typedef struct {
    Entry *entries;
    uint32_t *slots;
    uint8_t *texts;
    size_t count, room, mask, written, space;
} Tally;

static inline uint64_t stirred(uint64_t a, uint64_t b) {
    a = (a ^ b) * 0x9E3779B97F4A7C15u;
    return a ^ a >> 29;
}

static int larger_table(Tally *tally) {
    size_t room = tally->room ? tally->room * 2 : 4096, slots = room * 2;
    Entry *entries = realloc(tally->entries, room * sizeof(Entry));
    uint32_t *fresh;
    if (entries == NULL)
        return 0;
    tally->entries = entries;
    fresh = calloc(slots, sizeof(uint32_t));
    if (fresh == NULL)
        return 0;
    free(tally->slots);
    tally->slots = fresh;
    tally->room = room;
    tally->mask = slots - 1;
    for (size_t number = 0; number < tally->count; number++) {
        size_t slot = entries[number].hash & tally->mask;
        while (fresh[slot])
            slot = (slot + 1) & tally->mask;
        fresh[slot] = (uint32_t)number + 1;
    }
    return 1;
}

static int more_space(Tally *tally, size_t size) {
    size_t space = tally->space ? tally->space : 1 << 16;
    uint8_t *larger;
    while (space - tally->written < size)
        space *= 2;
    larger = realloc(tally->texts, space);
    if (larger == NULL)
        return 0;
    tally->texts = larger;
    tally->space = space;
    return 1;
}

/* Count a text, or a system and its code, so many times more; 0 where there is no memory.

Python's own hash is used, whose seed nobody knows who wrote the file: no texts can be made that all fall together.
*/
static int tallied(Tally *tally, int kind, unsigned source, const uint8_t *first, size_t first_size,
                   const uint8_t *second, size_t second_size, uint64_t times, uint64_t place) {
    size_t size = first_size + (second != NULL ? second_size + 1 : 0), slot;
    uint32_t split = second != NULL ? (uint32_t)first_size : 0;
    uint64_t hash;
    uint8_t *text;
    Entry *entry;
    if (size > UINT32_MAX || tally->count >= UINT32_MAX - 1)
        return 0;
    if ((tally->texts == NULL || tally->space - tally->written < size) && !more_space(tally, size))
        return 0;
    if (tally->count == tally->room && !larger_table(tally))
        return 0;
    text = tally->texts + tally->written; /* kept only where it is fresh */
    memcpy(text, first, first_size);
    if (second != NULL) {
        text[first_size] = '|';
        memcpy(text + first_size + 1, second, second_size);
    }
    hash = (uint64_t)PyHash_GetFuncDef()->hash(text, (Py_ssize_t)size);
    hash = stirred(hash, (uint64_t)kind << 48 ^ (uint64_t)source << 32 ^ split);
    for (slot = hash & tally->mask; tally->slots[slot]; slot = (slot + 1) & tally->mask) {
        entry = tally->entries + tally->slots[slot] - 1;
        if (entry->hash == hash && entry->size == size && entry->split == split && entry->kind == kind &&
            entry->source == source && memcmp(tally->texts + entry->at, text, size) == 0) {
            entry->count += times;
            return 1;
        }
    }
    entry = tally->entries + tally->count++;
    tally->slots[slot] = (uint32_t)tally->count;
    *entry = (Entry){hash, times, place, tally->written, (uint32_t)size, split, (uint16_t)source, (uint8_t)kind};
    tally->written += size;
    return 1;
}

/* Keep memory that is freed: each batch of lines takes as much again, and pages that are fresh have to be cleared. */
static void keep_freed_memory(void) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 256 << 20);
    mallopt(M_TOP_PAD, 4 << 20);
#endif
}

static void forget(Tally *tally) {
    free(tally->entries);
    free(tally->slots);
    free(tally->texts);
}

/* The names of types and their numbers. */

#define SLOTS 1024

static struct {
    const uint8_t *name;
    size_t size;
    unsigned number;
} types[SLOTS];

static size_t slot_of(const uint8_t *name, size_t size) {
    uint64_t first = 0, last = 0;
    size_t part = size < 8 ? size : 8;
    memcpy(&first, name, part);
    memcpy(&last, name + size - part, part);
    return (size_t)(stirred(stirred(first, size), last) >> 54);
}

static void learn_type(const uint8_t *name, size_t size, unsigned number) {
    size_t slot = slot_of(name, size);
    while (types[slot].name != NULL)
        slot = (slot + 1) % SLOTS;
    types[slot].name = name;
    types[slot].size = size;
    types[slot].number = number;
}

/* The number of the type of this name; 0 where there is none. */
static unsigned type_number(const uint8_t *name, size_t size) {
    for (size_t slot = slot_of(name, size); types[slot].name != NULL; slot = (slot + 1) % SLOTS)
        if (types[slot].size == size && memcmp(types[slot].name, name, size) == 0)
            return types[slot].number;
    return 0;
}

/* As `gathering.plain_target`, by number. */
static unsigned plain_number(const uint8_t *text, size_t size, size_t longest) {
    const uint8_t *slash = memchr(text, '/', size), *at;
    int some = 0;
    if (slash == NULL || (size_t)(text + size - slash) - 1 > longest)
        return 0;
    for (at = slash + 1; at < text + size; at++) {
        if ((*at >= '0' && *at <= '9') || (*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z'))
            some = 1;
        else if (*at != '-' && *at != '.')
            return 0;
    }
    return some ? type_number(text, (size_t)(slash - text)) : 0;
}

/* Whether a reference is a URN, as `naming.other_target` tells it from others. */
static int is_urn(const uint8_t *text, size_t size) {
    if (size < 4 || memcmp(text, "urn:", 4))
        return 0;
    for (size_t at = 3; at + 2 < size; at++)
        if (text[at] == ':' && text[at + 1] == '/' && text[at + 2] == '/')
            return 0;
    return 1;
}

/* Whether an instant is written as `piece.ORDINARY` has it. */
static int is_ordinary_instant(const uint8_t *s, Py_ssize_t size) {
    static const char FORM[] = "0000-00-00T00:00:00.000Z";
    int month, day;
    if (size != 24)
        return 0;
    for (int i = 0; i < 24; i++)
        if (FORM[i] == '0' ? s[i] < '0' || s[i] > '9' : s[i] != (uint8_t)FORM[i])
            return 0;
    month = (s[5] - '0') * 10 + s[6] - '0';
    day = (s[8] - '0') * 10 + s[9] - '0';
    return memcmp(s, "0000", 4) && month >= 1 && month <= 12 && day >= 1 && day <= 28 &&
           (s[11] - '0') * 10 + s[12] - '0' <= 23 && s[14] <= '5' && s[17] <= '5';
}

/* BLAKE2b of 16 bytes without a key: RFC 7693. */

static const uint64_t BEGINNING[8] = {
    0x6A09E667F3BCC908u, 0xBB67AE8584CAA73Bu, 0x3C6EF372FE94F82Bu, 0xA54FF53A5F1D36F1u,
    0x510E527FADE682D1u, 0x9B05688C2B3E6C1Fu, 0x1F83D9ABFB41BD6Bu, 0x5BE0CD19137E2179u,
};

static const uint8_t ORDER[12][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
};

static inline uint64_t turned(uint64_t word, int by) { return word >> by | word << (64 - by); }

#define MIX(a, b, c, d, x, y)                                                                                          \
    v[a] += v[b] + (x), v[d] = turned(v[d] ^ v[a], 32), v[c] += v[d], v[b] = turned(v[b] ^ v[c], 24),                  \
        v[a] += v[b] + (y), v[d] = turned(v[d] ^ v[a], 16), v[c] += v[d], v[b] = turned(v[b] ^ v[c], 63)

static void pressed(uint64_t h[8], const uint8_t *block, uint64_t size, int last) {
    uint64_t v[16], m[16];
    memcpy(m, block, sizeof m);
    for (int i = 0; i < 8; i++) {
        v[i] = h[i];
        v[i + 8] = BEGINNING[i];
    }
    v[12] ^= size;
    if (last)
        v[14] = ~v[14];
    for (int round = 0; round < 12; round++) {
        const uint8_t *s = ORDER[round];
        MIX(0, 4, 8, 12, m[s[0]], m[s[1]]);
        MIX(1, 5, 9, 13, m[s[2]], m[s[3]]);
        MIX(2, 6, 10, 14, m[s[4]], m[s[5]]);
        MIX(3, 7, 11, 15, m[s[6]], m[s[7]]);
        MIX(0, 5, 10, 15, m[s[8]], m[s[9]]);
        MIX(1, 6, 11, 12, m[s[10]], m[s[11]]);
        MIX(2, 7, 8, 13, m[s[12]], m[s[13]]);
        MIX(3, 4, 9, 14, m[s[14]], m[s[15]]);
    }
    for (int i = 0; i < 8; i++)
        h[i] ^= v[i] ^ v[i + 8];
}

static void digested(const uint8_t *text, size_t size, Row *row) {
    uint64_t h[8], done = 0;
    uint8_t block[128] = {0};
    memcpy(h, BEGINNING, sizeof h);
    h[0] ^= 0x01010000u ^ 16;
    while (size > 128) {
        done += 128;
        pressed(h, text, done, 0);
        text += 128;
        size -= 128;
    }
    memcpy(block, text, size);
    pressed(h, block, done + size, 1);
    row->high = h[0];
    row->low = h[1];
}

/* Records in order, those of the same thing added up: as `records.reduced`. */

static int in_order(const void *one, const void *other) {
    const Row *a = one, *b = other;
#define BY(member)                                                                                                     \
    if (a->member != b->member)                                                                                        \
        return a->member < b->member ? -1 : 1
    BY(high);
    BY(low);
    BY(kind);
    BY(source);
    BY(file);
    BY(offset);
#undef BY
    return 0;
}

static void ordered(Row *rows, size_t count) {
    if (count > 24) {
        qsort(rows, count, sizeof(Row), in_order);
        return;
    }
    for (size_t at = 1; at < count; at++) {
        Row row = rows[at];
        size_t to = at;
        for (; to && in_order(&row, rows + to - 1) < 0; to--)
            rows[to] = rows[to - 1];
        rows[to] = row;
    }
}

/* Put the records in order into `fresh`, which has room for all; gives how many are left, or -1 for want of memory.

Hashes are spread evenly: first they are dealt into as many heaps as there are records, then each heap is ordered.
*/
static Py_ssize_t reduced_into(const Row *rows, size_t count, Row *fresh) {
    uint64_t lowest = UINT64_MAX, highest = 0;
    size_t heaps = 1, left = 0, *ends;
    int shift = 0;
    if (count == 0)
        return 0;
    for (size_t at = 0; at < count; at++) {
        lowest = rows[at].high < lowest ? rows[at].high : lowest;
        highest = rows[at].high > highest ? rows[at].high : highest;
    }
    while (heaps < count && heaps < (size_t)1 << 24)
        heaps *= 2;
    while ((highest - lowest) >> shift >= heaps)
        shift++;
    ends = calloc(heaps + 1, sizeof(size_t));
    if (ends == NULL)
        return -1;
    for (size_t at = 0; at < count; at++)
        ends[((rows[at].high - lowest) >> shift) + 1]++;
    for (size_t heap = 0; heap < heaps; heap++)
        ends[heap + 1] += ends[heap];
    for (size_t at = 0; at < count; at++)
        fresh[ends[(rows[at].high - lowest) >> shift]++] = rows[at];
    for (size_t heap = 0, start = 0; heap < heaps; start = ends[heap++])
        ordered(fresh + start, ends[heap] - start);
    free(ends);
    for (size_t at = 1; at < count; at++) {
        Row *last = fresh + left, *next = fresh + at;
        if (last->high == next->high && last->low == next->low && last->kind == next->kind &&
            last->source == next->source)
            last->count += next->count;
        else
            fresh[++left] = *next;
    }
    return (Py_ssize_t)left + 1;
}
