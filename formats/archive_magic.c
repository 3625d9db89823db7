/* What kind of archive the bytes are, and what names of archives look like: see archive.h. */
#include "formats/archive.h"

#include <string.h>

#include "core/ascii.h"
#include "core/bytes.h"
#include "core/path.h"
#include "formats/archive_level.h"

const char *const tally_archive_tar_suffixes[] = { ".tar",      ".tgz",     ".tbz",     ".tbz2",
	                                           ".txz",      ".tlz",     ".taz",     ".tzst",
	                                           ".tar.gz",   ".tar.bz2", ".tar.xz",  ".tar.zst",
	                                           ".tar.lzma", ".tar.lz",  ".tar.lz4", ".tar.z",
	                                           NULL };

/* ---- magic numbers ---- */

static const struct magic {
	enum tally_archive_kind kind;
	uint8_t len;
	unsigned char bytes[8];
} magics[] = {
	{ TALLY_ARCHIVE_ZIP, 4, { 'P', 'K', 3, 4 } },
	{ TALLY_ARCHIVE_ZIP, 4, { 'P', 'K', 5, 6 } },
	{ TALLY_ARCHIVE_ZIP, 8, { 'P', 'K', 7, 8, 'P', 'K', 3, 4 } }, /* volumes, of which there is one */
	{ TALLY_ARCHIVE_ZIP, 8, { 'P', 'K', '0', '0', 'P', 'K', 3, 4 } },
	{ TALLY_ARCHIVE_7ZIP, 6, { '7', 'z', 0xbc, 0xaf, 0x27, 0x1c } },
	{ TALLY_ARCHIVE_AR, 8, { '!', '<', 'a', 'r', 'c', 'h', '>', '\n' } },
	{ TALLY_ARCHIVE_CPIO, 6, { '0', '7', '0', '7', '0', '1' } },
	{ TALLY_ARCHIVE_CPIO, 6, { '0', '7', '0', '7', '0', '2' } },
	{ TALLY_ARCHIVE_CPIO, 6, { '0', '7', '0', '7', '0', '7' } },
	{ TALLY_ARCHIVE_GZIP, 3, { 0x1f, 0x8b, 8 } },
	{ TALLY_ARCHIVE_XZ, 6, { 0xfd, '7', 'z', 'X', 'Z', 0 } },
	{ TALLY_ARCHIVE_ZSTD, 4, { 0x28, 0xb5, 0x2f, 0xfd } },
	{ TALLY_ARCHIVE_LZ4, 4, { 0x04, 0x22, 0x4d, 0x18 } },
	{ TALLY_ARCHIVE_LZ4, 4, { 0x02, 0x21, 0x4c, 0x18 } },
	{ TALLY_ARCHIVE_LZIP, 5, { 'L', 'Z', 'I', 'P', 1 } },
};

/* Containers that are known and not read. Readers for most of them exist and have a long list of holes. */
static const struct other {
	uint8_t at, len;
	unsigned char bytes[20];
	const char *name;
	enum tally_reason reason;
} others[] = {
	{ 0, 6, "Rar!\x1a\x07", "a RAR archive", TALLY_REASON_FORMAT_UNKNOWN },
	{ 0, 8, "MSCF\0\0\0\0", "a cabinet (CAB)", TALLY_REASON_FORMAT_UNKNOWN },
	{ 7, 7, "**ACE**", "an ACE archive", TALLY_REASON_FORMAT_UNKNOWN },
	{ 0, 4, "xar!", "a XAR archive", TALLY_REASON_FORMAT_UNKNOWN },
	{ 0, 8, "MSWIM\0\0\0", "a Windows image (WIM)", TALLY_REASON_FORMAT_UNKNOWN },
	{ 0, 4, "\xed\xab\xee\xdb", "an RPM package", TALLY_REASON_FORMAT_UNKNOWN },
	{ 0, 7, "StuffIt", "a StuffIt archive", TALLY_REASON_FORMAT_UNKNOWN },
	{ 0, 9, "\x89LZO\0\r\n\x1a\n", "an lzop file", TALLY_REASON_FORMAT_UNKNOWN },
	{ 0, 5, "LRZI\0", "an lrzip file", TALLY_REASON_FORMAT_UNKNOWN },
	{ 0, 4, "7kSt", "a ZPAQ archive", TALLY_REASON_FORMAT_UNKNOWN },
	{ 0, 4, "hsqs", "a SquashFS image", TALLY_REASON_FORMAT_UNKNOWN },
	{ 0, 8, "vhdxfile", "a virtual disk", TALLY_REASON_FORMAT_UNKNOWN },
	{ 0, 8, "conectix", "a virtual disk", TALLY_REASON_FORMAT_UNKNOWN },
	{ 0, 4, "KDMV", "a virtual disk", TALLY_REASON_FORMAT_UNKNOWN },
	{ 0, 4, "QFI\xfb", "a virtual disk", TALLY_REASON_FORMAT_UNKNOWN },
	{ 0, 6, "LUKS\xba\xbe", "an encrypted disk", TALLY_REASON_ENCRYPTED },
	{ 0, 19, "age-encryption.org/", "a file encrypted with age", TALLY_REASON_ENCRYPTED },
	{ 0, 8, "Salted__", "a file encrypted with OpenSSL", TALLY_REASON_ENCRYPTED },
	{ 0, 4, "AES\2", "a file encrypted with AES Crypt", TALLY_REASON_ENCRYPTED },
	{ 0, 20, "-----BEGIN PGP MESSA", "a file encrypted with PGP", TALLY_REASON_ENCRYPTED },
};

