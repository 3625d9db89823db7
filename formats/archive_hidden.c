/* Archives that do not begin at the first byte: behind a program or a script that unpacks them. See archive_level.h. */
#include <string.h>

#include "core/bytes.h"
#include "core/mem.h"
#include "formats/archive_level.h"
#include "formats/crc32.h"
#include "formats/zip_parts.h"

enum {
	MZ_HEAD = 64,  /* header of a DOS program, with the place of the one for Windows (0x3c) */
	PE_HEAD = 24,  /* signature and file header */
	SECTION = 40,  /* one row of the table of sections */
	SECTIONS = 96, /* the loader of Windows takes no more */
	ELF_HEAD = 64,
	SEARCHED = 64 << 10, /* behind a program there may be settings first */
	SEVENZIP_HEAD = 32,
};

static uint16_t u16(const unsigned char *p)
{
	return tally_zip_u16(p);
}

static uint32_t u32(const unsigned char *p)
{
	return tally_zip_u32(p);
}

/* ---- where a program ends ---- */

static uint64_t dos_end(const unsigned char *b)
{
	uint64_t pages = u16(b + 4), last = u16(b + 2);

	return pages ? pages * 512 - (last ? 512 - last % 512 : 0) : 0;
}

/* behind the last section; what follows belongs to no part of the program. 0: not known */
static uint64_t program_end(const unsigned char *b, size_t len)
{
	uint64_t end = 0;
	size_t pe, at, sections;

	if (len < MZ_HEAD)
		return 0;
	pe = u32(b + 0x3c);
	if (pe > len - PE_HEAD || memcmp(b + pe, "PE\0\0", 4) != 0)
		return dos_end(b);
	sections = u16(b + pe + 6);
	at = pe + PE_HEAD + u16(b + pe + 20);
	for (size_t i = 0; i < sections && i < SECTIONS; i++, at += SECTION) {
		uint64_t over;

		if (at > len || len - at < SECTION)
			return 0;
		over = (uint64_t)u32(b + at + 16) + u32(b + at + 20);
		end = over > end ? over : end;
	}
	return end;
}

/* behind the table of sections, which linkers put last; little-endian ones only. 0: not known */
static uint64_t elf_end(const unsigned char *b, size_t len)
{
	uint64_t table;

	if (len < ELF_HEAD || b[5] != 1)
		return 0;
	if (b[4] == 1)
		return (uint64_t)u32(b + 0x20) + (uint64_t)u16(b + 0x2e) * u16(b + 0x30);
	table = u32(b + 0x28) | (uint64_t)u32(b + 0x2c) << 32;
	return table > INT64_MAX ? 0 : table + (uint64_t)u16(b + 0x3a) * u16(b + 0x3c);
}

/* ---- what stands behind it ---- */

/* programs that unpack know the magics by heart: what begins with one must go on like an archive */
static bool goes_on(const struct tally_archive_place *place, const unsigned char *b, size_t len)
{
	if (place->kind == TALLY_ARCHIVE_7ZIP)
		return len >= SEVENZIP_HEAD && u32(b + 8) == tally_crc32(0, b + 12, 20);
	if (place->kind == TALLY_ARCHIVE_OTHER && memcmp(b, "Rar!", 4) == 0)
		return len > 7 && (b[6] == 0 || (b[6] == 1 && b[7] == 0));
	return true;
}

static void look_at(struct tally_archive_place *place, const unsigned char *b, size_t len)
{
	int bits;

	place->kind = tally_archive_probe(b, len, &bits);
	place->other = NULL;
	if (place->kind == TALLY_ARCHIVE_OTHER)
		place->other = tally_archive_other(b, len, &bits, &place->reason);
	if (bits < 24 || !goes_on(place, b, len))
		place->kind = TALLY_ARCHIVE_NONE;
}

static bool may_begin(unsigned char c)
{
	return c == '7' || c == 'R' || c == 'M';
}

