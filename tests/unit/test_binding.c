/* The door for other languages: numbers of models that were closed, models in use, pictures with too few bytes. */
#include "packages/binding/handle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct fovea_failure failure;

struct bytes {
    uint8_t *at;
    size_t size;
};

static struct bytes read_file(const char *path) {
    struct bytes bytes = {malloc(1 << 20), 0};
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_non_null(bytes.at);
    bytes.size = fread(bytes.at, 1, 1 << 20, file);
    fclose(file);
    return bytes;
}

static void *convert(const char *wishes, size_t *size) {
    struct bytes keras = read_file("weights/demo/patterns.h5");
    char said[1024];
    void *model = fovea_handle_convert(keras.at, keras.size, wishes, NULL, 0, size, said,
                                       sizeof said, &failure);
    free(keras.at);
    return model;
}

static fovea_handle open_demo(uint32_t threads, uint32_t flags) {
    size_t size;
    void *model = convert("preprocess=keras-01\nresize=pil-bicubic", &size);
    assert_non_null(model);
    fovea_handle handle = fovea_handle_open(model, size, threads, flags, &failure);
    assert_int_not_equal(handle, 0);
    fovea_handle_free(model);
    return handle;
}

static bool says(const char *text) {
    if (strstr(failure.text, text)) return true;
    print_message("'%s' does not say '%s'\n", failure.text, text);
    return false;
}

static void numbers_of_closed_models_stay_refused(void **state) {
    (void)state;
    fovea_handle first = open_demo(1, 0);
    assert_int_equal(fovea_handle_outputs(first, &failure), 7);
    assert_true(fovea_handle_close(first, &failure));
    for (int i = 0; i < 3; i++) {
        fovea_handle next = open_demo(1, 0); /* in the same place */
        assert_int_not_equal(next, first);
        assert_int_equal(fovea_handle_outputs(first, &failure), 0);
        assert_true(says("closed"));
        assert_false(fovea_handle_close(first, &failure));
        assert_true(fovea_handle_close(next, &failure));
    }
    const fovea_handle never[] = {0, 1, 1023, 1u << 10, UINT32_MAX};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        assert_false(fovea_handle_close(never[i], &failure));
}

static void more_models_than_places_are_refused(void **state) {
    (void)state;
    static fovea_handle handles[1100];
    struct bytes keras = read_file("tests/golden/conformance/a/net_mini_seed/model.h5");
    size_t size, count = 0;
    void *model =
        fovea_handle_convert(keras.at, keras.size, NULL, NULL, 0, &size, NULL, 0, &failure);
    assert_non_null(model);
    while (count < 1100 && (handles[count] = fovea_handle_open(
                                model, size, 1, FOVEA_OPEN_BORROW | FOVEA_OPEN_SMALL, &failure)))
        count++;
    assert_int_equal(count, 1024);
    assert_true(says("too many"));
    while (count) assert_true(fovea_handle_close(handles[--count], &failure));
    assert_int_not_equal(handles[0] = fovea_handle_open(model, size, 1, 0, &failure), 0);
    assert_true(fovea_handle_close(handles[0], &failure));
    fovea_handle_free(model);
    free(keras.at);
}

/* A layer's watcher runs while the model is in use: whatever it asks of the same model is refused. */
static void ask_again(void *context, const char *layer, const float *output, size_t count) {
    const fovea_handle handle = *(const fovea_handle *)context;
    (void)layer, (void)output, (void)count;
    assert_false(fovea_handle_close(handle, &failure));
    assert_true(says("in use"));
    assert_int_equal(fovea_handle_inputs(handle, &failure), 0);
}

static void a_model_in_use_is_refused(void **state) {
    (void)state;
    fovea_handle handle = open_demo(1, 0);
    size_t count = fovea_handle_inputs(handle, &failure);
    float *values = calloc(count, sizeof *values);
    assert_true(fovea_handle_watch(handle, values, count, ask_again, &handle, &failure));
    assert_int_equal(fovea_handle_inputs(handle, &failure), count);
    assert_true(fovea_handle_close(handle, &failure));
    free(values);
}

struct job {
    fovea_handle handle;
    const struct bytes *photo;
    int right, refused, wrong;
};

static void *classify_often(void *argument) {
    struct job *job = argument;
    for (int i = 0; i < 50; i++) {
        struct fovea_failure why;
        uint32_t index = 99;
        float probability;
        struct fovea_answer answer = {.index = &index, .probability = &probability, .top = 1};
        if (!fovea_handle_photo(job->handle, job->photo->at, job->photo->size, &answer, &why))
            job->refused += strstr(why.text, "in use") != NULL;
        else if (index == 5 && answer.found == 1)
            job->right++;
        else
            job->wrong++;
    }
    return NULL;
}

static void threads_never_mix(void **state) {
    (void)state;
    struct bytes photo = read_file("weights/demo/parallel.jpg");
    struct job jobs[3] = {{open_demo(2, 0), &photo, 0, 0, 0}};
    pthread_t threads[3];
    jobs[1] = jobs[2] = jobs[0];
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, classify_often, &jobs[i]), 0);
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    assert_int_equal(jobs[0].wrong + jobs[1].wrong + jobs[2].wrong, 0);
    int all = 0;
    for (int i = 0; i < 3; i++) all += jobs[i].right + jobs[i].refused;
    assert_int_equal(all, 150);
    assert_true(jobs[0].right + jobs[1].right + jobs[2].right > 0);
    assert_true(fovea_handle_close(jobs[0].handle, &failure));
    free(photo.at);
}

