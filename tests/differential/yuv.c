/* All 16 777 216 colours of each kind of YUV beside libyuv, whose fixed point has six bits. Its factor from U to blue is
 * at most 2 on x86, where video's are 2.02 (BT.601) and 2.11 (BT.709): what that takes from blue is allowed for. */
#include <libyuv/convert_argb.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/pixels.h"

#define BOUND 1 /* of 255 */

/* The largest difference, beyond what libyuv's blue lacks. */
static int compare(enum fovea_yuv yuv, double blue, const struct YuvConstants *constants) {
    static uint8_t light[256], argb[256 * 4], chroma[256];
    static int16_t planes[3 * 256];
    int worst = 0;
    for (int i = 0; i < 256; i++) light[i] = (uint8_t)i;
    for (int at = 0; at < 65536; at++) {
        memset(chroma, at & 255, 128);
        memset(chroma + 128, at >> 8, 128);
        const struct fovea_image image = {.pixels = light,
                                          .width = 256,
                                          .height = 1,
                                          .stride = 256,
                                          .format = FOVEA_PIXELS_YUV420,
                                          .u = chroma,
                                          .v = chroma + 128,
                                          .chroma_stride = 128,
                                          .chroma_step = 1,
                                          .yuv = yuv};
        struct fovea_view view;
        if (fovea_view_of(&image, &view)) return 256;
        fovea_pixels_row(&image, &view, false, 0, 0, 256, planes, 256);
        if (I420ToARGBMatrix(light, 256, chroma, 128, chroma + 128, 128, argb, 1024, constants, 256,
                             1) != 0)
            return 256;
        for (int i = 0; i < 256; i++)
            for (int c = 0; c < 3; c++) { /* bytes B, G, R, A */
                int difference = abs(planes[c * 256 + i] - argb[4 * i + 2 - c]);
                if (c == 2) difference -= (int)ceil((blue - 2) * abs((at & 255) - 128));
                if (difference > worst) worst = difference;
            }
    }
    return worst;
}

int main(void) {
    const struct {
        const char *name;
        enum fovea_yuv yuv;
        double blue; /* the factor from U to blue, at least 2 */
        const struct YuvConstants *constants;
    } kinds[] = {{"BT.601 video", FOVEA_YUV_BT601_VIDEO, 2.0173, &kYuvI601Constants},
                 {"BT.601 full", FOVEA_YUV_BT601_FULL, 2, &kYuvJPEGConstants},
                 {"BT.709 video", FOVEA_YUV_BT709_VIDEO, 2.1125, &kYuvH709Constants},
                 {"BT.709 full", FOVEA_YUV_BT709_FULL, 2, &kYuvF709Constants}};
    int passed = 0, failed = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        int worst = compare(kinds[i].yuv, kinds[i].blue, kinds[i].constants);
        printf("%s: largest difference from libyuv %d\n", kinds[i].name, worst);
        worst <= BOUND ? passed++ : failed++;
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
