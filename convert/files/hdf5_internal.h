/* What the files of the HDF5 reader share. "The specification" in their comments is the HDF5 File
 * Format Specification (version 3); section names are its own. O and L in field tables are numbers as
 * long as the superblock says: O for addresses, L for lengths. */
#ifndef FOVEA_CONVERT_FILES_HDF5_INTERNAL_H
#define FOVEA_CONVERT_FILES_HDF5_INTERNAL_H

#include "convert/files/hdf5.h"
#include "weights/bytes.h"
#include "weights/check.h"

#define HDF5_UNDEFINED UINT64_MAX       /* an address that is not there */
#define HDF5_SOFT      (UINT64_MAX - 1) /* in place of a header address: a soft link, */
#define HDF5_EXTERNAL  (UINT64_MAX - 2) /* an external one, */
#define HDF5_USER      (UINT64_MAX - 3) /* or one of a type unknown to the format */

struct hdf5 {
    struct pool *pool;
    struct fovea_bytes bytes; /* from the base address to the end of the HDF5 data */
    uint64_t base;            /* of `bytes` in the file: the length of the user block */
    unsigned offset_bytes, length_bytes;
    uint64_t root; /* address of the root group's object header */
    struct hdf5_state *state;
};

struct hdf5_state {
    uint64_t storage;                     /* bytes of dataset contents that may still be produced */
    void *headers, *collections, *blocks; /* what was read already, by address: see hdf5_known */
    const char *path;                     /* of the object in work, for messages */
    uint8_t *scratch[2];                  /* for filters, of scratch_bytes each */
    uint64_t scratch_bytes;
};

/* A message of an object header, or a link or attribute in dense storage. */
struct hdf5_message {
    uint16_t type;
    uint8_t flags;
    struct fovea_bytes body;
};

enum hdf5_message_type {
    HDF5_DATASPACE = 0x01,
    HDF5_LINK_INFO = 0x02,
    HDF5_DATATYPE = 0x03,
    HDF5_LINK = 0x06,
    HDF5_EXTERNAL_FILES = 0x07,
    HDF5_LAYOUT = 0x08,
    HDF5_FILTERS = 0x0b,
    HDF5_ATTRIBUTE = 0x0c,
    HDF5_CONTINUATION = 0x10,
    HDF5_SYMBOL_TABLE = 0x11,
    HDF5_ATTRIBUTE_INFO = 0x15,
};
#define HDF5_SHARED 0x02 /* message flag: the body is a reference to the message */

struct hdf5_messages {
    struct hdf5_message *first;
    size_t count, capacity;
};

struct hdf5_link {
    const char *name;
    uint64_t header;
};

/* An object header with all its messages, and what else was read of its object. */
struct hdf5_header {
    uint64_t address;
    struct hdf5_messages messages;
    bool dense_read;
    struct hdf5_messages dense; /* attributes in dense storage */
    bool listed;
    struct hdf5_link *links; /* sorted by name */
    size_t link_count;
    const char *listed_path; /* of the group when `children` was made */
    struct hdf5_object *children;
    const uint8_t *contents; /* of a chunked dataset, put together; NULL until asked for */
};

/* ---- hdf5_ground.c ---- */

/* Notes "<path>: <message> at byte <address>"; without the byte where `address` is undefined. Always
 * false. */
bool hdf5_refuse(const struct hdf5 *file, uint64_t address, struct trouble *trouble,
                 const char *message);
bool hdf5_fail(const struct hdf5 *file, uint64_t address, struct trouble *trouble,
               const char *format, ...) FOVEA_PRINTF(4, 5);

/* Pays for looking at `bytes` bytes of structure. */
bool hdf5_spend(const struct hdf5 *file, uint64_t bytes, struct trouble *trouble);

/* A cursor over [address, address + length), which was paid for; failed, with `trouble` set, outside
 * the file. */
struct fovea_bytes hdf5_block(const struct hdf5 *file, uint64_t address, uint64_t length,
                              const char *what, struct trouble *trouble);

/* The `length` bytes at `address`, with their signature taken from the front, and the checksum, which
 * fits, from the back. */
