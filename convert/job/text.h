/* Texts that are not ours (names in files, file names, labels) on their way to people and programs. */
#ifndef FOVEA_CONVERT_JOB_TEXT_H
#define FOVEA_CONVERT_JOB_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No code point: the byte does not belong to a character in UTF-8. */
#define TEXT_INVALID 0xffffffffu

/* The character at `text`, which ends with a NUL and is not empty; *bytes: how many it takes, 1 to 4.
 * TEXT_INVALID, and 1 byte, where there is none (RFC 3629: no surrogates, no longer forms). */
uint32_t text_next(const char *text, size_t *bytes);

/* Whether a terminal might act on the character, or people would not see it, or would see others in a
 * different order: controls (C0, DEL, C1), line separators, bidirectional and zero-width formats, tags,
 * noncharacters. */
bool text_is_unsafe(uint32_t character);

/* Room for a character as text_show writes it, NUL included. */
#define TEXT_SHOWN 12

/* Writes the character at `text` into `out` as it may be shown: itself, or \x1b (a byte, a control) or
 * \u202e (a character) spelled out. The bytes of `text` it took. */
size_t text_show(const char *text, char out[TEXT_SHOWN]);

/* The whole of `text` as it may be shown, in `room` bytes with the NUL, cut between characters where it is
 * longer. The length. */
size_t text_clean(const char *text, char *out, size_t room);

#endif
