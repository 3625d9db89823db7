/* Texts of mails as UTF-8: see letters.h. */
#include "formats/letters.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>

#include "core/ascii.h"
#include "core/mem.h"
#include "formats/encoding.h"

enum { NAME = 24, STEP = 4096 };

/* Names as they stand in mails, in small letters and digits only, and what iconv calls them. */
static const struct charset {
	const char *name, *iconv;
	bool ascii; /* bytes below 128 are ASCII, always */
} charsets[] = {
	{ "iso88592", "ISO-8859-2", true },
	{ "iso88593", "ISO-8859-3", true },
	{ "iso88594", "ISO-8859-4", true },
	{ "iso88595", "ISO-8859-5", true },
	{ "iso88596", "ISO-8859-6", true },
	{ "iso88597", "ISO-8859-7", true },
	{ "iso88598", "ISO-8859-8", true },
	{ "iso88598i", "ISO-8859-8", true },
	{ "iso88599", "ISO-8859-9", true },
	{ "iso885910", "ISO-8859-10", true },
	{ "iso885913", "ISO-8859-13", true },
	{ "iso885914", "ISO-8859-14", true },
	{ "iso885915", "ISO-8859-15", true },
	{ "iso885916", "ISO-8859-16", true },
	{ "windows1250", "CP1250", true },
	{ "windows1251", "CP1251", true },
	{ "windows1253", "CP1253", true },
	{ "windows1254", "CP1254", true },
	{ "windows1255", "CP1255", true },
	{ "windows1256", "CP1256", true },
	{ "windows1257", "CP1257", true },
	{ "windows1258", "CP1258", true },
	{ "windows874", "CP874", true },
	{ "tis620", "CP874", true },
	{ "koi8r", "KOI8-R", true },
	{ "koi8u", "KOI8-U", true },
	{ "ibm437", "CP437", true },
	{ "cp437", "CP437", true },
	{ "ibm850", "CP850", true },
	{ "cp850", "CP850", true },
	{ "ibm852", "CP852", true },
	{ "ibm866", "CP866", true },
	{ "cp866", "CP866", true },
	{ "macintosh", "MACINTOSH", true },
	{ "xmacroman", "MACINTOSH", true },
	{ "gb2312", "GBK", true },
	{ "gbk", "GBK", true },
	{ "xgbk", "GBK", true },
	{ "cp936", "GBK", true },
	{ "gb18030", "GB18030", true },
	{ "hzgb2312", "HZ", false },
	{ "big5", "BIG5", true },
	{ "big5hkscs", "BIG5-HKSCS", true },
	{ "iso2022jp", "ISO-2022-JP", false },
	{ "shiftjis", "CP932", false },
	{ "xsjis", "CP932", false },
	{ "sjis", "CP932", false },
	{ "windows31j", "CP932", false },
	{ "cp932", "CP932", false },
	{ "eucjp", "EUC-JP", true },
	{ "euckr", "UHC", true },
	{ "ksc56011987", "UHC", true },
	{ "ksc5601", "UHC", true },
	{ "cp949", "UHC", true },
	{ "iso2022kr", "ISO-2022-KR", false },
	{ "utf7", "UTF-7", false },
	{ "unicode11utf7", "UTF-7", false },
	{ "utf16", "UTF-16", false },
	{ "utf16le", "UTF-16LE", false },
	{ "utf16be", "UTF-16BE", false },
	{ "utf32", "UTF-32", false },
};

/* What is written where nobody knows better, or means no more than seven bits. */
static const char *const nameless[] = {
	"",         "usascii", "ascii",  "ansix341968", "646",
	"iso646us", "7bit",    "us",     "unknown",     "unknown8bit",
	"xunknown", "8bit",    "binary", "default",     "xuserdefined",
};

static const char *const latin[] = { "iso88591", "latin1", "windows1252", "cp1252", "ansi" };

/* Small letters and digits of a name; false: it is longer than any */
static bool plain_name(char out[NAME], const char *name, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = tally_lower(name[i]);

		if (strchr("-_. :()", c) && c)
			continue;
		if (n + 1 == NAME || !(tally_is_lower(c) || tally_is_digit(c)))
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	return true;
}

static bool is_one_of(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i], name))
			return true;
	return false;
}

#define IS_ONE_OF(name, list) is_one_of(name, list, sizeof(list) / sizeof *(list))

static const struct charset *find(const char *name)
{
	for (size_t i = 0; i < sizeof charsets / sizeof *charsets; i++)
		if (!strcmp(charsets[i].name, name))
			return &charsets[i];
	return NULL;
}