/* "-lh5-" behind the size of the header and its sum */
static bool is_lha(const unsigned char *b, size_t len)
{
	return len >= 22 && b[2] == '-' && b[3] == 'l' && (b[4] == 'h' || b[4] == 'z') &&
	       b[5] > ' ' && b[5] < 0x7f && b[6] == '-' && b[20] <= 3;
}

/* two bytes of magic, and sizes that fit */
static bool is_arj(const unsigned char *b, size_t len)
{
	unsigned head = len >= 12 ? (unsigned)b[2] | (unsigned)b[3] << 8 : 0;

	return head >= 30 && head <= 2600 && b[0] == 0x60 && b[1] == 0xea && b[4] >= 30 &&
	       b[4] <= head && b[10] == 2;
}

const char *tally_archive_other(const unsigned char *bytes, size_t len, int *bits,
                                enum tally_reason *reason)
{
	*reason = TALLY_REASON_FORMAT_UNKNOWN;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		const struct other *o = &others[i];

		if (len < (size_t)o->at + o->len || memcmp(bytes + o->at, o->bytes, o->len) != 0)
			continue;
		*bits = o->len * 8;
		*reason = o->reason;
		return o->name;
	}
	*bits = 32;
	if (is_lha(bytes, len))
		return "an LHA archive";
	if (is_arj(bytes, len))
		return "an ARJ archive";
	*bits = 0;
	return NULL;
}

/* ---- kinds without a plain magic ---- */

enum { BZIP2_BITS = 24 + 3 + 48, BZIP2_HEAD = 10 };

