/* Pictures of what a segmentation model answers: of the size of the photo, by the nearest element of the answer. */
#ifndef FOVEA_CLI_MASK_FILE_H
#define FOVEA_CLI_MASK_FILE_H

#include "cli/feed.h"

struct mask_file {
    const char *path; /* '*' in it stands for the photo's name without its end */
    bool overlay;     /* the photo with the mask in colour over it, not the mask alone */
    double threshold; /* of an answer of one number a pixel: from here on it is the mask */
    size_t written;
};

/* Whether `path` asks for a mask: it ends with .png. */
bool mask_file_is(const char *path);
/* Whether the model takes one picture, and its first output is height x width (x classes). */
bool mask_file_fits(const struct fovea_model *model, struct trouble *trouble);
/* Writes what `session` answers to the photo of `feed`. One number a pixel gives white on black; several, the class of
 * the largest in a colour of its own (PASCAL VOC's palette, class 0 black). Where the photo was cut off, it is black. False
 * with `trouble` set. */
bool mask_file_save(struct mask_file *file, const struct feed *feed, const fovea_session *session,
                    struct trouble *trouble);

#endif
