/* What the name of a column says of the values below it, in the languages that tables are written in. */
#include "diff/table_key.h"

#include <string.h>

#include "core/ascii.h"

static bool has_word(const char *name, const char *const *words)
{
	char plain[64];
	size_t n = 0;

	/* words of a name: lower case, between anything that is not a letter; camelCase ends one, too */
	for (const char *p = name; *p && n + 3 < sizeof plain; p++) {
		bool upper = tally_is_upper(*p),
		     letter = tally_is_letter(*p) || (unsigned char)*p >= 0x80;

		if (n == 0)
			plain[n++] = ' ';
		if (upper && p > name && tally_is_lower(p[-1]))
			plain[n++] = ' ';
		plain[n++] = letter ? tally_lower(*p) : ' ';
	}
	plain[n++] = ' ';
	plain[n < sizeof plain ? n : sizeof plain - 1] = '\0';
	for (; *words; words++) {
		const char *at = strstr(plain, *words);
		size_t len = strlen(*words);

		for (; at; at = strstr(at + 1, *words))
			if (at > plain && at[-1] == ' ' && at[len] == ' ')
				return true;
	}
	return false;
}

bool tally_names_a_key(const char *name)
{
	static const char *const words[] = { "id",    "ids",    "key",    "code",   "no",     "nr",
		                             "num",   "number", "sku",    "uuid",   "guid",   "ean",
		                             "isbn",  "isin",   "iban",   "ident",  "ref",    "pk",
		                             "index", "symbol", "ticker", "nummer", "numero", NULL };

	return has_word(name, words);
}

bool tally_names_a_measure(const char *name)
{
	static const char *const words[] = {
		"price",    "amount",      "qty",     "quantity", "total",    "sum",
		"value",    "cost",        "rate",    "balance",  "weight",   "score",
		"count",    "percent",     "size",    "length",   "age",      "stock",
		"revenue",  "salary",      "fee",     "tax",      "vat",      "net",
		"gross",    "debit",       "credit",  "budget",   "pop",      "population",
		"temp",     "temperature", "lat",     "lon",      "latitude", "longitude",
		"preis",    "menge",       "anzahl",  "betrag",   "saldo",    "umsatz",
		"soll",     "haben",       "gewicht", "lohn",     "prix",     "montant",
		"solde",    "prezzo",      "importo", "precio",   "importe",  "prijs",
		"bedrag",   "cena",        "kwota",   "notes",    "note",     "comment",
		"comments", "description", "remark",  "remarks",  NULL
	};

	return has_word(name, words);
}

bool tally_names_a_code(const char *name)
{
	static const char *const words[] = { "id",      "ids",     "code",     "codes",
		                             "zip",     "zipcode", "postal",   "postleitzahl",
		                             "plz",     "sku",     "postcode", "ean",
		                             "gtin",    "isbn",    "isin",     "iban",
		                             "bic",     "uuid",    "phone",    "telephone",
		                             "telefon", "fax",     NULL };

	return has_word(name, words) && !tally_names_a_measure(name);
}

bool tally_names_a_year(const char *name)
{
	static const char *const words[] = { "year", "jahr", "annee", "anno", "ano", NULL };

	return has_word(name, words) && !tally_names_a_measure(name);
}

bool tally_names_a_label(const char *name)
{
	static const char *const words[] = { "date",    "datum",   "day",     "month",
		                             "period",  "year",    "time",    "timestamp",
		                             "version", "release", "section", "chapter",
		                             "kapitel", "jahr",    "monat",   "tag",
		                             NULL };

	return has_word(name, words);
}
