/* Maps as pictures: laid over a photo, or beside it. */
#ifndef FOVEA_CLI_OVERLAY_H
#define FOVEA_CLI_OVERLAY_H

#include "cli/png.h"

enum colours { COLOURS_TURBO, COLOURS_VIRIDIS, COLOURS_GREY, COLOURS_SIGNED };

/* Where the map lies on the photo: the part that the model sees. */
struct overlay {
    const struct fovea_image *photo;
    const double *map; /* [height][width] */
    size_t height, width;
    enum fovea_fit fit;
    double scale; /* the value that is drawn in full colour, above 0 */
    enum colours colours;
};

/* The photo with the map over it, as RGB, in the photo's size; what the map says nothing of, and where it is 0, stays as it is. NULL
 * with `trouble` set: no memory. Freed by the caller. */
uint8_t *overlay_paint(const struct overlay *overlay, struct trouble *trouble);
/* Photo, overlay and a bar of the colours with the numbers they stand for, side by side; *width and *height are set. */
uint8_t *overlay_sheet(const struct overlay *overlay, uint32_t *width, uint32_t *height,
                       struct trouble *trouble);
/* The map's value at a pixel of the photo; 0 where the model does not see it. */
double overlay_at(const struct overlay *overlay, uint32_t y, uint32_t x);

#endif
