/* Macros and signatures of an Office Open XML file. */
#include <string.h>

#include "formats/office_facts.h"

enum tally_status tally_office_macros(struct tally_office_facts *f, const char *part,
                                      struct tally_err *err)
{
	const struct tally_relation *list;
	size_t count;
	bool readable;
	enum tally_status st = tally_office_relations(f, part, &list, &count, err);

	if (st < 0)
		return st;
	tally_fact_text_put(tally_office_begin(f), "VBA project: ");
	st = tally_office_digest(f, part, &readable, err);
	if (st < 0)
		return st;
	for (size_t i = 0; i < count; i++)
		if (!strncmp(list[i].type, "vbaProjectSignature", strlen("vbaProjectSignature"))) {
			tally_fact_text_put(&f->value, ", signed");
			break;
		}
	return tally_office_push(f, "macro", NULL, err);
}

enum tally_status tally_office_signature(struct tally_office_facts *f, struct tally_err *err)
{
	const struct tally_relation *list;
	size_t count;
	enum tally_status st = tally_office_relations(f, "", &list, &count, err);

	if (st < 0 || !tally_relation_of_type(list, count, "origin"))
		return st;
	tally_fact_text_put(tally_office_begin(f), "the file is signed");
	return tally_office_push(f, "signature", NULL, err);
}
