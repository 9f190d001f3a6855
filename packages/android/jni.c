/* FoveaClassifier's natives (Native.kt) over packages/binding/handle.h. What fails is thrown as FoveaException. */
#include <jni.h>
#include <stdlib.h>
#include <string.h>

#include "packages/binding/handle.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static jclass exception; /* org.fovea.FoveaException, kept from the moment the library is loaded */
static jmethodID exception_init;

/* The engine's texts are ASCII, and so are ours. */
static void throw_failure(JNIEnv *env, const struct fovea_failure *failure) {
    jstring text = (*env)->NewStringUTF(env, failure->text);
    jstring check = text ? (*env)->NewStringUTF(env, failure->check) : NULL;
    jobject thrown = check ? (*env)->NewObject(env, exception, exception_init, text, check) : NULL;
    if (thrown) (*env)->Throw(env, thrown); /* else out of memory is on its way */
}

static void throw_text(JNIEnv *env, const char *text) {
    struct fovea_failure failure = {0};
    memcpy(failure.text, text, strlen(text) + 1);
    throw_failure(env, &failure);
}

static jint open_model(JNIEnv *env, const void *bytes, jlong size, jint threads, uint32_t flags) {
    struct fovea_failure failure;
    fovea_handle handle =
        fovea_handle_open(bytes, (size_t)size, (uint32_t)threads, flags, &failure);
    if (!handle) throw_failure(env, &failure);
    return (jint)handle;
}

static jint JNICALL open_bytes(JNIEnv *env, jclass self, jbyteArray model, jint threads) {
    (void)self;
    jsize size = (*env)->GetArrayLength(env, model);
    jbyte *bytes = (*env)->GetByteArrayElements(env, model, NULL);
    if (!bytes) return 0;
    jint handle = open_model(env, bytes, size, threads, 0);
    (*env)->ReleaseByteArrayElements(env, model, bytes, JNI_ABORT);
    return handle;
}

static jint JNICALL open_buffer(JNIEnv *env, jclass self, jobject model, jint threads) {
    (void)self;
    return open_model(env, (*env)->GetDirectBufferAddress(env, model),
                      (*env)->GetDirectBufferCapacity(env, model), threads, FOVEA_OPEN_BORROW);
}

/* Closing what is closed is allowed: that is what close() of Java's is like. */
static void JNICALL close_model(JNIEnv *env, jclass self, jint handle) {
    struct fovea_failure failure;
    (void)self;
    if (!fovea_handle_close((fovea_handle)handle, &failure) && !strstr(failure.text, "closed"))
        throw_failure(env, &failure);
}

static jbyteArray JNICALL describe(JNIEnv *env, jclass self, jint handle) {
    struct fovea_failure failure;
    (void)self;
    size_t size = fovea_handle_describe((fovea_handle)handle, NULL, 0, &failure);
    char *text = size ? malloc(size + 1) : NULL;
    jbyteArray bytes = NULL;
    if (!size)
        throw_failure(env, &failure);
    else if (!text)
        throw_text(env, "no memory for the model's description");
    else if (!fovea_handle_describe((fovea_handle)handle, text, size + 1, &failure))
        throw_failure(env, &failure);
    else if ((bytes = (*env)->NewByteArray(env, (jsize)size)))
        (*env)->SetByteArrayRegion(env, bytes, 0, (jsize)size, (const jbyte *)text);
    free(text);
    return bytes;
}

static jint counted(JNIEnv *env, size_t count, const struct fovea_failure *failure) {
    if (!count) throw_failure(env, failure);
    return (jint)count;
}
static jint JNICALL inputs(JNIEnv *env, jclass self, jint handle) {
    struct fovea_failure failure;
    (void)self;
    return counted(env, fovea_handle_inputs((fovea_handle)handle, &failure), &failure);
}
static jint JNICALL outputs(JNIEnv *env, jclass self, jint handle) {
    struct fovea_failure failure;
    (void)self;
    return counted(env, fovea_handle_outputs((fovea_handle)handle, &failure), &failure);
}