/* "BZh", a level, then the signature of a block, or of the end where there is nothing */
static bool is_bzip2(const unsigned char *b, size_t len)
{
	return len >= BZIP2_HEAD && memcmp(b, "BZh", 3) == 0 && b[3] >= '1' && b[3] <= '9' &&
	       (memcmp(b + 4, "\x31\x41\x59\x26\x53\x59", 6) == 0 ||
	        memcmp(b + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);
}

enum { LZMA_BITS = 40, LZMA_HEAD = 14, LZMA_SIZE_BITS = 38 };

/*
 * The old .lzma has no magic: the properties that everybody uses, a dictionary of 2^n or 2^n + 2^(n-1) bytes, a size that is
 * unknown or below 256 GiB, and the zero that a range coder begins with.
 */
static bool is_lzma(const unsigned char *b, size_t len)
{
	struct tally_bytes at = tally_bytes_of(b, len < LZMA_HEAD ? 0 : LZMA_HEAD);
	uint8_t properties = tally_bytes_u8(&at);
	uint32_t dictionary = tally_bytes_u32(&at);
	uint64_t size = tally_bytes_u64(&at);
	uint32_t low = dictionary & (~dictionary + 1), rest = dictionary ^ low;

	return !at.bad && properties == 0x5d && low >= 2048 && dictionary >= 4096 &&
	       (rest == 0 || rest == low << 1) &&
	       (size == UINT64_MAX || size >> LZMA_SIZE_BITS == 0) && tally_bytes_u8(&at) == 0;
}

enum { COMPRESS_BITS = 20, COMPRESS_MASK = 0x1f, COMPRESS_RESERVED = 0x60 };

/* .Z: two bytes, then how wide codes become; bits of that byte are reserved */
static bool is_compress(const unsigned char *b, size_t len)
{
	return len >= 3 && b[0] == 0x1f && b[1] == 0x9d && !(b[2] & COMPRESS_RESERVED) &&
	       (b[2] & COMPRESS_MASK) >= 9 && (b[2] & COMPRESS_MASK) <= 16;
}

enum { CPIO_BITS = 32, CPIO_HEAD = 26, CPIO_NAME_MOST = 4096 };

/* the old binary cpio: numbers of 16 bits in either order, and a name that ends where it should */
static bool is_binary_cpio(const unsigned char *b, size_t len)
{
	bool little;
	size_t name;

	if (len < CPIO_HEAD)
		return false;
	little = b[0] == 0xc7 && b[1] == 0x71;
	if (!little && !(b[0] == 0x71 && b[1] == 0xc7))
		return false;
	name = little ? (size_t)b[20] | (size_t)b[21] << 8 : (size_t)b[20] << 8 | b[21];
	return name >= 2 && name <= CPIO_NAME_MOST && name <= len - CPIO_HEAD &&
	       memchr(b + CPIO_HEAD, '\0', name) == b + CPIO_HEAD + name - 1;
}

enum { ISO_AT = 16 * 2048, ISO_BITS = 48 };

/* the first volume descriptor, sixteen sectors in */
static bool is_iso(const unsigned char *b, size_t len)
{
	return len >= ISO_AT + 7 && b[ISO_AT] <= 3 && memcmp(b + ISO_AT + 1, "CD001\1", 6) == 0;
}

/*
 * Frames that a decoder skips may stand in front of zstd and lz4. @return where the first other one begins, or @len where
 * that is not among these bytes
 */
static size_t skip_frames(const unsigned char *b, size_t len)
{
	size_t at = 0;

	while (len - at >= 8 && (b[at] & 0xf0) == 0x50 && memcmp(b + at + 1, "\x2a\x4d\x18", 3) == 0) {
		struct tally_bytes size = tally_bytes_of(b + at + 4, 4);
		size_t n = (size_t)tally_bytes_u32(&size) + 8;

		if (n > len - at)
			return len;
		at += n;
	}
	return at;
}

/* ---- tar headers ---- */

enum {
	TAR_BLOCK = 512,
	TAR_SUM = 148, /* the checksum's place in a header, eight bytes */
	TAR_MAGIC = 257,
	TAR_BITS_OLD = 24, /* the checksum alone: six octal digits that agree with 512 bytes */
	TAR_BITS = 56,     /* and "ustar" */
};

/* @return the number in octal digits, or -1 */
static long octal(const unsigned char *p, size_t len)
{
	size_t i = 0;
	long value = 0;

	while (i < len && p[i] == ' ')
		i++;
	if (i == len || p[i] < '0' || p[i] > '7')
		return -1;
	for (; i < len && p[i] >= '0' && p[i] <= '7'; i++)
		value = value * 8 + (p[i] - '0');
	return i == len || p[i] == ' ' || p[i] == '\0' ? value : -1;
}

int tally_archive_tar_bits(const unsigned char *block, size_t len)
{
	long want, plain = 0, with_signs = 0;

	if (len < TAR_BLOCK || block[0] == '\0')
		return 0;
	want = octal(block + TAR_SUM, 8);
	if (want < 0)
		return 0;
	for (size_t i = 0; i < TAR_BLOCK; i++) {
		unsigned char c = i >= TAR_SUM && i < TAR_SUM + 8 ? ' ' : block[i];

		plain += c;
		with_signs += (signed char)c; /* some old programs summed so */
	}
	if (want != plain && want != with_signs)
		return 0;
	return memcmp(block + TAR_MAGIC, "ustar", 5) == 0 ? TAR_BITS : TAR_BITS_OLD;
}

/* ---- all of them ---- */

static enum tally_archive_kind known(enum tally_archive_kind kind, int evidence, int *bits)
{
	if (bits)
		*bits = evidence;
	return kind;
}

static enum tally_archive_kind by_magic(const unsigned char *bytes, size_t len, int *bits)
{
	for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
		if (len >= magics[i].len && memcmp(bytes, magics[i].bytes, magics[i].len) == 0)
			return known(magics[i].kind, magics[i].len * 8, bits);
	return known(TALLY_ARCHIVE_NONE, 0, bits);
}

enum tally_archive_kind tally_archive_probe(const unsigned char *bytes, size_t len, int *bits)
{
	enum tally_archive_kind kind = by_magic(bytes, len, bits);
	size_t skip = skip_frames(bytes, len);
	enum tally_reason reason;
	int tar, other;

	if (kind != TALLY_ARCHIVE_NONE)
		return kind;
	if (skip > 0 && skip == len)
		return known(TALLY_ARCHIVE_ZSTD, 32, bits);
	if (skip > 0) {
		kind = by_magic(bytes + skip, len - skip, NULL);
		if (kind == TALLY_ARCHIVE_ZSTD || kind == TALLY_ARCHIVE_LZ4)
			return known(kind, 64, bits);
	}
	if (is_bzip2(bytes, len))
		return known(TALLY_ARCHIVE_BZIP2, BZIP2_BITS, bits);
	if (is_lzma(bytes, len))
		return known(TALLY_ARCHIVE_LZMA, LZMA_BITS, bits);
	if (is_compress(bytes, len))
		return known(TALLY_ARCHIVE_COMPRESS, COMPRESS_BITS, bits);
	if (is_binary_cpio(bytes, len))
		return known(TALLY_ARCHIVE_CPIO, CPIO_BITS, bits);
	tar = tally_archive_tar_bits(bytes, len);
	if (tar)
		return known(TALLY_ARCHIVE_TAR, tar, bits);
	if (is_iso(bytes, len))
		return known(TALLY_ARCHIVE_ISO, ISO_BITS, bits);
	if (tally_archive_other(bytes, len, &other, &reason))
		return known(TALLY_ARCHIVE_OTHER, other, bits);
	return known(TALLY_ARCHIVE_NONE, 0, bits);
}

/* ---- names ---- */

static bool ends_like(const char *name, size_t len, const char *suffix)
{
	size_t n = strlen(suffix);

	if (len <= n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = name[len - n + i];

		if (tally_lower(c) != suffix[i])
			return false;
	}
	return true;
}

bool tally_archive_named(const char *name, const char *const *suffixes)
{
	size_t len = strlen(name);

	for (; *suffixes; suffixes++)
		if (ends_like(name, len, *suffixes))
			return true;
	return false;
}

bool tally_archive_named_tar(const char *name)
{
	return tally_archive_named(name, tally_archive_tar_suffixes);
}

bool tally_archive_named_document(const char *name)
{
	static const char *const documents[] = { ".docx", ".docm", ".dotx", ".dotm", ".xlsx",
		                                 ".xlsm", ".xltx", ".xltm", ".xlsb", ".pptx",
		                                 ".pptm", ".potx", ".ppsx", ".vsdx", ".odt",
		                                 ".ods",  ".odp",  ".odg",  ".ott",  ".ots",
		                                 ".otp",  ".idml", ".epub", NULL };

	return tally_archive_named(name, documents);
}

static bool is_number(const char *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (at[i] < '0' || at[i] > '9')
			return false;
	return len > 0;
}

size_t tally_archive_part(const char *name, size_t len, char *first, size_t size)
{
	const char *dot, *suffix;
	size_t rest = tally_path_suffix(name, len, &suffix), stem = len - rest;
	bool zip, numbered;

	if (rest < 4 || stem + 5 > size)
		return 0;
	dot = name + stem;
	zip = (dot[1] == 'z' || dot[1] == 'Z') && is_number(dot + 2, rest - 2);
	numbered = rest == 4 && is_number(dot + 1, rest - 1);
	if (!zip && !numbered)
		return 0;
	memcpy(first, name, stem);
	memcpy(first + stem, zip ? dot[1] == 'Z' ? ".ZIP" : ".zip" : ".001", 5);
	return stem;
}