struct fovea_bytes hdf5_checked_block(const struct hdf5 *file, uint64_t address, uint64_t length,
                                      const char *signature, const char *what,
                                      struct trouble *trouble);

/* The address of the byte a cursor into the file stands at. */
uint64_t hdf5_address(const struct hdf5 *file, const struct fovea_bytes *bytes);

/* An address (HDF5_UNDEFINED where all its bits are set) and a length. */
uint64_t hdf5_read_offset(const struct hdf5 *file, struct fovea_bytes *bytes);
uint64_t hdf5_read_length(const struct hdf5 *file, struct fovea_bytes *bytes);

/* The place in `index` for what is known of the structure at `address`, which holds NULL where that is
 * nothing; NULL on trouble. */
void **hdf5_known(const struct hdf5 *file, void **index, uint64_t address, const char *what,
                  struct trouble *trouble);

/* The logarithm of a power of two, 64 for anything else; and how many bytes hold numbers up to `limit`. */
unsigned hdf5_log2(uint64_t value);
unsigned hdf5_bytes_for(uint64_t limit);

/* ---- hdf5_checksum.c ---- */

/* Bob Jenkins' lookup3 over all bytes of the cursor, one at least, from its start. */
uint32_t hdf5_checksum(struct fovea_bytes bytes);

/* ---- hdf5_object.c ---- */

/* The object header at `address`, read once; NULL on trouble. */
struct hdf5_header *hdf5_header(const struct hdf5 *file, uint64_t address, struct trouble *trouble);

bool hdf5_add_message(const struct hdf5 *file, struct hdf5_messages *messages,
                      const struct hdf5_message *message, struct trouble *trouble);

/* The one message of a type, NULL in *message where there is none; false where there are several, or
 * where it is shared. */
bool hdf5_message(const struct hdf5 *file, const struct hdf5_header *header,
                  enum hdf5_message_type type, const struct hdf5_message **message,
                  struct trouble *trouble);

/* ---- hdf5_btree.c ---- */

/* Called for each record of a tree: for version 1 a key and the address below it. */
typedef bool hdf5_visit(void *context, struct fovea_bytes record);

/* All records of a tree, which end the walk by giving false. `type` is what the tree has to be. */
bool hdf5_visit_btree_1(const struct hdf5 *file, uint64_t address, unsigned type,
                        uint64_t key_bytes, hdf5_visit *visit, void *context,
                        struct trouble *trouble);
bool hdf5_visit_btree_2(const struct hdf5 *file, uint64_t address, unsigned type, hdf5_visit *visit,
                        void *context, struct trouble *trouble);

/* ---- hdf5_heap.c ---- */

/* The links or attributes in dense storage: the objects of a fractal heap that the index of names at
 * `names` points to. */
bool hdf5_read_dense(const struct hdf5 *file, uint64_t heap, uint64_t names,
                     enum hdf5_message_type type, struct hdf5_messages *messages,
                     struct trouble *trouble);

/* ---- hdf5_group.c ---- */

/* Lists the links of the group into header->links, once. */
bool hdf5_load_links(const struct hdf5 *file, struct hdf5_header *header, struct trouble *trouble);
bool hdf5_is_group(const struct hdf5_header *header);

/* Refuses what is no hard link by name. */
bool hdf5_check_link(const struct hdf5 *file, uint64_t header, struct trouble *trouble);

/* ---- hdf5_attribute.c ---- */

/* The names of all attributes of an object. */
bool hdf5_attribute_names(const struct hdf5 *file, const struct hdf5_object *object,
                          const char ***names, size_t *count, struct trouble *trouble);

/* ---- hdf5_data.c ---- */

/* The readers of what describes data, into the fields of `value` other than `data`. `maxima` get the
 * sizes to which the dimensions may grow, UINT64_MAX for any. */
bool hdf5_read_datatype(const struct hdf5 *file, struct fovea_bytes body, struct hdf5_value *value,
                        struct trouble *trouble);
