/* Writes PNG files (PNG specification, third edition; RFC 1950, 1951): 8 bits a channel, each row by the filter that leaves the
 * smallest differences, deflate with the fixed codes. */
#ifndef FOVEA_CLI_PNG_H
#define FOVEA_CLI_PNG_H

#include "cli/cli.h"

/* A picture without gaps between its rows. */
struct png_picture {
    uint32_t width, height, channels; /* channels: 1 grey, 3 RGB, 4 RGBA */
    const uint8_t *pixels;
};

/* What a file says of itself: UTF-8 texts under keys of 1 to 79 letters, as iTXt; a NULL key ends the list. */
struct png_text {
    const char *key, *text;
};

/* Writes the file as a whole or not at all; `texts` may be NULL. The same picture gives the same bytes everywhere. False with
 * `trouble` set. */
bool png_write(const char *path, const struct png_picture *picture, const struct png_text *texts,
               struct trouble *trouble);

#endif
