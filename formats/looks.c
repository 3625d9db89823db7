/* How letters and paragraphs look, as numbers: see looks.h. */
#include "formats/looks.h"

#include <string.h>

#include "core/hash.h"

static bool is_one_of(const struct tally_xml_name *name, const char *const *list)
{
	for (; *list; list++)
		if (name->len && **list == name->local[0] && strlen(*list) == name->len &&
		    !memcmp(*list, name->local, name->len))
			return true;
	return false;
}

/* Made anew by whoever saves: numbers of things and of savings, names that programs think of, languages of spell checkers. */
static bool is_volatile(const struct tally_xml_attr *a)
{
	static const char *const names[] = { "id",       "spid",           "paraId", "textId",
		                             "anchorId", "editId",         "dirty",  "err",
		                             "smtClean", "smtId",          "lang",   "bmk",
		                             "altLang",  "relativeHeight", "nsid",   "gfxdata",
		                             NULL };

	return a->name.ns == TALLY_XML_RELATIONSHIP ||
	       tally_xml_is(&a->name, TALLY_XML_NONE, "name") ||
	       (a->name.len >= 4 && !memcmp(a->name.local, "rsid", 4)) || is_one_of(&a->name, names);
}

static bool is_volatile_element(const struct tally_xml_name *name)
{
	static const char *const names[] = { "lang",       "noProof", "rsid", "id",
		                             "creationId", "modId",   NULL };

	return is_one_of(name, names);
}

uint64_t tally_looks_sum(uint64_t sum, const struct tally_xml_start *e)
{
	uint64_t values = 0;

	if (is_volatile_element(&e->name))
		return sum;
	for (size_t i = 0; i < e->attr_count; i++) {
		const struct tally_xml_attr *a = &e->attrs[i];

		/* in any order */
		if (!is_volatile(a))
			values += tally_hash64(a->value, a->len,
			                       tally_hash64(a->name.local, a->name.len, 1));
	}
	return tally_hash64(e->name.local, e->name.len, sum * 31 + values + 1);
}

/* The letters that came last are told once others come. */
static void settle(struct tally_looks *l)
{
	if (l->some)
		l->exact = tally_hash64(&l->letters, sizeof l->letters, l->exact ^ l->last);
	l->some = false;
	l->letters = 0;
}

void tally_looks_mark(struct tally_looks *l, uint64_t mark)
{
	if (!mark)
		return;
	settle(l);
	l->exact = tally_hash64(&mark, sizeof mark, l->exact);
	l->rough = tally_hash64(&mark, sizeof mark, l->rough);
}

void tally_looks_add(struct tally_looks *l, const struct tally_xml_start *e)
{
	tally_looks_mark(l, tally_looks_sum(0, e));
}

void tally_looks_run(struct tally_looks *l)
{
	l->run = 0;
}

void tally_looks_run_add(struct tally_looks *l, const struct tally_xml_start *e)
{
	l->run = tally_looks_sum(l->run, e);
}

void tally_looks_letters(struct tally_looks *l, size_t len)
{
	if (!len)
		return;
	if (!l->some || l->run != l->last) {
		settle(l);
		l->rough = tally_hash64(&l->run, sizeof l->run, l->rough);
		l->last = l->run;
		l->some = true;
	}
	l->letters += len;
}

void tally_looks_give(struct tally_looks *l, struct tally_block *b)
{
	settle(l);
	b->look = l->exact;
	b->rough_look = l->rough;
	*l = (struct tally_looks){ 0 };
}

void tally_looks_pass(struct tally_looks *l, struct tally_looks *next)
{
	settle(l);
	tally_looks_mark(next, l->exact);
	*l = (struct tally_looks){ 0 };
}
