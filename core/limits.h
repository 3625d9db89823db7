/**
 * All limits of the program, in one place. Each has a unit, a default and a reason; each can be raised on the command line
 * (--limit NAME=VALUE). Readers get them as a parameter. Nothing outside this file has a limit of its own.
 */
#ifndef TALLY_CORE_LIMITS_H
#define TALLY_CORE_LIMITS_H

#include <stdint.h>

/* TALLY_LIMIT(name, default, unit, why) */
#define TALLY_LIMITS(LIMIT)                                                                              \
	LIMIT(read_retries, 3, "times",                                                                  \
	      "a file that changed while it was read is read again this often")                          \
	LIMIT(hole_bytes, UINT64_C(64) << 30, "bytes",                                                   \
	      "holes of one sparse file that are hashed as zeros (about 3 seconds)")                     \
	LIMIT(link_target_bytes, 65536, "bytes", "target of a symbolic link")                            \
	LIMIT(xattr_bytes, 1 << 20, "bytes", "names and values of one entry's extended attributes")      \
	LIMIT(keep_budget, UINT64_C(2) << 30, "bytes",                                                   \
	      "contents kept by --keep auto, before compression")                                        \
	LIMIT(ignore_file_bytes, 1 << 20, "bytes", "one .tallyignore file")                              \
	LIMIT(folder_depth, 4096, "levels", "folders inside folders that are entered")                   \
	LIMIT(folder_entries, 20000000, "entries", "one folder; the rest of it is not looked at")        \
	LIMIT(path_bytes, 65536, "bytes", "path of a folder that is entered")                            \
	LIMIT(worker_seconds, 60, "seconds",                                                             \
	      "one comparison of a pair of files, wall clock; and 1 more for each 16 MiB")               \
	LIMIT(worker_memory, UINT64_C(6) << 30, "bytes", "address space of one worker")                  \
	LIMIT(worker_output, 256 << 20, "bytes", "what one worker may send back for one pair")           \
	LIMIT(worker_jobs, 64, "jobs",                                                                   \
	      "a worker is replaced after this many, so that nothing builds up in it")                   \
	LIMIT(convert_seconds, 2, "seconds",                                                             \
	      "processor time of pdftotext for one file; more as it tells pages (1 a MiB at most)")      \
	LIMIT(convert_memory, 256 << 20, "bytes", "address space of pdftotext; and twice the file")      \
	LIMIT(convert_bytes, 512 << 20, "bytes", "what pdftotext writes for one file")                   \
	LIMIT(text_bytes, UINT64_C(1) << 30, "bytes", "the text of one document held in memory")         \
	LIMIT(table_bytes, UINT64_C(4) << 30, "bytes", "one table held in memory")                       \
	LIMIT(table_memory, 192 << 20, "bytes",                                                          \
	      "a larger text table is compared from a scratch file")                                     \
	LIMIT(scratch_bytes, UINT64_C(16) << 30, "bytes",                                                \
	      "rows of a large table in a scratch file, for one file")                                   \
	LIMIT(table_columns, 16384, "columns",                                                           \
	      "widest row that is taken apart (the most a spreadsheet program has)")                     \
	LIMIT(sheet_rows, 1048576, "rows",                                                               \
	      "one sheet of a workbook (the most a spreadsheet program has)")                            \
	LIMIT(blank_rows, 4194304, "rows",                                                               \
	      "with nothing in them, above or between the others of a workbook's sheets")                \
	LIMIT(blank_cells, 4194304, "cells",                                                             \
	      "empty, in front of others in the rows of a workbook, where they are nearly all there is") \
	LIMIT(shared_text, UINT64_C(1) << 30, "bytes",                                                   \
	      "long texts of a workbook, counted again for each cell that shares one (a bomb)")          \
	LIMIT(xml_depth, 512, "levels", "elements inside elements of an XML file")                       \
	LIMIT(xml_attributes, 1000, "attributes", "one element of an XML file")                          \
	LIMIT(xml_token_bytes, 16 << 20, "bytes", "one tag or one value of an attribute in XML")         \
	LIMIT(html_depth, 10000, "levels", "elements inside elements of a web page")                     \
	LIMIT(html_attributes, 5000, "attributes", "one element of a web page")                          \
	LIMIT(cell_shown, 200, "bytes", "a cell's value in the receipt is cut there, and says so")       \
	LIMIT(text_shown, 4000, "bytes", "a paragraph in the receipt is cut there, and says so")         \
	LIMIT(table_details, 100000, "rows",                                                             \
	      "row and cell changes listed one by one for one table; counts stay exact")                 \
	LIMIT(facts_bytes, 64 << 20, "bytes",                                                            \
	      "what one file says besides its content: comments, names, validations …")                  \
	LIMIT(picture_bytes, 256 << 20, "bytes",                                                         \
	      "one image file, or its decoded rows, held in memory")                                     \
	LIMIT(picture_pixels, 100000000, "pixels",                                                       \
	      "one picture that is decoded, or all of one document; of more the bytes are compared")     \
	LIMIT(mail_bytes, 256 << 20, "bytes", "one mail, or one message of a mailbox")                   \
	LIMIT(mailbox_text, 512 << 20, "bytes", "what is written in all messages of one mailbox")        \
	LIMIT(mail_parts, 10000, "parts", "one mail")                                                    \
	LIMIT(mail_nested, 1000, "parts", "parts of one mail that have parts themselves")                \
	LIMIT(archive_members, 1000000, "members", "one archive")                                        \
	LIMIT(archive_bytes, UINT64_C(8) << 30, "bytes",                                                 \
	      "unpacked, one archive with all that is nested in it")                                     \
	LIMIT(archive_ratio, 1000, "times",                                                              \
	      "unpacked against packed, above 64 MiB unpacked (a bomb)")                                 \
	LIMIT(part_ratio, 250, "times",                                                                  \
	      "the same for one part of a document; those of real ones stay below 40")                   \
	LIMIT(archive_depth, 3, "levels", "archives inside archives")                                    \
	LIMIT(archive_memory, 256 << 20, "bytes",                                                        \
	      "an archive inside an archive, or a directory of members, held in memory")                 \
	LIMIT(archive_search_bytes, UINT64_C(4) << 30, "bytes",                                          \
	      "largest archive that is searched for lost contents")                                      \
	LIMIT(archive_look_bytes, UINT64_C(512) << 20, "bytes",                                          \
	      "all archives together, looked at for what is new or replaced")                            \
	LIMIT(sketch_bytes, UINT64_C(64) << 20, "bytes",                                                 \
	      "read for a similarity sketch of one content")                                             \
	LIMIT(similarity_texts, 1000, "files",                                                           \
	      "PDFs whose text is looked at to see where they moved and were edited")                    \
	LIMIT(similarity_pictures, 200, "files",                                                         \
	      "pictures that are decoded to see where they were renamed and saved anew")                 \
	LIMIT(passage_words, 4 << 20, "words",                                                           \
	      "of changed texts, kept to find out where paragraphs went")                                \
	LIMIT(passage_bytes, 64 << 20, "bytes",                                                          \
	      "new and deleted documents, read to find paragraphs that went from one to another")        \
	LIMIT(similarity_steps, UINT64_C(4) << 30, "steps",                                              \
	      "comparing what moved and was edited by its pieces (some seconds)")                        \
	LIMIT(sibling_names, 64, "names",                                                                \
	      "other places of a content listed in the receipt; the count stays exact")

/** The limits in force. Start with TALLY_LIMITS_INIT. */
struct tally_limits {
#define TALLY_LIMIT_FIELD(name, value, unit, why) uint64_t name;
	TALLY_LIMITS(TALLY_LIMIT_FIELD)
#undef TALLY_LIMIT_FIELD
};

#define TALLY_LIMIT_VALUE(name, value, unit, why) .name = (value),
#define TALLY_LIMITS_INIT                       \
	{                                       \
		TALLY_LIMITS(TALLY_LIMIT_VALUE) \
	}

/** One row of the table above, for help texts and option parsing. */
struct tally_limit_info {
	const char *name;
	uint64_t value; /**< default */
	const char *unit;
	const char *why;
};

/** @return the row with this number, or NULL behind the last one */
const struct tally_limit_info *tally_limit_info(unsigned n);

/** The field with this name, or NULL. */
uint64_t *tally_limit_field(struct tally_limits *limits, const char *name);

/** The name of the first limit that stands in a message, or NULL. */
const char *tally_limit_named_in(const char *text);

#endif
