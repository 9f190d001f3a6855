/* For each check an input that exactly it refuses: a seed, bent at one place. */
#ifndef FOVEA_TESTS_CHECKS_H
#define FOVEA_TESTS_CHECKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEED_ROOM (1u << 18)

/* Seeds that no file holds, by number: false behind the last one. `to` has SEED_ROOM bytes. */
typedef bool seed_maker(unsigned number, uint8_t *to, size_t *size);
seed_maker seed_hdf5_sample, seed_hdf5_chunked, seed_photo, seed_zip, seed_blob;

/* Gives the id of the check that refuses the bytes, "" where none does. */
typedef const char *taker(uint8_t *bytes, size_t size);
taker take_json, take_keras, take_hdf5, take_hdf5_raw, take_zip, take_photo, take_blob,
    take_convert, take_npy, take_scores;

/* The model's description in a Keras file; NULL where there is none. To be freed. */
uint8_t *config_of(const uint8_t *bytes, size_t size, size_t *length);
/* What a description converts to, with weights that are made up; NULL where it does not. */
uint8_t *blob_of_config(const char *config, size_t *length);
/* What a Keras file converts to; NULL where it does not. To be freed with free. */
uint8_t *blob_of(const uint8_t *bytes, size_t size, size_t *length);

#endif
