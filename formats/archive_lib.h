/**
 * libarchive, loaded when it is first needed (core/library.h): to be included in place of its own headers. Its functions keep
 * their names; those of archive_calls.def are called through a table.
 */
#ifndef TALLY_FORMATS_ARCHIVE_LIB_H
#define TALLY_FORMATS_ARCHIVE_LIB_H

#include <archive.h>
#include <archive_entry.h>

#include "core/err.h"

struct tally_archive_calls {
#define TALLY_CALL(name) __typeof__(name) *name;
#include "formats/archive_calls.def"
#undef TALLY_CALL
};

/** Filled before there is an object to call them with. */
extern struct tally_archive_calls tally_archive_calls;

/**
 * Objects are made by these, which load libarchive when it is not. Where it cannot be loaded they return NULL, as they do
 * without memory; tally_library_wanted and tally_library_load know better.
 */
struct archive *tally_archive_read_new(void);
struct archive_entry *tally_archive_entry_new(void);

/** NULL is fine, also where there is no libarchive. */
int tally_archive_read_free(struct archive *a);
void tally_archive_entry_free(struct archive_entry *entry);

#ifndef TALLY_ARCHIVE_OWN_NAMES /* archive_lib.c means the functions themselves */
#define archive_entry_filetype             tally_archive_calls.archive_entry_filetype
#define archive_entry_free                 tally_archive_entry_free
#define archive_entry_hardlink             tally_archive_calls.archive_entry_hardlink
#define archive_entry_is_encrypted         tally_archive_calls.archive_entry_is_encrypted
#define archive_entry_mtime                tally_archive_calls.archive_entry_mtime
#define archive_entry_mtime_is_set         tally_archive_calls.archive_entry_mtime_is_set
#define archive_entry_mtime_nsec           tally_archive_calls.archive_entry_mtime_nsec
#define archive_entry_new                  tally_archive_entry_new
#define archive_entry_pathname             tally_archive_calls.archive_entry_pathname
#define archive_entry_perm                 tally_archive_calls.archive_entry_perm
#define archive_entry_size                 tally_archive_calls.archive_entry_size
#define archive_entry_size_is_set          tally_archive_calls.archive_entry_size_is_set
#define archive_entry_sparse_count         tally_archive_calls.archive_entry_sparse_count
#define archive_entry_symlink              tally_archive_calls.archive_entry_symlink
#define archive_errno                      tally_archive_calls.archive_errno
#define archive_error_string               tally_archive_calls.archive_error_string
#define archive_filter_bytes               tally_archive_calls.archive_filter_bytes
#define archive_filter_code                tally_archive_calls.archive_filter_code
#define archive_format                     tally_archive_calls.archive_format
#define archive_read_append_filter         tally_archive_calls.archive_read_append_filter
#define archive_read_data                  tally_archive_calls.archive_read_data
#define archive_read_data_block            tally_archive_calls.archive_read_data_block
#define archive_read_free                  tally_archive_read_free
#define archive_read_has_encrypted_entries tally_archive_calls.archive_read_has_encrypted_entries
#define archive_read_new                   tally_archive_read_new
#define archive_read_next_header           tally_archive_calls.archive_read_next_header
#define archive_read_next_header2          tally_archive_calls.archive_read_next_header2
#define archive_read_open                  tally_archive_calls.archive_read_open
#define archive_read_open1                 tally_archive_calls.archive_read_open1
#define archive_read_open_memory           tally_archive_calls.archive_read_open_memory
#define archive_read_set_callback_data     tally_archive_calls.archive_read_set_callback_data
#define archive_read_set_format            tally_archive_calls.archive_read_set_format
#define archive_read_set_format_option     tally_archive_calls.archive_read_set_format_option
#define archive_read_set_read_callback     tally_archive_calls.archive_read_set_read_callback
#define archive_read_set_seek_callback     tally_archive_calls.archive_read_set_seek_callback
#define archive_read_support_filter_compress \
	tally_archive_calls.archive_read_support_filter_compress
#define archive_read_support_format_7zip    tally_archive_calls.archive_read_support_format_7zip
#define archive_read_support_format_ar      tally_archive_calls.archive_read_support_format_ar
#define archive_read_support_format_cpio    tally_archive_calls.archive_read_support_format_cpio
#define archive_read_support_format_iso9660 tally_archive_calls.archive_read_support_format_iso9660
#define archive_read_support_format_tar     tally_archive_calls.archive_read_support_format_tar
#define archive_read_support_format_zip_streamable \
	tally_archive_calls.archive_read_support_format_zip_streamable
#define archive_set_error tally_archive_calls.archive_set_error
#endif

#endif
