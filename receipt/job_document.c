/* Texts of two files compared: see receipt/job_document.h. */
#include "receipt/job_document.h"

#include <string.h>

#include "diff/facts_diff.h"
#include "diff/text_diff.h"
#include "receipt/document_across.h"
#include "receipt/document_json.h"
#include "receipt/document_pages.h"
#include "receipt/document_places.h"
#include "receipt/document_still.h"
#include "receipt/document_unread.h"
#include "receipt/facts_json.h"
#include "receipt/job_passages.h"
#include "receipt/job_pictures.h"
#include "receipt/json_util.h"
#include "receipt/picture_json.h"
#include "receipt/tracked.h"

struct document {
	struct tally_job_document *job;
	struct tally_text_diff *text;
	struct tally_facts_diff *facts; /* NULL: not compared */
	struct tally_document_places *places;
	json_t *unread; /* what differs and is not looked into */
	struct tally_picture_diff picture;
	bool has_picture;
	struct tally_job_pictures *pictures; /* inside, which differ; NULL: there are none */
	struct tally_tracked *tracked;       /* NULL: no facts were compared */
	uint64_t unlisted_facts, unlisted_edits;
	uint64_t still; /* deleted paragraphs that are there still: hidden, or marked as deleted */
	struct tally_across across;
	struct tally_facts picked[2]; /* of two formats: what both tell */
	const char *const *names;     /* and which facts these are */
	bool unseen;                  /* a side has no text that could be read */
};

/* ---- facts ---- */

static json_t *facts_json(struct document *d, bool *ok)
{
	const struct tally_limits *limits = d->job->limits;
	json_t *list = json_array();

	for (size_t i = 0; d->facts && i < d->facts->count && *ok; i++) {
		const struct tally_fact_change *c = &d->facts->changes[i];
		const char *how = tally_tracked_outcome(d->tracked, c);
		json_t *o;

		if (tally_is_unread(c) || tally_is_page_look(c))
			continue;
		if (i >= limits->table_details) {
			d->unlisted_facts++;
			continue;
		}
		o = tally_fact_json(c, tally_job_pictures_json(d->pictures, c), limits);
		if (how)
			tally_json_set(o, "change", json_string_nocheck(how), ok);
		tally_json_add(list, o, ok);
	}
	return list;
}

/* Another format has other facts; some of them mean the same, wherever they stand. */
static enum tally_status compare_facts_across(struct document *d, struct tally_err *err)
{
	const struct tally_reading *side = d->job->side;
	struct tally_facts_options options = TALLY_FACTS_OPTIONS_INIT;
	enum tally_status st = TALLY_OK;

	d->names = tally_across_facts(side);
	options.other_format = true;
	for (int i = 0; i < 2 && st >= 0; i++)
		st = tally_across_pick(&d->picked[i], &side[i].facts, d->names, err);
	return st < 0 || !*d->names
	               ? st
	               : tally_facts_diff(&d->facts, &d->picked[0], &d->picked[1], &options, err);
}

static enum tally_status compare_facts(struct document *d, struct tally_err *err)
{
	const struct tally_reading *side = d->job->side;
	struct tally_facts_options options = TALLY_FACTS_OPTIONS_INIT;
	enum tally_status st;

	d->places = tally_document_places_new(d->text);
	if (!d->places)
		return tally_err_nomem(err);
	options.place = tally_document_place;
	options.places = d->places;
	/* what is not all known cannot be said to be gone */
	if (side[0].facts_cut || side[1].facts_cut)
		return TALLY_OK;
	if (side[0].format != side[1].format)
		return compare_facts_across(d, err);
	st = tally_job_pictures_new(&d->pictures, d->job->side, err);
	if (st < 0)
		return st;
	return d->pictures
	               ? tally_job_pictures_diff(&d->facts, d->pictures, &options, err)
	               : tally_facts_diff(&d->facts, &side[0].facts, &side[1].facts, &options, err);
}

static void compare_pictures(struct document *d)
{
	const struct tally_reading *side = d->job->side;

	d->has_picture = side[0].picture && side[1].picture;
	if (d->has_picture)
		tally_picture_compare(&d->picture, side[0].picture, side[1].picture);
}

/* ---- the entry ---- */

static bool is_picture(const struct document *d)
{
	const struct tally_reading *side = d->job->side;

	return side[0].format->caps & side[1].format->caps & TALLY_CAP_PICTURE;
}

/* Pictures that could not both be decoded are not known to be the same. */
static bool differs(const struct document *d)
{
	if (is_picture(d) && (!d->has_picture || d->picture.kin != TALLY_PICTURE_SAME))
		return true;
	return d->text->edit_count > 0 || (d->facts && d->facts->count > 0) ||
	       json_array_size(d->unread) > 0;
}

static enum tally_status list_unread(struct document *d, struct tally_err *err)
{
	const struct tally_reading *side = d->job->side;
	bool ok = true;

