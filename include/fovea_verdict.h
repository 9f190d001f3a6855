/* An answer, or why there is none: calibrated probabilities, test-time augmentation, and the gates that fovea calibrate
 * puts into a model. Hosted; needs the C library's exp and log.
 *
 *     size_t bytes;
 *     fovea_judge *judge;
 *     fovea_judge_measure(&model, &bytes, &error)                    how much memory
 *     fovea_judge_start(&model, memory, bytes, &judge, &error)       in the caller's, aligned to 64 bytes
 *     fovea_judge_watch(judge, &options)                             then measure and plan with these options
 *     fovea_judge_photo(judge, &image)                               perhaps: the photo as the camera gave it
 *     fovea_image_fit(session, 0, &image, ...)
 *     fovea_verdict(judge, session, &finding)                        in the place of fovea_run
 *
 * A model without calibration is judged, too: it always answers, with the mean over the turns of its recipe.
 */
#ifndef FOVEA_VERDICT_H
#define FOVEA_VERDICT_H

#include "fovea.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- test-time augmentation ---- */

/* How many pictures the symmetries make of one for an input of this shape: 1, 2, 4 or 8. An input is a picture of height x
 * width x channels or, with 1 or 3 channels in front, channels x height x width, or height x width; what is none has 1. */
unsigned fovea_turns(const struct fovea_shape *input, enum fovea_symmetries symmetries);

/* Writes turn `number` of the picture `from` to `to`, which is another place. 0: as it is; bit 0 mirrors left and right, bit 1 top
 * and bottom, bit 2 swaps rows and columns. */
void fovea_turn(const struct fovea_shape *shape, unsigned number, const float *from, float *to);

/* ---- what a photo is like ---- */

enum fovea_quality {
    FOVEA_QUALITY_LIGHT = 0, /* mean grey, 0 to 255 */
    FOVEA_QUALITY_CONTRAST,  /* standard deviation of grey */
    FOVEA_QUALITY_SHARPNESS, /* variance of the Laplacian of 4 neighbours */
    FOVEA_QUALITY_CLIPPED,   /* share of pixels below 3 or above 252 */
    FOVEA_QUALITY_WARMTH,    /* mean red minus mean blue */
    FOVEA_QUALITY_COUNT
};
/* All of them, of the photo averaged down to at most 224 pixels of width, so that they do not depend on the camera's resolution. */
void fovea_quality_of(const struct fovea_image *image, float quality[FOVEA_QUALITY_COUNT]);
/* "light", ... */
const char *fovea_quality_name(enum fovea_quality quality);

/* ---- the verdict ---- */

enum fovea_verdict_kind {
    FOVEA_VERDICT_ANSWER = 0,
    FOVEA_VERDICT_UNSURE, /* the model cannot tell */
    FOVEA_VERDICT_UNLIKE, /* the picture is unlike all that it was calibrated on */
    FOVEA_VERDICT_RETAKE, /* the photo is too dark, blurred, ...: another one may do */
    FOVEA_VERDICT_COUNT
};
/* "answer", "unsure", ... */
const char *fovea_verdict_text(enum fovea_verdict_kind kind);

#define FOVEA_REASON_BYTES 160

struct fovea_finding {
    enum fovea_verdict_kind kind;
    char reason[FOVEA_REASON_BYTES]; /* for people; "" with an answer */
    uint32_t answer;                 /* the class */
    const char *label;               /* its name; NULL where the model has none */
    const float *
        probabilities; /* calibrated, of `classes`, in the judge's memory; the model's scores where it has
                                        no probabilities; NULL and 0 where it has other outputs than one vector, which is run once, and not judged */
    const float
        *scores;      /* the model's own, before calibration: the mean of output 0 over the turns */
    uint32_t classes; /* a single sigmoid has 2 */
    float positive;   /* the probability of the positive group; negative where there is none */
    float distance;   /* from the calibration's pictures; negative where the model has no gate */
    unsigned turns;   /* the answer is the mean over so many pictures */
    float spread;     /* standard deviation of the answer's probability over them */
    float entropy;    /* of the probabilities, in nats */
};