static bool is_utf8(const char *name)
{
	return !strcmp(name, "utf8") || !strcmp(name, "unicode11utf8");
}

bool tally_letters_known(const char *charset, size_t len)
{
	char name[NAME];

	if (!charset)
		return true;
	return plain_name(name, charset, len) &&
	       (is_utf8(name) || IS_ONE_OF(name, nameless) || IS_ONE_OF(name, latin) || find(name));
}

void tally_letters_prepare(void)
{
	static iconv_t kept[sizeof charsets / sizeof *charsets]; /* while one is open, its file stays loaded */

	for (size_t i = 0; i < sizeof charsets / sizeof *charsets; i++)
		if (!kept[i] && !(i && !strcmp(charsets[i].iconv, charsets[i - 1].iconv)))
			kept[i] = iconv_open("UTF-8", charsets[i].iconv);
}

static enum tally_status add_single(struct tally_buf *out, const char *bytes, size_t len,
                                    struct tally_err *err)
{
	char wide[STEP * TALLY_SINGLE_BYTE_MAX];

	for (size_t at = 0, n; at < len; at += n) {
		n = len - at < STEP ? len - at : STEP;
		if (!tally_buf_add(out, wide,
		                   tally_single_to_utf8(wide, bytes + at, n,
		                                        TALLY_ENCODING_WINDOWS_1252)))
			return tally_err_nomem(err);
	}
	return TALLY_OK;
}

/* One byte that is no letter. */
static bool add_bad(struct tally_buf *out, char byte, uint64_t *bad)
{
	++*bad;
	return tally_buf_byte(out, '\xff') && tally_buf_byte(out, byte);
}

/* One step: at most a room full. @return false: no memory */
static bool step(struct tally_buf *out, iconv_t by, char **from, size_t *left, uint64_t *bad)
{
	char room[STEP], *to = room;
	size_t space = sizeof room;
	/* the last step is for what it holds back: a letter that an accent might have followed */
	size_t n = iconv(by, *left ? from : NULL, *left ? left : NULL, &to, &space);
	bool failed = n == (size_t)-1 && errno != E2BIG && *left;

	if (!tally_buf_add(out, room, (size_t)(to - room)))
		return false;
	if (failed) {
		if (!add_bad(out, **from, bad))
			return false;
		++*from;
		--*left;
	}
	return true;
}

static enum tally_status convert(struct tally_buf *out, iconv_t by, const char *bytes, size_t len,
                                 uint64_t *bad, struct tally_err *err)
{
	char *from = (char *)(uintptr_t)bytes; /* iconv only reads it */
	size_t left = len;
	bool ok = true;

	while (ok && left)
		ok = step(out, by, &from, &left, bad);
	return ok && step(out, by, &from, &left, bad) ? TALLY_OK : tally_err_nomem(err);
}

static enum tally_status add_by_iconv(struct tally_buf *out, const struct charset *set,
                                      const char *bytes, size_t len, uint64_t *bad,
                                      struct tally_err *err)
{
	iconv_t by;
	enum tally_status st;

	if (set->ascii && !tally_has_high(bytes, len))
		return tally_buf_add(out, bytes, len) ? TALLY_OK : tally_err_nomem(err);
	by = iconv_open("UTF-8", set->iconv);
	if (by == (iconv_t)-1)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_FORMAT_UNKNOWN,
		                     "this machine cannot read text in '%s'", set->iconv);
	st = convert(out, by, bytes, len, bad, err);
	iconv_close(by);
	return st;
}

enum tally_status tally_letters_add(struct tally_buf *out, const char *charset, const char *bytes,
                                    size_t len, uint64_t *bad, struct tally_err *err)
{
	struct tally_utf8_found found = tally_utf8_count(bytes, len);
	const struct charset *set;
	char name[NAME];

	*bad = 0;
	if (!plain_name(name, charset ? charset : "", charset ? strlen(charset) : 0))
		name[0] = '?';
	if (is_utf8(name) || (IS_ONE_OF(name, nameless) && !found.bad)) {
		*bad = found.bad;
		return tally_buf_add(out, bytes, len) ? TALLY_OK : tally_err_nomem(err);
	}
	if (IS_ONE_OF(name, nameless) || IS_ONE_OF(name, latin))
		return add_single(out, bytes, len, err);
	set = find(name);
	if (!set)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_FORMAT_UNKNOWN,
		                     "text in letters that are not known ('%.40s')", charset);
	return add_by_iconv(out, set, bytes, len, bad, err);
}
