/*
 * Any bytes as a receipt's JSON: refused with a message, or read; then it can be shown, and writing, reading and writing it
 * again gives the same bytes.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "receipt/receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is written, in memory. */
static char *written(const struct tally_receipt *r, size_t *len)
{
	FILE *file = tmpfile();
	char *bytes;
	long end;

	assert(file);
	assert(tally_receipt_write_json(r, fileno(file), NULL) == TALLY_OK);
	assert(fseek(file, 0, SEEK_END) == 0);
	end = ftell(file);
	assert(end > 0);
	rewind(file);
	bytes = malloc((size_t)end);
	assert(bytes && fread(bytes, 1, (size_t)end, file) == (size_t)end);
	fclose(file);
	*len = (size_t)end;
	return bytes;
}

static void show(const struct tally_receipt *r)
{
	struct tally_view_options options = TALLY_VIEW_OPTIONS_INIT;
	int fd = open("/dev/null", O_WRONLY);

	assert(tally_receipt_write_text(r, &options, fd, NULL) == TALLY_OK);
	options.all = options.colour = true;
	options.columns = 50;
	assert(tally_receipt_write_text(r, &options, fd, NULL) == TALLY_OK);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tally_receipt *r = NULL, *again = NULL;
	size_t first_len, second_len;
	struct tally_err err;
	char *first, *second;

	if (tally_receipt_read_json(&r, (const char *)data, size, &err) < 0) {
		assert(err.message[0]);
		return 0;
	}
	show(r);
	first = written(r, &first_len);
	assert(tally_receipt_read_json(&again, first, first_len, NULL) == TALLY_OK);
	second = written(again, &second_len);
	assert(first_len == second_len && !memcmp(first, second, first_len));
	/* what came from a file may be reviewed anew */
	assert(tally_receipt_review(again, NULL) == TALLY_OK);
	free(first);
	free(second);
	tally_receipt_free(r);
	tally_receipt_free(again);
	return 0;
}