static void JNICALL predict(JNIEnv *env, jclass self, jint handle, jfloatArray from,
                            jfloatArray to) {
    struct fovea_failure failure;
    (void)self;
    jsize count = (*env)->GetArrayLength(env, from), room = (*env)->GetArrayLength(env, to);
    jfloat *values = (*env)->GetFloatArrayElements(env, from, NULL);
    jfloat *answers = values ? (*env)->GetFloatArrayElements(env, to, NULL) : NULL;
    struct fovea_answer answer = {.values = answers, .room = (size_t)room};
    bool done = answers && fovea_handle_predict((fovea_handle)handle, values, (size_t)count,
                                                &answer, &failure);
    if (answers) (*env)->ReleaseFloatArrayElements(env, to, answers, done ? 0 : JNI_ABORT);
    if (values) (*env)->ReleaseFloatArrayElements(env, from, values, JNI_ABORT);
    if (answers && !done) throw_failure(env, &failure);
}

/* A run whose best classes go to two arrays of the same length. */
struct best {
    jsize room;
    jint *index;
    jfloat *probability;
    struct fovea_answer answer;
};

static bool best_begin(JNIEnv *env, struct best *best, jintArray index, jfloatArray probability) {
    best->room = (*env)->GetArrayLength(env, index);
    best->index = malloc((size_t)best->room * sizeof *best->index + 1);
    best->probability = malloc((size_t)best->room * sizeof *best->probability + 1);
    best->answer = (struct fovea_answer){.index = (uint32_t *)best->index,
                                         .probability = best->probability,
                                         .top = (size_t)best->room};
    if (best->index && best->probability && (*env)->GetArrayLength(env, probability) == best->room)
        return true;
    free(best->index);
    free(best->probability);
    throw_text(env, "no memory for the answer");
    return false;
}

static jint best_end(JNIEnv *env, struct best *best, jintArray index, jfloatArray probability,
                     bool done, const struct fovea_failure *failure) {
    jsize found = done ? (jsize)best->answer.found : 0;
    if (done) {
        (*env)->SetIntArrayRegion(env, index, 0, found, best->index);
        (*env)->SetFloatArrayRegion(env, probability, 0, found, best->probability);
    } else {
        throw_failure(env, failure);
    }
    free(best->index);
    free(best->probability);
    return found;
}

static jint JNICALL photo(JNIEnv *env, jclass self, jint handle, jbyteArray file, jintArray index,
                          jfloatArray probability) {
    struct fovea_failure failure;
    struct best best;
    (void)self;
    jbyte *bytes = (*env)->GetByteArrayElements(env, file, NULL);
    if (!bytes) return 0;
    if (!best_begin(env, &best, index, probability)) {
        (*env)->ReleaseByteArrayElements(env, file, bytes, JNI_ABORT);
        return 0;
    }
    bool done =
        fovea_handle_photo((fovea_handle)handle, bytes, (size_t)(*env)->GetArrayLength(env, file),
                           &best.answer, &failure);
    (*env)->ReleaseByteArrayElements(env, file, bytes, JNI_ABORT);
    return best_end(env, &best, index, probability, done, &failure);
}

/* A plane of a frame: rows * stride bytes, of which the last row needs `row` alone. */
static const uint8_t *plane(JNIEnv *env, jobject buffer, jlong rows, jlong stride, jlong row) {
    if (!buffer || rows < 1 || stride < 0 || row < 1) return NULL;
    return (*env)->GetDirectBufferCapacity(env, buffer) >= (rows - 1) * stride + row
               ? (*env)->GetDirectBufferAddress(env, buffer)
               : NULL;
}

/* Frame.geometry()'s numbers, in its order. */
enum {
    FORMAT,
    WIDTH,
    HEIGHT,
    STRIDE,
    CHROMA_STRIDE,
    CHROMA_STEP,
    YUV,
    LEFT,
    TOP,
    PART_WIDTH,
    PART_HEIGHT,
    TURN,
    MIRRORED,
    GEOMETRY
};

