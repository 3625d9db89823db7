/* Pictures of an OpenDocument spreadsheet and the cells that they lie on: see ods.h. */
#include <string.h>

#include "core/facts.h"
#include "formats/ods.h"

static const char fact_name[] = "image";

enum tally_status tally_ods_picture(struct tally_ods *o, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	const struct tally_xml_attr *href = tally_xml_attr(e, TALLY_XML_XLINK, "href");
	struct tally_fact shown = { .name = fact_name };
	enum tally_status st;

	if (!href)
		return TALLY_OK; /* its bytes stand in the document */
	tally_buf_clear(&o->fact_text);
	if (!tally_buf_add(&o->fact_text, href->value, href->len) ||
	    !tally_buf_byte(&o->fact_text, '\0'))
		return tally_err_nomem(err);
	shown.value = o->fact_text.bytes;
	if (o->sheet_at)
		shown.where = o->cell.open ? tally_ods_place(o, 1, 1) : o->name.bytes;
	if (o->sheet_at && !shown.where)
		return tally_err_nomem(err);
	st = tally_facts_add(&o->pictures, &shown, err);
	return st == TALLY_SKIP ? TALLY_OK : st; /* of so many, places are not told */
}

enum tally_status tally_ods_pictures_end(struct tally_ods *o, struct tally_package *p,
                                         struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < o->pictures.count && st >= 0; i++) {
		struct tally_fact *f = &o->pictures.facts[i];

		st = tally_package_target(&f->value, p, "content.xml", f->value, strlen(f->value),
		                          err);
	}
	tally_facts_sort(&o->pictures);
	return st == TALLY_FATAL ? st : TALLY_OK;
}

/* The first that shows this part, or where it would stand */
static size_t first_of(const struct tally_facts *pictures, const char *part)
{
	size_t low = 0, high = pictures->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(pictures->facts[mid].value, part) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

enum tally_status tally_ods_pictures_push(struct tally_ods *o, const char *part, const char *value,
                                          struct tally_err *err)
{
	const struct tally_facts *all = &o->pictures;
	size_t i = first_of(all, part);
	enum tally_status st = TALLY_OK;

	if (i == all->count || strcmp(all->facts[i].value, part) != 0)
		return tally_ods_fact(o, fact_name, value, NULL, NULL, err);
	for (; i < all->count && !strcmp(all->facts[i].value, part) && st >= 0; i++)
		st = tally_ods_fact(o, fact_name, value, NULL, all->facts[i].where, err);
	return st;
}