bool hdf5_read_dataspace(const struct hdf5 *file, struct fovea_bytes body, struct hdf5_value *value,
                         uint64_t maxima[HDF5_RANK_MAX], struct trouble *trouble);

/* count * size of a value. */
bool hdf5_value_bytes(const struct hdf5 *file, const struct hdf5_value *value, uint64_t *bytes,
                      struct trouble *trouble);

/* ---- hdf5_chunk.c: see there ---- */

struct hdf5_chunk {
    uint64_t address; /* HDF5_UNDEFINED until found */
    uint64_t stored;  /* bytes */
    uint32_t mask;    /* bit i: filter i was not applied */
};

struct hdf5_chunks {
    const struct hdf5_value *value;
    uint64_t maxima[HDF5_RANK_MAX];
    uint64_t dims[HDF5_RANK_MAX];   /* of a chunk */
    uint64_t counts[HDF5_RANK_MAX]; /* chunks along each dimension */
    uint64_t count, bytes;          /* chunks in all; of a chunk, not compressed */
    struct hdf5_chunk *chunks;      /* in row-major order */
};

/* Puts the dataset together from its chunks, or finds it put together before. */
bool hdf5_read_chunked(const struct hdf5 *file, struct hdf5_header *header, unsigned version,
                       struct fovea_bytes body, const uint64_t maxima[HDF5_RANK_MAX],
                       struct hdf5_value *value, struct trouble *trouble);

/* ---- hdf5_index.c ---- */

/* Fills in the chunks: from a B-tree of version 1, */
bool hdf5_read_chunk_tree(const struct hdf5 *file, uint64_t address, struct hdf5_chunks *chunks,
                          struct trouble *trouble);

/* or from the index that the rest of a layout message of version 4 describes. */
bool hdf5_read_index(const struct hdf5 *file, unsigned flags, struct fovea_bytes body,
                     struct hdf5_chunks *chunks, struct trouble *trouble);

/* ---- hdf5_array.c ---- */

/* The arrays that hold a chunk for each number from 0 on, for hdf5_read_index. */
typedef bool hdf5_element(void *context, uint64_t number, const struct hdf5_chunk *chunk);

struct hdf5_elements {
    const struct hdf5 *file;
    struct trouble *trouble;
    uint64_t plain_bytes;  /* of a chunk, where the array does not say: it is not filtered */
    hdf5_element *element; /* called for each chunk that is stored */
    void *context;
};

bool hdf5_read_fixed_array(const struct hdf5_elements *to, uint64_t address);
bool hdf5_read_extensible_array(const struct hdf5_elements *to, uint64_t address);

/* ---- hdf5_chunk.c, for hdf5_index.c ---- */

/* Notes where the chunk at `place`, counted in chunks, is stored. */
bool hdf5_set_chunk(const struct hdf5 *file, struct hdf5_chunks *chunks,
                    const uint64_t place[HDF5_RANK_MAX], const struct hdf5_chunk *chunk,
                    struct trouble *trouble);

/* On to the next place in row-major order. */
void hdf5_next_place(const struct hdf5_chunks *chunks, uint64_t place[HDF5_RANK_MAX]);

/* ---- hdf5_filter.c ---- */

struct hdf5_filters {
    unsigned count;
    struct hdf5_filter {
        unsigned id;
        uint32_t element; /* of shuffle: bytes */
    } filter[HDF5_FILTERS_MAX];
};

bool hdf5_read_filters(const struct hdf5 *file, struct fovea_bytes body,
                       struct hdf5_filters *filters, struct trouble *trouble);

/* The most bytes that `stored` bytes can become. */
uint64_t hdf5_filtered_max(const struct hdf5_filters *filters, const struct hdf5_chunk *chunk);

/* The `bytes` bytes of a chunk as they were before the filters: in place where none was applied, else in
 * one of the two scratch buffers of `bytes` + 4 * HDF5_FILTERS_MAX. NULL on trouble. */
const uint8_t *hdf5_unfilter(const struct hdf5 *file, const struct hdf5_filters *filters,
                             const struct hdf5_chunk *chunk, uint64_t bytes, uint8_t *scratch[2],
                             struct trouble *trouble);

#endif
