/** @file fovea_verdict.h
 * An answer, or why there is none: calibrated probabilities, test-time augmentation, and the gates that `fovea
 * calibrate` puts into a model. Needs the C library's exp and log.
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
 *
 * Memory, threads and errors are as fovea.h says; a judge belongs to one thread at a time, that of its session. Pointers
 * must not be NULL where nothing else is said.
 */
#ifndef FOVEA_VERDICT_H
#define FOVEA_VERDICT_H

#include "fovea.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- test-time augmentation ---- */

/** How many pictures the symmetries make of one for an input of this shape: 1, 2, 4 or 8. A picture is height x width x
 * channels or, with 1 or 3 channels in front, channels x height x width, or height x width; for other shapes it is 1. */
unsigned fovea_turns(const struct fovea_shape *input, enum fovea_symmetries symmetries);

/** Writes turn `number` of the picture `from` to `to`, which does not overlap it. 0: as it is; bit 0 mirrors left and
 * right, bit 1 top and bottom, bit 2 swaps rows and columns. */
void fovea_turn(const struct fovea_shape *shape, unsigned number, const float *from, float *to);

/* ---- what a photo is like ---- */

/** What is measured of a photo. */
enum fovea_quality {
    FOVEA_QUALITY_LIGHT = 0, /**< Mean grey, 0 to 255. */
    FOVEA_QUALITY_CONTRAST,  /**< Standard deviation of grey. */
    FOVEA_QUALITY_SHARPNESS, /**< Variance of the Laplacian of 4 neighbours. */
    FOVEA_QUALITY_CLIPPED,   /**< Share of pixels below 3 or above 252. */
    FOVEA_QUALITY_WARMTH,    /**< Mean red minus mean blue. */
    FOVEA_QUALITY_COUNT      /**< The number of values above. */
};
/** Measures all of them on the photo averaged down to at most 224 pixels of width, so that they do not depend on the
 * camera's resolution. */
void fovea_quality_of(const struct fovea_image *image, float quality[FOVEA_QUALITY_COUNT]);
/** A short English name, as "light"; a constant. */
const char *fovea_quality_name(enum fovea_quality quality);

/* ---- the verdict ---- */

/** What is found. */
enum fovea_verdict_kind {
    FOVEA_VERDICT_ANSWER = 0, /**< There is an answer. */
    FOVEA_VERDICT_UNSURE,     /**< The model cannot tell. */
    FOVEA_VERDICT_UNLIKE,     /**< The picture is unlike all that it was calibrated on. */
    FOVEA_VERDICT_RETAKE,     /**< The photo is too dark, blurred, ...: another one may do. */
    FOVEA_VERDICT_COUNT       /**< The number of values above. */
};
/** A short English name, as "unsure"; a constant. */
const char *fovea_verdict_text(enum fovea_verdict_kind kind);

/** Bytes of a reason, its NUL included. */
#define FOVEA_REASON_BYTES 160

/** What fovea_verdict found. Pointers lead into the judge's memory, or the blob, and are valid until the next verdict. */
struct fovea_finding {
    /** What is found; all else is filled in whatever it is. */
    enum fovea_verdict_kind kind;
    /** Why there is no answer, for people; "" with an answer. */
    char reason[FOVEA_REASON_BYTES];
    /** The class. */
    uint32_t answer;
    /** Its name; NULL where the model has no labels. */
    const char *label;
    /** Calibrated probabilities, of `classes`; the model's scores where it has no probabilities. NULL where it has other
     * outputs than one vector: it is then run once, and not judged. */
    const float *probabilities;
    /** The model's own scores, before calibration: the mean of output 0 over the turns. */
    const float *scores;
    /** The number of classes, 2 for a single sigmoid; 0 where `probabilities` is NULL. */
    uint32_t classes;
    /** The probability of the positive group; negative where the model has no such group. */
    float positive;
    /** The distance from the calibration's pictures; negative where the model has no such gate. */
    float distance;
    /** The answer is the mean over so many pictures. */
    unsigned turns;
    /** The standard deviation of the answer's probability over them. */
    float spread;
    /** The entropy of the probabilities, in nats. */
    float entropy;
    /** Room for fields of later versions; neither read nor written. */
    uint32_t reserved[4];
};

/** What judges the answers of one session, at the start of the memory given to fovea_judge_start. */
typedef struct fovea_judge fovea_judge;

