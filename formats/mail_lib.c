/* gmime loaded late: see mail_lib.h. */
#include "formats/mail_lib.h"

#include <pthread.h>

#include "core/library.h"
#include "formats/letters.h"
#include "formats/mail.h"

struct tally_mail_calls tally_mail_calls;

static void begin(void)
{
	tally_mail_calls.g_mime_init();
}

enum tally_status tally_mail_load(struct tally_err *err)
{
#define TALLY_MAIL_CALL(name) #name,
	static const char *const names[] = { TALLY_MAIL_CALLS(TALLY_MAIL_CALL) };
#undef TALLY_MAIL_CALL
	static struct tally_library_calls library = { .library = TALLY_LIBRARY_GMIME,
		                                      .names = names,
		                                      .count = sizeof names / sizeof *names,
		                                      .table = &tally_mail_calls };
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	enum tally_status st = tally_library_fill(&library, err);

	if (st >= 0)
		pthread_once(&once, begin); /* both sides are read at once */
	return st;
}

void tally_mail_prepare(void)
{
	struct tally_err unused = { 0 };

	(void)tally_mail_load(&unused);
	tally_letters_prepare();
}
