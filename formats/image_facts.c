/* What image files say, pushed: see image.h. */
#include "formats/image.h"

#include <stdio.h>
#include <string.h>

#include "core/escape.h"
#include "core/hash.h"
#include "formats/office_facts.h"

enum { SHA_SHOWN = 16 };

static void push(struct tally_image *m, const char *name, const char *value, const char *where)
{
	const struct tally_fact f = { .name = name, .value = value, .where = where };

	if (m->status >= 0 && m->sink->fact && *value)
		m->status = m->sink->fact(m->sink->payload, &f, m->err);
}

static void add_latin(struct tally_fact_text *t, const unsigned char *p, size_t len)
{
	char out[4];

	for (size_t i = 0; i < len; i++)
		tally_fact_text_add(t, out, tally_utf8_put(out, p[i]));
}

void tally_image_fact(struct tally_image *m, const char *name, const void *value, size_t len,
                      const char *where)
{
	const unsigned char *p = value;
	struct tally_fact_text text;

	while (len && (p[len - 1] == '\0' || p[len - 1] == ' '))
		len--;
	while (len && *p == ' ') {
		p++;
		len--;
	}
	if (memchr(p, '\0', len)) { /* two texts, or no text */
		tally_image_bytes(m, where ? where : name, p, len);
		return;
	}
	tally_fact_text_init(&text);
	if (tally_utf8_valid(p, len))
		tally_fact_text_add(&text, (const char *)p, len);
	else
		add_latin(&text, p, len);
	push(m, name, tally_fact_text_end(&text), where);
	if (text.no_memory)
		m->status = tally_err_nomem(m->err);
	tally_fact_text_release(&text);
}

void tally_image_text(struct tally_image *m, const char *name, const char *value, const char *where)
{
	tally_image_fact(m, name, value, strlen(value), where);
}

void tally_image_digest(struct tally_image *m, const char *where, size_t bytes,
                        const struct tally_sha256 *sha)
{
	char name[TALLY_DIGEST_TEXT_MAX], value[TALLY_DIGEST_TEXT_MAX + 40];

	tally_sha256_text(name, sha);
	snprintf(value, sizeof value, "%zu bytes, %.*s", bytes, (int)strlen("sha256:") + SHA_SHOWN,
	         name);
	push(m, "property", value, where);
}

void tally_image_bytes(struct tally_image *m, const char *where, const void *bytes, size_t len)
{
	struct tally_sha256 sha;

	tally_sha256_of(&sha, bytes, len);
	tally_image_digest(m, where, len, &sha);
}

void tally_image_note(struct tally_image *m, enum tally_reason reason, const char *detail)
{
	const struct tally_note note = { .reason = reason, .detail = detail };

	m->partial = true;
	if (m->status >= 0 && m->sink->note)
		m->status = m->sink->note(m->sink->payload, &note, m->err);
}

bool tally_image_piece(struct tally_image *m)
{
	char detail[80];

	if (m->status < 0 || ++m->pieces > TALLY_IMAGE_PIECES + 1)
		return false;
	if (m->pieces <= TALLY_IMAGE_PIECES)
		return true;
	snprintf(detail, sizeof detail, "it has more than %d pieces of metadata", TALLY_IMAGE_PIECES);
	tally_image_note(m, TALLY_REASON_LIMIT, detail);
	return false;
}
