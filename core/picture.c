/* What a decoded picture owns: see picture.h. */
#include "core/picture.h"

#include <string.h>

#include "core/mem.h"

enum tally_status tally_picture_copy(struct tally_picture *to, const struct tally_picture *from,
                                     struct tally_err *err)
{
	const struct tally_picture_squares *s = &from->squares;
	size_t n = (size_t)s->width * s->height;

	*to = *from;
	to->squares.light = s->light ? tally_alloc(n) : NULL;
	if (s->light && !to->squares.light) {
		to->squares = (struct tally_picture_squares){ 0 };
		return tally_err_nomem(err);
	}
	if (s->light)
		memcpy(to->squares.light, s->light, n);
	return TALLY_OK;
}

void tally_picture_drop(struct tally_picture *picture)
{
	tally_free(picture->squares.light);
	picture->squares = (struct tally_picture_squares){ 0 };
}
