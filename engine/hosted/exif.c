/* EXIF: a TIFF file within a picture. Of its first directory one entry is wanted. */
#include "engine/hosted/photo_file.h"

static uint32_t exif_read(struct fovea_bytes *in, unsigned bytes, bool little) {
    return little ? (uint32_t)fovea_read(in, bytes) : fovea_photo_read(in, bytes);
}

FOVEA_LOCAL bool fovea_exif_orientation(struct fovea_bytes tiff, uint32_t *orientation) {
    uint32_t order = fovea_photo_read(&tiff, 2);
    bool little = order == 0x4949u;
    if (!little && order != 0x4d4du) return false;
    if (exif_read(&tiff, 2, little) != 42) return true;
    uint32_t offset = exif_read(&tiff, 4, little);
    tiff.at = 0;
    fovea_skip(&tiff, offset);
    uint32_t entries = exif_read(&tiff, 2, little);
    for (uint32_t i = 0; i < entries; i++) {
        struct fovea_bytes entry = fovea_take_part(&tiff, 12);
        uint32_t tag = exif_read(&entry, 2, little), type = exif_read(&entry, 2, little);
        uint32_t count = exif_read(&entry, 4, little), value = exif_read(&entry, 2, little);
        if (tag != 0x112) continue;
        if (type == 3 && count == 1 && value >= 1 && value <= 8) *orientation = value;
        return true;
    }
    return true;
}
