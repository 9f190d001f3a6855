/* Which parts of a picture an answer hangs on, found by changing the picture: occlusion, RISE, and how faithful a map is. Pure
 * functions of a score that the caller computes. */
#ifndef FOVEA_CLINIC_SALIENCY_H
#define FOVEA_CLINIC_SALIENCY_H

#include "convert/job/pool.h"

/* A picture of any layout: number (y, x, c) is values[y * by_row + x * by_column + c * by_channel]. */
struct canvas {
    size_t height, width, channels, by_row, by_column, by_channel;
    float *values;
};

/* The score of what stands in `canvas`, and how often it was asked. */
struct judge_of {
    double (*score)(void *context, const struct canvas *canvas);
    void *context;
    size_t asked;
};

/* What stands in the place of what is taken away. */
enum saliency_fill { SALIENCY_MEAN, SALIENCY_BLUR, SALIENCY_BLACK };
/* Writes a picture of nothing but that to `to`, of the same layout: the mean of each channel; means over squares of a 16th of
 * the width; `black` of each channel. */
void saliency_fill(const struct canvas *from, enum saliency_fill fill, const float *black,
                   float *to);

/* A map has height x width numbers. All functions overwrite canvas->values while they work and leave the picture as it was; `whole`
 * is that picture, `fill` what stands in the place of what is taken away, both of the canvas' layout. False with `trouble` set: no
 * memory. */

/* Occlusion (Zeiler & Fergus 2014): grid x grid windows, of 2 / (grid + 1) of the sides, each half over the next; a pixel's number
 * is how much the score falls, on average over the windows that hide it. */
bool saliency_occlusion(struct canvas *canvas, const float *whole, const float *fill, unsigned grid,
                        struct judge_of *judge, double base, double *map, struct trouble *trouble);

/* RISE (Petsiuk, Das & Saenko 2018): `masks` random masks, 7 x 7 cells of which half are kept, smoothed and shifted; a pixel's number
 * is the mean score of the pictures that keep it, weighted by how much, less the mean of all. */
bool saliency_rise(struct canvas *canvas, const float *whole, const float *fill, unsigned masks,
                   uint64_t seed, struct judge_of *judge, double *map, struct trouble *trouble);

/* A map of other sizes, bilinear between the centres of its cells. */
void saliency_stretch(const double *from, size_t height, size_t width, double *to, size_t to_height,
                      size_t to_width);

/* Controls that look at no model: random numbers, and a bump in the middle. */
void saliency_random(double *map, size_t height, size_t width, uint64_t seed);
void saliency_centre(double *map, size_t height, size_t width);

/* Areas under the curve of the score while pixels are taken away in the order of the map, the highest first (deletion, lower is
 * better), and while they are put into a blurred picture (insertion, higher is better), in `steps` steps; as RISE's evaluation has it. */
struct faithfulness {
    double deletion, insertion;
};
bool saliency_faithful(struct canvas *canvas, const float *whole, const float *fill,
                       const float *blurred, const double *map, unsigned steps,
                       struct judge_of *judge, struct faithfulness *found, struct trouble *trouble);

#endif
