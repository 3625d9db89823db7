/* The text model: see core/text.h. */
#include "core/text.h"

#include "core/hash.h"
#include "core/mem.h"

const char *tally_area_name(enum tally_area area)
{
	static const char *const names[TALLY_AREA_COUNT] = {
		"body",     "header", "footer", "footnote", "endnote", "comment",
		"text_box", "table",  "slide",  "notes",    "page",    "mail",
	};

	return (unsigned)area < TALLY_AREA_COUNT ? names[area] : "body";
}

void tally_text_init(struct tally_text *text, size_t max_bytes)
{
	*text = (struct tally_text){ .arena = TALLY_ARENA_INIT };
	tally_arena_init(&text->arena, max_bytes);
}

void tally_text_release(struct tally_text *text)
{
	tally_free(text->blocks);
	tally_arena_release(&text->arena);
	tally_text_init(text, text->arena.max);
}

enum tally_status tally_text_add(struct tally_text *text, const struct tally_block *block,
                                 struct tally_err *err)
{
	struct tally_arena *arena = &text->arena;
	size_t need = (size_t)block->len + 1;
	struct tally_block mine = *block;

	if (arena->max && (need > arena->max || arena->used > arena->max - need))
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_TOO_LARGE,
		                     "text of more than %zu bytes", arena->max);
	if (!tally_grow(&text->blocks, &text->cap, text->count, sizeof *text->blocks))
		return tally_err_nomem(err);
	mine.text = tally_arena_dup(arena, block->text, block->len);
	if (!mine.text)
		return tally_err_nomem(err);
	mine.hash = tally_hash64(mine.text, mine.len, 0);
	mine.paragraph = !mine.n && mine.kind != TALLY_BLOCK_CELL && mine.area < TALLY_AREA_COUNT
	                         ? ++text->paragraphs[mine.area]
	                         : 0;
	text->blocks[text->count++] = mine;
	return TALLY_OK;
}
