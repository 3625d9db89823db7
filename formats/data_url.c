/* Contents that are written into an address: see data_url.h. */
#include "formats/data_url.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "core/ascii.h"

/* @return the six bits of a letter of base64; -1: it is none */
static int bits_of(char c)
{
	if (tally_is_upper(c))
		return c - 'A';
	if (tally_is_lower(c))
		return c - 'a' + 26;
	if (tally_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* @return the letters behind "data:…;base64,", or NULL */
static const char *letters_of(const char *url)
{
	static const char mark[] = ";base64";
	const char *comma;

	if (strncasecmp(url, "data:", 5) != 0)
		return NULL;
	comma = strchr(url, ',');
	if (!comma || (size_t)(comma - url) < sizeof mark - 1 ||
	    strncasecmp(comma - (sizeof mark - 1), mark, sizeof mark - 1) != 0)
		return NULL;
	return comma + 1;
}

enum tally_status tally_data_url(struct tally_buf *out, const char *url)
{
	const char *p = letters_of(url);
	size_t begin = out->len;
	uint32_t held = 0;
	unsigned count = 0; /* of bits */

	for (; p && *p && *p != '='; p++) {
		int bits = bits_of(*p);

		if (strchr(" \t\r\n\f", *p))
			continue;
		if (bits < 0)
			return TALLY_END;
		held = (held << 6 | (uint32_t)bits) & 0xffffff;
		count += 6;
		if (count < 8)
			continue;
		count -= 8;
		if (!tally_buf_byte(out, (char)(held >> count)))
			return TALLY_FATAL;
	}
	return out->len > begin ? TALLY_OK : TALLY_END;
}

enum tally_status tally_data_url_show(const struct tally_sink *sink, const char *value,
                                      const char *url, struct tally_err *err)
{
	struct tally_buf bytes;
	enum tally_status st;

	if (!sink->content)
		return TALLY_OK;
	tally_buf_init(&bytes, strlen(url));
	st = tally_data_url(&bytes, url);
	if (st == TALLY_OK)
		st = sink->content(sink->payload, value, bytes.bytes, bytes.len, err);
	else if (st == TALLY_FATAL)
		st = tally_err_nomem(err);
	tally_buf_release(&bytes);
	return st < 0 ? st : TALLY_OK;
}