/* False, with an exception thrown, where a buffer does not hold what the numbers say. */
static bool read_frame(JNIEnv *env, jobject pixels, jobject u, jobject v, const jint *g,
                       struct fovea_image *image) {
    static const jlong bytes[] = {
        [FOVEA_PIXELS_GREY] = 1,  [FOVEA_PIXELS_RGB] = 3,  [FOVEA_PIXELS_BGR] = 3,
        [FOVEA_PIXELS_RGBA] = 4,  [FOVEA_PIXELS_BGRA] = 4, [FOVEA_PIXELS_RGB565] = 2,
        [FOVEA_PIXELS_YUV420] = 1};
    const bool chroma = g[FORMAT] == FOVEA_PIXELS_YUV420;
    const jlong wide = ((jlong)g[WIDTH] + 1) / 2, high = ((jlong)g[HEIGHT] + 1) / 2;
    const jlong row = (wide - 1) * g[CHROMA_STEP] + 1;
    for (int i = 0; i < GEOMETRY; i++)
        if (g[i] < 0)
            return throw_text(env, "a size, stride or place of the frame is negative"), false;
    if ((size_t)g[FORMAT] >= COUNT(bytes))
        return throw_text(env, "unknown format of pixels"), false;
    *image = (struct fovea_image){
        .pixels = plane(env, pixels, g[HEIGHT], g[STRIDE], bytes[g[FORMAT]] * g[WIDTH]),
        .width = (uint32_t)g[WIDTH],
        .height = (uint32_t)g[HEIGHT],
        .stride = (size_t)g[STRIDE],
        .format = (enum fovea_pixels)g[FORMAT],
        .u = chroma ? plane(env, u, high, g[CHROMA_STRIDE], row) : NULL,
        .v = chroma ? plane(env, v, high, g[CHROMA_STRIDE], row) : NULL,
        .chroma_stride = (size_t)g[CHROMA_STRIDE],
        .chroma_step = (size_t)g[CHROMA_STEP],
        .yuv = (enum fovea_yuv)g[YUV],
        .left = (uint32_t)g[LEFT],
        .top = (uint32_t)g[TOP],
        .part_width = (uint32_t)g[PART_WIDTH],
        .part_height = (uint32_t)g[PART_HEIGHT],
        .turn = (enum fovea_turn)g[TURN],
        .mirrored = g[MIRRORED] != 0};
    if (image->pixels && (!chroma || (image->u && image->v))) return true;
    throw_text(env, "a buffer of the frame is smaller than its width, height and strides say");
    return false;
}

static jint JNICALL image(JNIEnv *env, jclass self, jint handle, jobject pixels, jobject u,
                          jobject v, jintArray geometry, jintArray index, jfloatArray probability) {
    struct fovea_failure failure;
    struct fovea_image frame;
    struct best best;
    jint numbers[GEOMETRY];
    (void)self;
    if ((*env)->GetArrayLength(env, geometry) != GEOMETRY)
        return throw_text(env, "the classes are of another version than the library"), 0;
    (*env)->GetIntArrayRegion(env, geometry, 0, GEOMETRY, numbers);
    if (!read_frame(env, pixels, u, v, numbers, &frame) ||
        !best_begin(env, &best, index, probability))
        return 0;
    bool done = fovea_handle_image((fovea_handle)handle, &frame, &best.answer, &failure);
    return best_end(env, &best, index, probability, done, &failure);
}

#define BUFFER "Ljava/nio/ByteBuffer;"
static const JNINativeMethod natives[] = {
    {(char *)"openBytes", (char *)"([BI)I", (void *)open_bytes},
    {(char *)"openBuffer", (char *)"(" BUFFER "I)I", (void *)open_buffer},
    {(char *)"close", (char *)"(I)V", (void *)close_model},
    {(char *)"describe", (char *)"(I)[B", (void *)describe},
    {(char *)"inputs", (char *)"(I)I", (void *)inputs},
    {(char *)"outputs", (char *)"(I)I", (void *)outputs},
    {(char *)"predict", (char *)"(I[F[F)V", (void *)predict},
    {(char *)"photo", (char *)"(I[B[I[F)I", (void *)photo},
    {(char *)"image", (char *)"(I" BUFFER BUFFER BUFFER "[I[I[F)I", (void *)image},
};

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved) {
    JNIEnv *env;
    (void)reserved;
    if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_1_6) != JNI_OK) return JNI_ERR;
    jclass found = (*env)->FindClass(env, "org/fovea/FoveaException");
    if (!found) return JNI_ERR;
    exception = (*env)->NewGlobalRef(env, found);
    exception_init =
        (*env)->GetMethodID(env, found, "<init>", "(Ljava/lang/String;Ljava/lang/String;)V");
    jclass self = (*env)->FindClass(env, "org/fovea/Native");
    if (!exception || !exception_init || !self ||
        (*env)->RegisterNatives(env, self, natives, (jint)COUNT(natives)) != JNI_OK)
        return JNI_ERR;
    return JNI_VERSION_1_6;
}
