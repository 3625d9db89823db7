/* The progress line and the stop flag: see cli/progress.h. */
#include "cli/progress.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "receipt/words.h"

enum { REDRAW_MS = 100 };

volatile int cli_stop;

static const char *phase;
static int64_t phase_began, drawn;
static bool shown;

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* is it time to draw again? Notices when a new phase begins */
static bool due(const char *now_phase, int64_t *elapsed_ms)
{
	static int terminal = -1;
	int64_t now;

	if (terminal < 0)
		terminal = isatty(STDERR_FILENO);
	if (!terminal || cli_quiet)
		return false;
	now = now_ms();
	if (!phase || strcmp(phase, now_phase) != 0) {
		phase = now_phase;
		phase_began = now;
		drawn = now;
		return false;
	}
	if (now - drawn < REDRAW_MS)
		return false;
	drawn = now;
	*elapsed_ms = now - phase_began;
	return true;
}

static void print_left(int64_t elapsed_ms, double share)
{
	if (elapsed_ms > 2000 && share > 0.02 && share < 1)
		fprintf(stderr, ", about %.0f s left",
		        (double)elapsed_ms * (1 - share) / share / 1000);
}

void cli_progress_snap(void *payload, const struct tally_progress *p)
{
	char files[TALLY_COUNT_MAX], bytes[TALLY_SIZE_MAX], rate[TALLY_SIZE_MAX];
	int64_t elapsed;

	(void)payload;
	if (!due(p->phase, &elapsed))
		return;
	tally_words_count(files, p->files);
	tally_words_size(bytes, p->bytes);
	tally_words_size(rate,
	                 elapsed > 0 ? (uint64_t)((double)p->bytes * 1000 / (double)elapsed) : 0);
	fprintf(stderr, "\r\033[K%s: %s files, %s, %s/s", p->phase, files, bytes, rate);
	if (p->bytes_total)
		print_left(elapsed, (double)p->bytes / (double)p->bytes_total);
	fflush(stderr);
	shown = true;
}

void cli_progress_make(void *payload, const struct tally_make_progress *p)
{
	char done[TALLY_COUNT_MAX], total[TALLY_COUNT_MAX];
	int64_t elapsed;

	(void)payload;
	if (!due(p->phase, &elapsed))
		return;
	fprintf(stderr, "\r\033[K%s: %s of %s", p->phase, tally_words_count(done, p->done),
	        tally_words_count(total, p->total));
	if (p->total)
		print_left(elapsed, (double)p->done / (double)p->total);
	fflush(stderr);
	shown = true;
}

void cli_progress_done(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
	phase = NULL;
}

static void on_signal(int number)
{
	(void)number;
	cli_stop = 1;
}

void cli_signals(void)
{
	/* one shot: whoever asks twice gets the default, which ends the process */
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}