	d->unread = json_array();
	if (d->unseen)
		return d->unread ? TALLY_OK
		                 : tally_err_nomem(err); /* all of it is unread, as is said */
	if (side[0].format == side[1].format)
		tally_document_unread(d->unread, d->text, d->facts, d->places, d->job->limits, &ok);
	else if (!is_picture(d) && (side[0].format->caps | side[1].format->caps) & TALLY_CAP_FACTS)
		tally_document_of_two_formats(
			d->unread, (const struct tally_facts[2]){ side[0].facts, side[1].facts },
			d->names, &ok);
	if (d->has_picture)
		tally_document_picture_unread(d->unread, &d->picture, NULL, &ok);
	if (d->facts)
		tally_job_pictures_unread(d->pictures, d->facts, d->unread, "places", &ok);
	return ok && d->unread ? TALLY_OK : tally_err_nomem(err);
}

static json_t *entry_json(struct document *d)
{
	const struct tally_reading *side = d->job->side;
	json_t *o = json_object(), *format = json_object();
	bool ok = true;

	tally_json_set(format, "before", json_string_nocheck(side[0].format->name), &ok);
	tally_json_set(format, "after", json_string_nocheck(side[1].format->name), &ok);
	tally_json_set(o, "format", format, &ok);
	tally_json_set(o, "blocks", tally_blocks_json(d->text, d->still), &ok);
	tally_json_set(o, "edits", tally_edits_json(d->text, d->job->limits, &d->unlisted_edits),
	               &ok);
	tally_json_set(o, "facts", facts_json(d, &ok), &ok);
	if (d->facts)
		tally_json_set(o, "fact_counts", tally_fact_counts_json(d->facts), &ok);
	if (d->has_picture)
		tally_json_set(o, "picture",
		               tally_picture_json(&d->picture, side[0].picture, side[1].picture),
		               &ok);
	if (json_array_size(d->unread))
		tally_json_set(o, "unread", json_incref(d->unread), &ok);
	if (!differs(d))
		tally_json_set(o, "repackaged", json_true(), &ok);
	if (d->text->approximate)
		tally_json_set(o, "doubtful", json_true(), &ok);
	if (d->unlisted_edits || d->unlisted_facts)
		tally_json_set(o, "not_listed",
		               json_pack("{s:I, s:I}", "edits", (json_int_t)d->unlisted_edits,
		                         "facts", (json_int_t)d->unlisted_facts),
		               &ok);
	if (ok)
		return o;
	json_decref(o);
	return NULL;
}

/* A text that could not be read on one side is not gone from there, nor did that of the other side come. */
static enum tally_status compare_texts(struct document *d, struct tally_err *err)
{
	static const struct tally_text none;
	struct tally_text_options options = TALLY_TEXT_OPTIONS_INIT;
	struct tally_reading *side = d->job->side;
	enum tally_status st = tally_across_texts(&d->across, side, err);

	options.limits = d->job->limits;
	options.other_format = side[0].format != side[1].format;
	d->unseen = !tally_document_has_text(&side[0]) || !tally_document_has_text(&side[1]);
	if (st < 0)
		return st;
	return tally_text_diff(&d->text, d->unseen ? &none : d->across.text[0],
	                       d->unseen ? &none : d->across.text[1], &options, err);
}

enum tally_status tally_job_document(struct tally_job_document *job, struct tally_err *err)
{
	static const char *const no_names[] = { NULL };
	struct document d = { .job = job, .names = no_names };
	enum tally_status st;

	for (int i = 0; i < 2; i++)
		tally_facts_init(&d.picked[i], job->side[i].facts.arena.max);
	st = compare_texts(&d, err);
	if (st >= 0)
		st = compare_facts(&d, err);
	if (st >= 0 && job->side[0].format == job->side[1].format)
		st = tally_document_still(d.text, d.facts, &d.still, err);
	if (st >= 0 && d.facts) {
		d.tracked = tally_tracked_new(d.text, d.facts, d.places);
		st = d.tracked ? st : tally_err_nomem(err);
	}
	if (st >= 0)
		st = list_unread(&d, err);
	if (st >= 0 && job->passages)
		st = tally_job_passages(d.text, job->gone, job->key, job->limits, job->answer,
		                        job->passages, err);
	if (st >= 0) {
		compare_pictures(&d);
		job->related = d.has_picture || d.text->same || d.text->edited || d.text->moved ||
		               d.unseen || !differs(&d);
		if (!differs(&d)) {
			tally_document_settle_pages(&job->side[0]);
			tally_document_settle_pages(&job->side[1]);
		}
		job->entry = entry_json(&d);
		st = job->entry ? st : tally_err_nomem(err);
	}
	json_decref(d.unread);
	tally_tracked_free(d.tracked);
	tally_document_places_free(d.places);
	tally_facts_diff_free(d.facts);
	tally_job_pictures_free(d.pictures);
	tally_text_diff_free(d.text);
	tally_across_release(&d.across);
	tally_facts_release(&d.picked[0]);
	tally_facts_release(&d.picked[1]);
	return st;
}