/** *bytes = the memory that a judge of the model takes. FOVEA_FORMAT, FOVEA_RANGE, ... where what the model says of its
 * calibration is damaged: then no judge is made of it, as answers without the gates would look like answers with them. */
enum fovea_status fovea_judge_measure(const struct fovea_model *model, size_t *bytes,
                                      struct fovea_error *error);
/** Makes a judge in `memory`: the caller's, aligned to 64 bytes, of the measured bytes. It and the model are used as long
 * as the judge is; there is nothing to close. A judge belongs to one session. */
enum fovea_status fovea_judge_start(const struct fovea_model *model, void *memory, size_t bytes,
                                    fovea_judge **judge, struct fovea_error *error);
/** Whether the model was calibrated. */
bool fovea_judge_calibrated(const fovea_judge *judge);
/** Takes other symmetries than those of the recipe or the calibration: what the calibration promises then no longer
 * holds. */
void fovea_judge_turns(fovea_judge *judge, enum fovea_symmetries symmetries);
/** Makes the steps that the judge looks at the watched ones of `options`; it takes the place of another watcher. */
void fovea_judge_watch(fovea_judge *judge, struct fovea_options *options);
/** Looks at the photo that is about to be judged; forgotten after the next verdict. Without it nothing is said of
 * quality. */
void fovea_judge_photo(fovea_judge *judge, const struct fovea_image *image);
/** Runs the session, which was planned with the judge's options, on its inputs, once for each turn, and judges. Inputs
 * are overwritten. The gates are asked in the order RETAKE, UNLIKE, UNSURE. Cannot fail. */
void fovea_verdict(fovea_judge *judge, fovea_session *session, struct fovea_finding *finding);

/* ---- drift ---- */

/** What is counted by bins. */
enum fovea_drift_measure {
    FOVEA_DRIFT_CONFIDENCE = 0, /**< The answer's probability. */
    FOVEA_DRIFT_DISTANCE,       /**< fovea_finding.distance. */
    FOVEA_DRIFT_LIGHT,          /**< FOVEA_QUALITY_LIGHT. */
    FOVEA_DRIFT_SHARPNESS,      /**< FOVEA_QUALITY_SHARPNESS. */
    FOVEA_DRIFT_COUNT           /**< The number of values above. */
};
/** Bins, between the deciles of the calibration. */
#define FOVEA_DRIFT_BINS 10
/** Classes that are counted; the last one stands for all behind it, too. */
#define FOVEA_DRIFT_CLASSES 64
/** Counts of what a model met over some time, without pictures: the caller keeps it; below 2 KB. Zeroed, it is empty. Its
 * fields stay as they are. */
struct fovea_drift {
    /** Of each measure. */
    uint32_t bins[FOVEA_DRIFT_COUNT][FOVEA_DRIFT_BINS];
    /** Of answers. */
    uint32_t classes[FOVEA_DRIFT_CLASSES];
    /** Of verdicts. */
    uint32_t verdicts[FOVEA_VERDICT_COUNT];
};
/** Counts the last verdict of a calibrated judge; does nothing with another. Counts stop at their largest value. */
void fovea_drift_add(struct fovea_drift *drift, const fovea_judge *judge);
/** *index = the population stability index: the sum of (p - q) ln(p / q) over `bins` (at most 64) bins, each count with
 * 1/2 added. *limit = what it exceeds in one of 100 cases where nothing has changed, for these numbers of pictures: (1/n +
 * 1/m) times the 99 % quantile of chi-square. False where one side has no pictures. */
bool fovea_drift_index(const uint32_t *then, const uint32_t *now, uint32_t bins, double *index,
                       double *limit);
/** Bytes of the form in which counts are saved. */
#define FOVEA_DRIFT_BYTES                                                                          \
    (8 + 4 * (FOVEA_DRIFT_COUNT * FOVEA_DRIFT_BINS + FOVEA_DRIFT_CLASSES + FOVEA_VERDICT_COUNT))
/** Writes the counts in a fixed form, little-endian. */
void fovea_drift_save(const struct fovea_drift *drift, uint8_t bytes[FOVEA_DRIFT_BYTES]);
/** Reads what fovea_drift_save wrote; false, and *drift as it was, for bytes of another size or beginning. */
bool fovea_drift_load(struct fovea_drift *drift, const void *bytes, size_t size);

#ifdef __cplusplus
}
#endif

#endif