static void pictures_are_as_large_as_they_say(void **state) {
    (void)state;
    fovea_handle handle = open_demo(1, FOVEA_OPEN_EXACT);
    float values[7];
    struct fovea_answer answer = {.values = values, .room = 7};
    static const struct {
        size_t less;
        uint32_t width, height;
        size_t stride;
        uint32_t format;
    } bad[] = {{1, 5, 4, 15, FOVEA_PIXELS_RGB},
               {0, 5, 4, 14, FOVEA_PIXELS_RGB},
               {0, 0, 4, 15, FOVEA_PIXELS_RGB},
               {0, 5, 0, 15, FOVEA_PIXELS_RGB},
               {0, 5, 4, SIZE_MAX, FOVEA_PIXELS_RGB},
               {0, 5, 4, SIZE_MAX / 3, FOVEA_PIXELS_RGB},
               {0, UINT32_MAX, 1, 15, FOVEA_PIXELS_RGB},
               {0, 5, 4, 15, FOVEA_PIXELS_COUNT},
               {0, 5, 4, 15, UINT32_MAX},
               {0, 5, 4, 20, FOVEA_PIXELS_RGBA}};
    uint8_t *pixels = calloc(60, 1);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(fovea_handle_pixels(handle, pixels, 60 - bad[i].less, bad[i].width,
                                         bad[i].height, bad[i].stride, bad[i].format, &answer,
                                         &failure));
        assert_true(failure.text[0]);
    }
    assert_false(
        fovea_handle_pixels(handle, NULL, 60, 5, 4, 15, FOVEA_PIXELS_RGB, &answer, &failure));
    assert_true(
        fovea_handle_pixels(handle, pixels, 60, 5, 4, 15, FOVEA_PIXELS_RGB, &answer, &failure));
    assert_int_equal(answer.count, 7);
    answer.room = 6;
    assert_false(
        fovea_handle_pixels(handle, pixels, 60, 5, 4, 15, FOVEA_PIXELS_RGB, &answer, &failure));
    assert_true(fovea_handle_close(handle, &failure));
    free(pixels);
}

static void borrowed_bytes_are_used_in_place(void **state) {
    (void)state;
    size_t size;
    uint8_t *model = convert("preprocess=keras-01", &size), *odd = malloc(size + 65);
    assert_int_equal((uintptr_t)model % 64, 0);
    memcpy(odd + 1, model, size);
    fovea_handle there = fovea_handle_open(model, size, 1, FOVEA_OPEN_BORROW, &failure);
    fovea_handle copied = fovea_handle_open(odd + 1, size, 1, FOVEA_OPEN_BORROW, &failure);
    assert_true(there && copied);
    memset(odd, 0, size + 65); /* the copy is the door's own */
    char text[64];
    assert_true(fovea_handle_describe(there, NULL, 0, &failure) ==
                fovea_handle_describe(copied, text, sizeof text, &failure));
    assert_int_equal(strlen(text), 63);
    assert_true(fovea_handle_close(there, &failure) && fovea_handle_close(copied, &failure));
    fovea_handle_free(model);
    free(odd);
}

static void wishes_are_taken_or_refused(void **state) {
    (void)state;
    static const char *const bad[][2] = {{"preprocess=keras", "raw, keras-01"},
                                         {"size=3", "no 'size'"},
                                         {"preprocess", "no 'preprocess'"},
                                         {"=", "no ''"},
                                         {"scale=1,2", "one number"},
                                         {"mean=1,2", "three"},
                                         {"mean=1,2,3,4", "three"},
                                         {"std=1,0,1", "not be 0"},
                                         {"scale=nan", "one number"},
                                         {"weights=f64", "f32 or f16"},
                                         {"fold=maybe", "yes or no"},
                                         {"threshold=1.5", "0 to 1"},
                                         {"input-shape=1,x", "sizes"},
                                         {"input-shape=0", "sizes"},
                                         {"input-shape=1,1,1,1,1,1,1", "sizes"},
                                         {"input-shape=-1", "sizes"},
                                         {"label=a\nlabel=b", "2 labels"},
                                         {"resize=", "takes one of"}};
    size_t size;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_null(convert(bad[i][0], &size));
        assert_true(says(bad[i][1]));
    }
    /* A preset is what the rest changes, whatever the order. */
    void *one = convert("scale=0.5\npreprocess=keras-tf\nfit=crop\n", &size);
    void *other = convert("\nfit=crop\npreprocess=keras-tf\nscale=0.5", &size);
    assert_non_null(one);
    assert_non_null(other);
    assert_memory_equal(one, other, size);
    fovea_handle_free(one);
    fovea_handle_free(other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_closed_models_stay_refused),
        cmocka_unit_test(more_models_than_places_are_refused),
        cmocka_unit_test(a_model_in_use_is_refused),
        cmocka_unit_test(threads_never_mix),
        cmocka_unit_test(pictures_are_as_large_as_they_say),
        cmocka_unit_test(borrowed_bytes_are_used_in_place),
        cmocka_unit_test(wishes_are_taken_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