static enum tally_status behind_program(struct tally_archive_place *place, struct tally_source *src,
                                        uint64_t end, struct tally_err *err)
{
	uint64_t size = tally_source_size(src);
	size_t len = size - end < SEARCHED ? (size_t)(size - end) : SEARCHED;
	unsigned char *b = tally_alloc(len + 1);
	enum tally_status st;

	if (!b)
		return tally_err_nomem(err);
	st = tally_zip_read_exact(src, b, len, end, err);
	for (size_t i = 0; st == TALLY_OK && i < len; i++) {
		if (i > 0 && !may_begin(b[i]))
			continue;
		look_at(place, b + i, len - i);
		place->at = end + i;
		if (place->kind == TALLY_ARCHIVE_NONE || place->kind == TALLY_ARCHIVE_TAR)
			continue;
		break;
	}
	tally_free(b);
	return st < 0 ? st : TALLY_OK;
}

/* a script with a compressed stream behind one of its lines */
static void behind_script(struct tally_archive_place *place, const unsigned char *b, size_t len)
{
	for (size_t i = 1; i < len; i++) {
		if (b[i - 1] != '\n' || (b[i] >= ' ' && b[i] < 0x7f && b[i] != 'B'))
			continue;
		look_at(place, b + i, len - i);
		place->at = i;
		if (place->kind >= TALLY_ARCHIVE_GZIP)
			return;
	}
	place->kind = TALLY_ARCHIVE_NONE;
}

/* a zip is found from its end, whatever stands in front of it */
static enum tally_status by_end_record(struct tally_archive_place *place, struct tally_source *src,
                                       struct tally_err *err)
{
	struct tally_zip_directory d = { 0 };
	struct tally_zip_end end = { 0 };
	struct tally_zip_window w = { src, tally_alloc(TALLY_ZIP_WINDOW_CAP), 0, 0 };
	enum tally_status st;

	if (!w.bytes)
		return tally_err_nomem(err);
	st = tally_zip_find_end(&d, &w, &end, err);
	tally_free(w.bytes);
	if (st == TALLY_OK && end.count > 0)
		*place = (struct tally_archive_place){ .kind = TALLY_ARCHIVE_ZIP };
	return st < 0 ? st : TALLY_OK;
}

/* Is this the beginning of a program or script, behind which there may be an archive? */
static bool is_program(const unsigned char *b, size_t len)
{
	return len >= 4 && (memcmp(b, "MZ", 2) == 0 ||
	                    memcmp(b,
	                           "\x7f"
	                           "ELF",
	                           4) == 0 ||
	                    memcmp(b, "#!", 2) == 0);
}

bool tally_archive_likely(const unsigned char *head, size_t head_len, const unsigned char *tail,
                          size_t tail_len)
{
	if (tally_archive_probe(head, head_len, NULL) != TALLY_ARCHIVE_NONE ||
	    is_program(head, head_len))
		return true;
	for (size_t i = 0; i + 4 <= tail_len; i++)
		if (u32(tail + i) == TALLY_ZIP_SIG_END)
			return true;
	return false;
}

static enum tally_status find_hidden(struct tally_archive_place *place, struct tally_source *src,
                                     const unsigned char *b, size_t len, struct tally_err *err)
{
	uint64_t end;
	enum tally_status st = by_end_record(place, src, err);

	if (st < 0 || place->kind != TALLY_ARCHIVE_NONE || !is_program(b, len))
		return st;
	if (b[0] == '#') {
		behind_script(place, b, len);
		return TALLY_OK;
	}
	end = b[0] == 'M' ? program_end(b, len) : elf_end(b, len);
	if (end == 0 || end >= tally_source_size(src))
		return TALLY_OK;
	st = behind_program(place, src, end, err);
	if (place->kind == TALLY_ARCHIVE_TAR)
		place->kind = TALLY_ARCHIVE_NONE;
	return st;
}

enum tally_status tally_archive_find(struct tally_archive_place *place, struct tally_source *src,
                                     struct tally_err *err)
{
	const unsigned char *bytes;
	size_t len;
	enum tally_status st = tally_source_peek(src, &bytes, &len, err);
	int bits;

	*place = (struct tally_archive_place){ .kind = TALLY_ARCHIVE_NONE };
	if (st < 0)
		return st;
	place->kind = tally_archive_probe(bytes, len, &bits);
	if (place->kind == TALLY_ARCHIVE_OTHER)
		place->other = tally_archive_other(bytes, len, &bits, &place->reason);
	return place->kind == TALLY_ARCHIVE_NONE ? find_hidden(place, src, bytes, len, err)
	                                         : TALLY_OK;
}
