/**
 * A table from objects of a PDF to numbers. Private to the reader of PDF.
 */
#ifndef TALLY_FORMATS_PDF_MAP_H
#define TALLY_FORMATS_PDF_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tally_pdf_map {
	struct tally_pdf_map_slot {
		uint64_t key; /**< 0: free */
		uint32_t value;
	} * slots;
	size_t cap, count;
};

/** @key not 0 */
bool tally_pdf_map_get(const struct tally_pdf_map *map, uint64_t key, uint32_t *value);
/** @return false: no memory */
bool tally_pdf_map_set(struct tally_pdf_map *map, uint64_t key, uint32_t value);
void tally_pdf_map_clear(struct tally_pdf_map *map);
void tally_pdf_map_release(struct tally_pdf_map *map);

#endif