typedef struct fovea_judge fovea_judge;

/* *bytes = the memory that a judge of the model takes. FOVEA_FORMAT, FOVEA_RANGE, ... where what the model says of its
 * calibration is damaged: then no judge is made of it, as answers without the gates would look like answers with them. */
enum fovea_status fovea_judge_measure(const struct fovea_model *model, size_t *bytes,
                                      struct fovea_error *error);
/* `memory` (aligned to 64 bytes) and the model are used as long as the judge. One judge belongs to one session. */
enum fovea_status fovea_judge_start(const struct fovea_model *model, void *memory, size_t bytes,
                                    fovea_judge **judge, struct fovea_error *error);
/* Whether the model was calibrated. */
bool fovea_judge_calibrated(const fovea_judge *judge);
/* Other symmetries than those of the recipe or the calibration: promises then no longer hold. */
void fovea_judge_turns(fovea_judge *judge, enum fovea_symmetries symmetries);
/* The steps that the judge looks at become the watched ones of `options`; it takes the place of another watcher. */
void fovea_judge_watch(fovea_judge *judge, struct fovea_options *options);
/* Looks at the photo that is about to be judged; forgotten after the next verdict. Without it nothing is said of quality. */
void fovea_judge_photo(fovea_judge *judge, const struct fovea_image *image);
/* Runs the session, which was planned with the judge's options, on its inputs, once for each turn, and judges. Inputs are
 * overwritten. The gates are asked in the order RETAKE, UNLIKE, UNSURE. */
void fovea_verdict(fovea_judge *judge, fovea_session *session, struct fovea_finding *finding);

/* ---- drift ---- */

/* Counts of what a model met in a time, without pictures: a plain structure that the caller keeps, below 2 KB. Zeroed it is empty. */
enum fovea_drift_measure {
    FOVEA_DRIFT_CONFIDENCE = 0,
    FOVEA_DRIFT_DISTANCE,
    FOVEA_DRIFT_LIGHT,
    FOVEA_DRIFT_SHARPNESS,
    FOVEA_DRIFT_COUNT
};
#define FOVEA_DRIFT_BINS    10 /* between the deciles of the calibration */
#define FOVEA_DRIFT_CLASSES 64 /* the last one stands for all behind it, too */
struct fovea_drift {
    uint32_t bins[FOVEA_DRIFT_COUNT][FOVEA_DRIFT_BINS];
    uint32_t classes[FOVEA_DRIFT_CLASSES];
    uint32_t verdicts[FOVEA_VERDICT_COUNT];
};
/* Counts the last verdict of a calibrated judge; does nothing with another. Counts stop at their largest value. */
void fovea_drift_add(struct fovea_drift *drift, const fovea_judge *judge);
/* The population stability index, the sum of (p - q) ln(p / q) over bins, each count with 1/2 added; *limit: what it exceeds in one
 * of 100 cases where nothing has changed, for these numbers of pictures: (1/n + 1/m) times the 99 % quantile of chi-square.
 * False where one side has no pictures. `bins` at most 64. */
bool fovea_drift_index(const uint32_t *then, const uint32_t *now, uint32_t bins, double *index,
                       double *limit);
/* The state in a fixed form, little-endian, FOVEA_DRIFT_BYTES of them; reading refuses, with false, what is none. */
#define FOVEA_DRIFT_BYTES                                                                          \
    (8 + 4 * (FOVEA_DRIFT_COUNT * FOVEA_DRIFT_BINS + FOVEA_DRIFT_CLASSES + FOVEA_VERDICT_COUNT))
void fovea_drift_save(const struct fovea_drift *drift, uint8_t bytes[FOVEA_DRIFT_BYTES]);
bool fovea_drift_load(struct fovea_drift *drift, const void *bytes, size_t size);

#ifdef __cplusplus
}
#endif

#endif
