/**
 * What is called of gmime and of glib, loaded late; private to the readers of mails.
 */
#ifndef TALLY_FORMATS_MAIL_LIB_H
#define TALLY_FORMATS_MAIL_LIB_H

#include <gmime/gmime.h>

#include "core/err.h"

#define TALLY_MAIL_CALLS(CALL)                           \
	CALL(g_mime_init)                                \
	CALL(g_mime_stream_mem_new)                      \
	CALL(g_mime_stream_mem_new_with_buffer)          \
	CALL(g_mime_stream_mem_get_byte_array)           \
	CALL(g_mime_parser_new_with_stream)              \
	CALL(g_mime_parser_construct_message)            \
	CALL(g_mime_object_get_header_list)              \
	CALL(g_mime_object_get_content_type)             \
	CALL(g_mime_object_get_content_disposition)      \
	CALL(g_mime_object_get_content_id)               \
	CALL(g_mime_content_disposition_get_disposition) \
	CALL(g_mime_content_disposition_get_parameters)  \
	CALL(g_mime_content_type_get_parameters)         \
	CALL(g_mime_param_list_length)                   \
	CALL(g_mime_param_list_get_parameter_at)         \
	CALL(g_mime_param_get_name)                      \
	CALL(g_mime_param_get_value)                     \
	CALL(g_mime_multipart_get_prologue)              \
	CALL(g_mime_content_type_is_type)                \
	CALL(g_mime_content_type_get_parameter)          \
	CALL(g_mime_content_type_get_media_type)         \
	CALL(g_mime_content_type_get_media_subtype)      \
	CALL(g_mime_header_list_get_count)               \
	CALL(g_mime_header_list_get_header_at)           \
	CALL(g_mime_header_get_name)                     \
	CALL(g_mime_header_get_value)                    \
	CALL(g_mime_header_get_raw_value)                \
	CALL(g_mime_multipart_get_type)                  \
	CALL(g_mime_multipart_get_count)                 \
	CALL(g_mime_multipart_get_epilogue)              \
	CALL(g_mime_multipart_get_part)                  \
	CALL(g_mime_part_get_type)                       \
	CALL(g_mime_part_get_content)                    \
	CALL(g_mime_part_get_content_encoding)           \
	CALL(g_mime_part_get_filename)                   \
	CALL(g_mime_part_is_attachment)                  \
	CALL(g_mime_message_get_mime_part)               \
	CALL(g_mime_message_part_get_type)               \
	CALL(g_mime_message_part_get_message)            \
	CALL(g_mime_data_wrapper_write_to_stream)        \
	CALL(internet_address_list_parse)                \
	CALL(internet_address_list_to_string)            \
	CALL(g_type_check_instance_is_a)                 \
	CALL(g_object_unref)                             \
	CALL(g_free)

#define TALLY_MAIL_CALL(name) __typeof__(name) *name;
struct tally_mail_calls {
	TALLY_MAIL_CALLS(TALLY_MAIL_CALL)
};
#undef TALLY_MAIL_CALL

/** Complete once tally_mail_load gave TALLY_OK. */
extern struct tally_mail_calls tally_mail_calls;

/** Load and set up, once. @return TALLY_OK; TALLY_SKIP: library_missing */
enum tally_status tally_mail_load(struct tally_err *err);

#endif
