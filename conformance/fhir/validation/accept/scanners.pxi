# Lexical forms over ASCII text, one function a type; the same forms as `lexical`, which judges all other text.

from libc.stdint cimport uint64_t
from libc.string cimport memchr, memcmp, memcpy

ctypedef const unsigned char* Text


cdef inline bint is_digit(unsigned char c) noexcept nogil:
    return 48 <= c <= 57


cdef inline bint is_letter(unsigned char c) noexcept nogil:
    return 65 <= c <= 90 or 97 <= c <= 122


cdef inline bint is_name(unsigned char c) noexcept nogil:
    return is_digit(c) or is_letter(c) or c == 45 or c == 46


cdef inline int two(Text s) noexcept nogil:
    if is_digit(s[0]) and is_digit(s[1]):
        return (s[0] - 48) * 10 + s[1] - 48
    return -1


cdef inline bint has_control(Text s, Py_ssize_t n, unsigned char least) noexcept nogil:
    # whether ASCII text has a character below `least`, or DEL; eight at a time
    cdef uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u, word, low, deleted
    cdef Py_ssize_t i = 0
    while i + 8 <= n:
        memcpy(&word, s + i, 8)
        low = (word - ones * least) & ~word
        deleted = word + ones
        if (low | deleted) & tops:
            return True
        i += 8
    while i < n:
        if s[i] < least or s[i] == 127:
            return True
        i += 1
    return False


