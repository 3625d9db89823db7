/* Documents of two formats made comparable: see receipt/document_across.h. */
#include "receipt/document_across.h"

#include <string.h>

#include "diff/text_recut.h"

/* Lines and pages are cut as the other side is; of two that are laid out, a PDF as a plain text is. -1: neither needs it */
static int laid_side(const struct tally_reading side[2])
{
	bool before = side[0].format->caps & TALLY_CAP_LAID;
	bool after = side[1].format->caps & TALLY_CAP_LAID;

	if (before && after)
		return side[1].format->caps & TALLY_CAP_PLAIN ? 0 : 1;
	return before ? 0 : after ? 1 : -1;
}

/* Lines of two plain texts are what they are; in two PDFs, where pages end may be elsewhere. */
static bool is_needed(const struct tally_reading side[2])
{
	return side[0].format != side[1].format || ((side[0].format->caps & TALLY_CAP_LAID) &&
	                                            !(side[0].format->caps & TALLY_CAP_PLAIN));
}

enum tally_status tally_across_texts(struct tally_across *across,
                                     const struct tally_reading side[2], struct tally_err *err)
{
	bool other = side[0].format != side[1].format;
	enum tally_status st = TALLY_OK;
	struct tally_text laid;
	int i;

	for (i = 0; i < 2; i++) {
		across->text[i] = &side[i].blocks;
		tally_text_init(&across->texts[i], side[i].blocks.arena.max);
	}
	if (!is_needed(side))
		return TALLY_OK;
	for (i = 0; i < 2 && st >= 0; i++) {
		st = tally_text_squeeze(&across->texts[i], &side[i].blocks,
		                        other ? &side[1 - i].blocks : NULL, err);
		across->text[i] = &across->texts[i];
	}
	i = laid_side(side);
	if (st < 0 || i < 0)
		return st;
	laid = across->texts[i];
	tally_text_init(&across->texts[i], laid.arena.max);
	st = tally_text_recut(&across->texts[i], &laid, across->text[1 - i], other, err);
	tally_text_release(&laid);
	return st;
}

void tally_across_release(struct tally_across *across)
{
	tally_text_release(&across->texts[0]);
	tally_text_release(&across->texts[1]);
}

static bool is_one_of(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

const char *const *tally_across_facts(const struct tally_reading side[2])
{
	static const char *const office[] = { "docx", "odt", "pptx", "odp", NULL };
	static const char *const people[] = { "comment", "tracked_insertion", "tracked_deletion",
		                              "hidden_slide", NULL };
	static const char *const none[] = { NULL };

	return is_one_of(side[0].format->name, office) && is_one_of(side[1].format->name, office)
	               ? people
	               : none;
}

enum tally_status tally_across_pick(struct tally_facts *out, const struct tally_facts *in,
                                    const char *const *names, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < in->count && st >= 0; i++) {
		struct tally_fact f = in->facts[i];

		if (!is_one_of(f.name, names))
			continue;
		f.where = NULL; /* each format counts paragraphs in its own way */
		st = tally_facts_add(out, &f, err);
	}
	return st;
}