cdef bint scan_string(Text s, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef unsigned char c
    cdef bint seen = False
    if n == 0 or n > 1048576:
        return False
    if s[0] > 32 and not has_control(s, n, 32):
        return True
    for i in range(n):
        c = s[i]
        if c > 32:
            if c == 127:
                return False
            seen = True
        elif c != 32 and c != 9 and c != 10 and c != 13:
            return False
    return seen


cdef bint scan_markdown(Text s, Py_ssize_t n) noexcept nogil:
    return memchr(s, 60, n) == NULL and scan_string(s, n)


cdef bint scan_code(Text s, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef bint blank = True
    for i in range(n):
        if 32 < s[i] < 127:
            blank = False
        elif s[i] == 32 and not blank:
            blank = True
        else:
            return False
    return not blank


cdef bint scan_id(Text s, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    if n < 1 or n > 64:
        return False
    for i in range(n):
        if not is_name(s[i]):
            return False
    return True


cdef bint scan_scheme(Text s, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    if n == 0 or not is_letter(s[0]):
        return False
    for i in range(1, n):
        if s[i] == 58:
            return True
        if not (is_name(s[i]) or s[i] == 43):
            return False
    return False


cdef bint scan_graphic(Text s, Py_ssize_t n) noexcept nogil:
    return n > 0 and not has_control(s, n, 33)


cdef inline bint may_be_urn(Text s, Py_ssize_t n) noexcept nogil:
    # urn:, oid: and uuid: in any case have rules of their own, which `lexical` knows
    cdef unsigned char c = s[0] | 32
    return c == 117 or c == 111


cdef int DAYS[12]
DAYS[:] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


cdef Py_ssize_t scan_day(Text s, Py_ssize_t n) noexcept nogil:
    # how many characters of a date were read: 4, 7 or 10; 0 where it is none
    cdef int year, month, day, last
    if n < 4 or two(s) < 0 or two(s + 2) < 0:
        return 0
    year = two(s) * 100 + two(s + 2)
    if year == 0:
        return 0
    if n == 4:
        return 4
    if n < 7 or s[4] != 45:
        return 0
    month = two(s + 5)
    if month < 1 or month > 12:
        return 0
    if n == 7:
        return 7
    if n < 10 or s[7] != 45:
        return 0
    day = two(s + 8)
    last = DAYS[month - 1]
    if month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        last = 29
    return 10 if 1 <= day <= last else 0


cdef Py_ssize_t scan_clock(Text s, Py_ssize_t n) noexcept nogil:
    # how many characters of a time were read, 0 where it is none
    cdef int hour, minute, second
    cdef Py_ssize_t i = 8
    if n < 8 or s[2] != 58 or s[5] != 58:
        return 0
    hour, minute, second = two(s), two(s + 3), two(s + 6)
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 59):
        return 0
    if i < n and s[i] == 46:
        i += 1
        while i < n and is_digit(s[i]):
            i += 1
        if i == 9 or i > 18:
            return 0
    return i


cdef bint scan_zone(Text s, Py_ssize_t n) noexcept nogil:
    cdef int hour, minute
    if n == 1:
        return s[0] == 90
    if n != 6 or (s[0] != 43 and s[0] != 45) or s[3] != 58:
        return False
    hour, minute = two(s + 1), two(s + 4)
    return 0 <= minute <= 59 and (0 <= hour <= 13 or (hour == 14 and minute == 0))


cdef bint scan_date(Text s, Py_ssize_t n) noexcept nogil:
    return n <= 10 and scan_day(s, n) == n and n > 0


cdef bint scan_instant(Text s, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t clock
    if n < 20 or scan_day(s, n) != 10 or s[10] != 84:
        return False
    clock = scan_clock(s + 11, n - 11)
    return clock > 0 and scan_zone(s + 11 + clock, n - 11 - clock)


cdef bint scan_date_time(Text s, Py_ssize_t n) noexcept nogil:
    return scan_date(s, n) if n <= 10 else scan_instant(s, n)


cdef bint scan_time(Text s, Py_ssize_t n) noexcept nogil:
    return n >= 8 and scan_clock(s, n) == n


cdef bint scan_base64(Text s, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i, end = n
    if n == 0 or n % 4:
        return False
    if s[n - 1] == 61:
        end = n - 2 if s[n - 2] == 61 else n - 1
    for i in range(end):
        if not (is_letter(s[i]) or is_digit(s[i]) or s[i] == 43 or s[i] == 47):
            return False
    return True


cdef bint scan_uuid(Text s, Py_ssize_t n) noexcept nogil:
    # urn:uuid: and a UUID in lower case
    cdef Py_ssize_t i
    if n != 45 or memcmp(s, b"urn:uuid:", 9) != 0:
        return False
    for i in range(9, 45):
        if i == 17 or i == 22 or i == 27 or i == 32:
            if s[i] != 45:
                return False
        elif not (is_digit(s[i]) or 97 <= s[i] <= 102):
            return False
    return True


cdef inline bint has_negative_zero(Text at, Text end) noexcept nogil:
    # whether the number -0, without fraction or exponent, stands in valid JSON that holds no string
    while True:
        at = <Text>memchr(at, 45, end - at)
        if at == NULL:
            return False
        if end - at > 1 and at[1] == 48 and (end - at == 2 or (at[2] != 46 and at[2] | 32 != 101)):
            return True
        at += 1


cdef Py_ssize_t count_names(Text s, Py_ssize_t n) noexcept nogil:
    # how many names the objects of a valid JSON text have: each string that a colon follows; -1 where -0 is in it
    cdef Text at = s
    cdef Text end = s + n
    cdef Text back
    cdef Text after
    cdef Py_ssize_t total = 0
    while True:
        after = at
        at = <Text>memchr(at, 34, end - at)
        if (at == NULL or at - after > 3) and has_negative_zero(after, end if at == NULL else at):
            return -1  # it takes more than three characters, as in `:-0,`
        if at == NULL:
            return total
        while True:
            at = <Text>memchr(at + 1, 34, end - at - 1)
            if at == NULL:
                return -1
            back = at - 1
            while back[0] == 92:
                back -= 1
            if (at - back) & 1:
                break
        at += 1
        while at < end and (at[0] == 32 or at[0] == 10 or at[0] == 13 or at[0] == 9):
            at += 1
        if at == end:
            return total
        if at[0] == 58:
            total += 1
