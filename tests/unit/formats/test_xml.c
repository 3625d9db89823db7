/* XML: both engines tell the same events, whatever the portions. Events are written as support/xml_trace.h says. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "core/mem.h"
#include "support/faults.h"
#include "support/xml_trace.h"

#define SHEET  "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define STRICT "http://purl.oclc.org/ooxml/spreadsheetml/main"
#define REL    "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

static const enum tally_xml_engine engines[] = { TALLY_XML_EXPAT, TALLY_XML_AUTO };

/* in all engines and portions; @expected NULL: any events */
static void expect(const char *xml, size_t len, const char *expected, enum tally_reason reason)
{
	static const size_t steps[] = { 0, 1, 2, 3, 7, 16, 61 };

	for (size_t i = 0; i < sizeof engines / sizeof *engines; i++)
		for (size_t j = 0; j < sizeof steps / sizeof *steps; j++) {
			struct xml_trace t;

			xml_trace_run(&t, engines[i], xml, len, steps[j]);
			cr_assert_eq(t.status, reason ? TALLY_SKIP : TALLY_OK, "%d/%zu: %s: %s",
			             engines[i], steps[j], xml, t.message);
			cr_assert_eq(t.reason, reason, "%s: %s", xml, t.message);
			if (expected)
				cr_assert_str_eq(t.out.bytes, expected, "%d/%zu: %s", engines[i],
				                 steps[j], xml);
			xml_trace_release(&t);
		}
}

static void reads(const char *xml, const char *expected)
{
	expect(xml, strlen(xml), expected, TALLY_REASON_NONE);
}

static void malformed(const char *xml)
{
	expect(xml, strlen(xml), NULL, TALLY_REASON_MALFORMED);
}

Test(xml, elements_attributes_and_text)
{
	reads("<a/>", "(a\n)a\n");
	reads("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n<a b='1' c=\"x y\" ><b />t<b></b >u</a>\n",
	      "(a b=1 c=x y\n(b\n)b\n-t\n(b\n)b\n-u\n)a\n");
	reads("\xef\xbb\xbf<a>\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80</a>",
	      "(a\n-\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\n)a\n");
	reads("<a ><!-- no - text --><?pi some > thing?>1<![CDATA[<&>]]>2<![CDATA[]]></a><!-- --><?end?>",
	      "(a\n-1<&>2\n)a\n");
}

Test(xml, entities_and_white_space)
{
	reads("<a b='&lt;&#10;&quot;&#x20AC;'>&amp;&gt;&apos;&#65;&#xE9;</a>",
	      "(a b=<\\x0a\"\xe2\x82\xac\n-&>'A\xc3\xa9\n)a\n");
	reads("<a b='1\t2\n3\r\n4\r5'>1\r\n2\r3\n\r\r4</a>",
	      "(a b=1 2 3 4 5\n-1\\x0a2\\x0a3\\x0a\\x0a\\x0a4\n)a\n");
	reads("<a>]] > ]]]</a>", "(a\n-]] > ]]]\n)a\n");
}

/* takes every <b/> that lies there, and counts the other elements */
struct taking {
	size_t taken, told;
};

static enum tally_status count_start(void *payload, const struct tally_xml_start *e,
                                     struct tally_err *err)
{
	struct taking *t = payload;

	(void)e;
	(void)err;
	t->told++;
	return TALLY_OK;
}

static enum tally_status take_b(void *payload, const char *bytes, size_t len, size_t *taken,
                                struct tally_err *err)
{
	struct taking *t = payload;

	(void)err;
	cr_assert(len && *bytes == '<' && !*taken);
	while (len - *taken >= 4 && !memcmp(bytes + *taken, "<b/>", 4)) {
		*taken += 4;
		t->taken++;
	}
	return TALLY_OK;
}

static struct taking offer_to(const char *xml, const struct tally_limits *limits, size_t step)
{
	struct taking t = { 0, 0 };
	const struct tally_xml_handler handler = { .payload = &t,
		                                   .start = count_start,
		                                   .plain = take_b };
	struct tally_err err = { 0 };
	struct tally_xml *reader = NULL;
	const size_t len = strlen(xml);

	cr_assert_eq(tally_xml_new(&reader, &handler, limits, TALLY_XML_AUTO, &err), TALLY_OK);
	for (size_t at = 0; at < len; at += step)
		cr_expect_eq(tally_xml_feed(reader, xml + at, step < len - at ? step : len - at, &err),
		             TALLY_OK, "%s", err.message);
	cr_expect_eq(tally_xml_finish(reader, &err), TALLY_OK, "%s", err.message);
	tally_xml_free(reader);
	return t;
}

Test(xml, who_knows_what_lies_there_may_take_it)
{
	static const char xml[] = "<a><b/><b/>x<c/><b/><x:d xmlns:x='u'><b/></x:d><b /></a>";
	struct tally_limits limits = TALLY_LIMITS_INIT, narrow = TALLY_LIMITS_INIT;
	struct taking t;

	for (size_t step = 1; step <= sizeof xml; step++) {
		t = offer_to(xml, &limits, step);
		cr_expect_eq(t.taken + t.told, 8, "%zu", step);
		cr_expect_geq(t.told, 5, "a, c, x:d, what stands in it, and the odd one: %zu",
		              t.told);
	}
	cr_expect_eq(t.taken, 3);
	cr_expect_eq(offer_to("<b/>", &limits, 4).taken, 0, "the outermost element is told");
	narrow.xml_depth = 4;
	cr_expect_eq(offer_to(xml, &narrow, sizeof xml).taken, 0);
	narrow.xml_depth = 512;
	narrow.xml_attributes = 3;
	cr_expect_eq(offer_to(xml, &narrow, sizeof xml).taken, 0);
	narrow.xml_attributes = 4;
	narrow.xml_token_bytes = 255;
	cr_expect_eq(offer_to(xml, &narrow, sizeof xml).taken, 0);
}

Test(xml, namespaces_by_what_they_mean_not_by_prefix)
{
	reads("<worksheet xmlns='" SHEET "' xmlns:r='" REL "'><c r='A1' r:id='x'/></worksheet>",
	      "(SHEET:worksheet\n(SHEET:c r=A1 RELATIONSHIP:id=x\n)SHEET:c\n)SHEET:worksheet\n");
	reads("<x:c xmlns:x='" STRICT "' xml:space='preserve'><c/></x:c>",
	      "(SHEET:c xml:space=preserve\n(c\n)c\n)SHEET:c\n");
	reads("<c xmlns='urn:odd'><x:c xmlns:x='" SHEET "' xmlns=''><c/></x:c><c/></c>",
	      "(?:c\n(SHEET:c\n(c\n)c\n)SHEET:c\n(?:c\n)?:c\n)?:c\n");
	reads("<x:a x:b='1' y:b='2' b='3' xmlns:x='u' xmlns:y='v'/>", "(?:a ?:b=1 ?:b=2 b=3\n)?:a\n");
	malformed("<x:a xmlns:y='u'/>");
	malformed("<a x:b='1'/>");
	malformed("<a xmlns:x='u' xmlns:y='u' x:b='1' y:b='2'/>");
	malformed("<a xmlns:x=''/>");
	malformed("<a xmlns:xml='u'/>");
	malformed("<a xmlns:xmlns='u'/>");
	malformed("<a xmlns:x='http://www.w3.org/XML/1998/namespace'/>");
	malformed("<a xmlns='u' xmlns='u'/>");
	malformed("<a:b:c xmlns:a='u'/>");
	malformed("<a: xmlns:a='u'/>");
	malformed("<:a/>");
}

Test(xml, attributes_are_there_once)
{
	char xml[4096] = "<a xmlns:x='u' xmlns:y='u'";
	char *at = xml + strlen(xml);

	malformed("<a b='1' b='2'/>");
	for (int i = 0; i < 40; i++)
		at += sprintf(at, " x:a%d='%d'", i, i);
	strcpy(at, "/>");
	expect(xml, strlen(xml), NULL, TALLY_REASON_NONE);
	strcpy(at, " y:a39=''/>");
	malformed(xml);
	strcpy(at, " x:a39=''/>");
	malformed(xml);
}

Test(xml, what_is_not_well_formed_is_refused)
{
	static const char *const all[] = {
		"",
		" ",
		"x",
		"<a>",
		"<a",
		"<a></b>",
		"<a></a",
		"</a>",
		"<a/><b/>",
		"<a/>x",
		"x<a/>",
		"<a b/>",
		"<a b=1/>",
		"<a b='1'c='2'/>",
		"<a b='<'/>",
		"<a b='1/>",
		"<a / >",
		"< a/>",
		"<a>&nbsp;</a>",
		"<a>&amp</a>",
		"<a>& </a>",
		"<a>&#0;</a>",
		"<a>&#x110000;</a>",
		"<a>&#xD800;</a>",
		"<a>&#xFFFE;</a>",
		"<a>&#;</a>",
		"<a>&#x;</a>",
		"<a>&#12x;</a>",
		"<a b='&bad;'/>",
		"<a>]]></a>",
		"<a>\x01</a>",
		"<a b='\x01'/>",
		"<a>\xff</a>",
		"<a>\xc0\x80</a>",
		"<a>\xed\xa0\x80</a>",
		"<a>\xef\xbf\xbe</a>",
		"<a>\xef\xbf\xbf</a>",
		"<a>\xf4\x90\x80\x80</a>",
		"<a>\xc3</a>",
		"<a>\xe2\x82</a>",
		"<a><!-- -- --></a>",
		"<a><!-- ---></a>",
		"<a><!- --></a>",
		"<a><!--></a>",
		"<a><?xml x?></a>",
		"<a><?XML x?></a>",
		"<a><? x?></a>",
		"<a><?x",
		"<a><!--",
		"<a><![CDATA[</a>",
		"<a><![CDATA[\x01]]></a>",
		"<a><![cdata[]]></a>",
		"<![CDATA[]]><a/>",
		" <?xml version='1.0'?><a/>",
		"<!-- --><?xml version='1.0'?><a/>",
		"<?xml version='1.0'?><?xml version='1.0'?><a/>",
		"<?xml?><a/>",
		"<?xml version='1.0' standalone='YES'?><a/>",
		"<?xml encoding='UTF-8'?><a/>",
		"<?xml version='1.0' encoding='none-such'?><a/>",
		"<1/>",
		"<-a/>",
		"<a><b></a></b>",
		"<a 1='2'/>",
		"<a>\xef\xbb</a>",
		"<a>&lt</a>",
		"<a b='&lt'/>",
		"<a\x01/>",
		"<a b\x01='1'/>",
		"<a><?p\x01?></a>",
		"<a/>\xff",
		"<a/>&amp;",
		"<a/>]]>",
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		malformed(all[i]);
	expect("<a>\0</a>", 8, NULL, TALLY_REASON_MALFORMED);
	expect("<a b='\0'/>", 10, NULL, TALLY_REASON_MALFORMED);
}

Test(xml, events_before_an_error_are_told)
{
	const char *xml = "<a>1<b/>2&x;3</a>";

	expect(xml, strlen(xml), "(a\n-1\n(b\n)b\n-2\n", TALLY_REASON_MALFORMED);
}

Test(xml, expat_takes_what_is_unusual)
{
	reads("<a><\xc3\xa9t\xc3\xa9 \xc3\xa9='1'>x</\xc3\xa9t\xc3\xa9><b/></a>",
	      "(a\n(\xc3\xa9t\xc3\xa9 \xc3\xa9=1\n-x\n)\xc3\xa9t\xc3\xa9\n(b\n)b\n)a\n");
	reads("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>", "(a\n-\xc3\xa9\n)a\n");
	expect("\xff\xfe<\0a\0>\0\xac\x20<\0/\0a\0>\0", 18, "(a\n-\xe2\x82\xac\n)a\n",
	       TALLY_REASON_NONE);
	reads("<!DOCTYPE a SYSTEM \"a.dtd\"><a b='&amp;&#65;'>1</a>", "(a b=&A\n-1\n)a\n");
	reads("<a xmlns:x='urn:u'><x:b y='&#0000000000000000000000000000000065;'><c/></x:b></a>",
	      "(a\n(?:b y=A\n(c\n)c\n)?:b\n)a\n");
}

Test(xml, entities_are_not_expanded)
{
	static const char *const all[] = {
		"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
		"<!DOCTYPE a [<!ENTITY % x SYSTEM 'http://localhost/'>%x;]><a/>",
		"<!DOCTYPE a [<!ENTITY x SYSTEM '/etc/passwd'>]><a>&x;</a>",
		"<!DOCTYPE a [<!ENTITY a 'x'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]><a>&c;</a>",
		"<!DOCTYPE a [<!ATTLIST a b CDATA 'hidden'>]><a/>",
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		expect(all[i], strlen(all[i]), "", TALLY_REASON_ENTITIES);
	malformed("<!DOCTYPE a SYSTEM 'a.dtd'><a>&x;</a>");
	malformed("<!DOCTYPE a SYSTEM 'a.dtd'><a b='&x;'/>");
	malformed("<!DOCTYPE a><a>&x;</a>");
	malformed("<a><!DOCTYPE a></a>");
}

static void limited(const char *name, uint64_t value, const char *xml, bool ok)
{
	struct tally_limits limits = TALLY_LIMITS_INIT;

	*tally_limit_field(&limits, name) = value;
	for (size_t i = 0; i < sizeof engines / sizeof *engines; i++) {
		struct xml_trace t;

		xml_trace_begin(&t, engines[i], &limits);
		xml_trace_feed(&t, xml, strlen(xml));
		xml_trace_finish(&t);
		cr_assert_eq(t.status, ok ? TALLY_OK : TALLY_SKIP, "%s", xml);
		cr_assert_eq(t.reason, ok ? TALLY_REASON_NONE : TALLY_REASON_LIMIT, "%s: %s", xml,
		             t.message);
		if (!ok)
			cr_assert_str_eq(tally_limit_named_in(t.message), name);
		xml_trace_release(&t);
	}
}

Test(xml, limits)
{
	limited("xml_depth", 2, "<a><b/><b/></a>", true);
	limited("xml_depth", 2, "<a><b><c/></b></a>", false);
	limited("xml_attributes", 2, "<a b='' c=''/>", true);
	limited("xml_attributes", 2, "<a b='' c='' d=''/>", false);
	limited("xml_token_bytes", 10, "<a b='12'>1234567890123456</a>", true);
	limited("xml_token_bytes", 10, "<a b='123'/>", false);
	limited("xml_token_bytes", 10, "<a>&amp;<!-- too long --></a>", false);
	limited("xml_token_bytes", 10, "<?too long it is?><a/>", false);
	limited("xml_token_bytes", 10, "<a><![CDATA[a long text has no limit]]></a>", true);
	limited("xml_token_bytes", 20,
	        "<a xmlns:b='12345678'><a xmlns:c='12345678901234567890'/></a>", false);
}

static void depths(enum tally_xml_engine engine, size_t depth, enum tally_status expected)
{
	struct xml_trace t;

	xml_trace_begin(&t, engine, NULL);
	for (size_t i = 0; i < depth; i++)
		xml_trace_feed(&t, "<a>", 3);
	xml_trace_finish(&t);
	cr_assert_eq(t.status, expected);
	cr_assert_eq(t.reason, depth > 512 ? TALLY_REASON_LIMIT : TALLY_REASON_MALFORMED);
	xml_trace_release(&t);
}

Test(xml, deep_elements_end_at_the_limit)
{
	for (size_t i = 0; i < sizeof engines / sizeof *engines; i++) {
		depths(engines[i], 512, TALLY_SKIP);
		depths(engines[i], 100000, TALLY_SKIP);
	}
}

/* one tag that never ends, in small portions */
Test(xml, an_endless_tag_ends_at_the_limit)
{
	struct tally_limits limits = TALLY_LIMITS_INIT;

	limits.xml_token_bytes = 1 << 16;
	for (size_t i = 0; i < sizeof engines / sizeof *engines; i++) {
		struct xml_trace t;
		size_t fed = 0;

		xml_trace_begin(&t, engines[i], &limits);
		xml_trace_feed(&t, "<a b='", 6);
		for (; t.status >= 0 && fed < 8 << 20; fed += 100)
			xml_trace_feed(
				&t,
				"....................................................................................................",
				100);
		cr_assert_eq(t.status, TALLY_SKIP);
		cr_assert_eq(t.reason, TALLY_REASON_LIMIT);
		cr_assert_lt(fed, 2 << 20);
		xml_trace_release(&t);
	}
}

/* more names than the table holds, and longer ones than it keeps */
Test(xml, many_names)
{
	struct tally_buf in, out;
	char name[200];

	tally_buf_init(&in, 1 << 22);
	tally_buf_init(&out, 1 << 22);
	cr_assert(tally_buf_text(&in, "<r xmlns:p='urn:p'>") && tally_buf_text(&out, "(r\n"));
	for (int i = 0; i < 3000; i++) {
		int len = snprintf(name, sizeof name, "name-%0*d", 1 + i % 90, i);

		cr_assert_gt(len, 0);
		cr_assert(tally_buf_printf(&in, "<p:%s %s='1' p:%s='2'><b/></p:%s>", name, name,
		                           name, name));
		cr_assert(tally_buf_printf(&out, "(?:%s %s=1 ?:%s=2\n(b\n)b\n)?:%s\n", name, name,
		                           name, name));
	}
	cr_assert(tally_buf_text(&in, "</r>") && tally_buf_text(&out, ")r\n"));
	for (size_t i = 0; i < sizeof engines / sizeof *engines; i++)
		for (size_t step = 0; step < 2000; step += 999) {
			struct xml_trace t;

			xml_trace_run(&t, engines[i], in.bytes, in.len, step);
			cr_assert_eq(t.status, TALLY_OK, "%s", t.message);
			cr_assert_str_eq(t.out.bytes, out.bytes);
			xml_trace_release(&t);
		}
	tally_buf_release(&in);
	tally_buf_release(&out);
}

/* longer than what the scanner looks at in one go, than what it puts aside without a second thought, than a section it takes */
static void add_long(struct tally_buf *xml)
{
	static const char *const pieces[] = { "\xe6\xbc\xa2\xef\xbc\x8c",
		                              "caf\xc3\xa9 ",
		                              "\xf0\x9f\x98\x80.",
		                              "]",
		                              "] ]&gt;",
		                              "\r\n",
		                              "\r",
		                              "&#xE9;",
		                              "plain text of some length without anything" };
	unsigned seed = 7;

	cr_assert(tally_buf_text(xml, "<?xml version='1.0'?><r>"));
	for (int round = 0; round < 4; round++) {
		static const char *const begin[] = { "", "<!-- ", "<t a='", "<![CDATA[" };
		static const char *const end[] = { "", " -->", "'/>", "]]>" };
		const size_t until = xml->len + (round == 3 ? 2500000 : 200000);

		cr_assert(tally_buf_text(xml, begin[round]));
		while (xml->len < until) {
			seed = seed * 1103515245 + 12345;
			cr_assert(tally_buf_text(xml, pieces[(seed >> 16) % 9]));
		}
		cr_assert(tally_buf_text(xml, "x") && tally_buf_text(xml, end[round]));
	}
	cr_assert(tally_buf_text(xml, "<b/></r>"));
}

Test(xml, long_text_and_long_tokens)
{
	static const size_t steps[] = { 0, 1000003, 65536, 16384, 16381, 4099, 601 };
	struct tally_buf xml;
	struct xml_trace expat, other;

	tally_buf_init(&xml, 1 << 23);
	add_long(&xml);
	xml_trace_run(&expat, TALLY_XML_EXPAT, xml.bytes, xml.len, 0);
	cr_assert_eq(expat.status, TALLY_OK, "%s", expat.message);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		xml_trace_run(&other, TALLY_XML_AUTO, xml.bytes, xml.len, steps[i]);
		cr_assert_eq(other.status, TALLY_OK, "%zu: %s", steps[i], other.message);
		cr_assert_eq(expat.out.len, other.out.len, "%zu", steps[i]);
		cr_assert_arr_eq(expat.out.bytes, other.out.bytes, expat.out.len, "%zu", steps[i]);
		xml_trace_release(&other);
	}
	xml_trace_release(&expat);
	tally_buf_release(&xml);
}

static enum tally_status stop_at_b(void *payload, const struct tally_xml_start *e,
                                   struct tally_err *err)
{
	int *count = payload;

	++*count;
	if (tally_xml_is(&e->name, TALLY_XML_NONE, "b"))
		return tally_err_set(err, TALLY_PARTIAL, TALLY_REASON_STOPPED, "enough");
	return TALLY_OK;
}

Test(xml, a_handler_ends_the_reading)
{
	const struct tally_limits limits = TALLY_LIMITS_INIT;

	for (size_t i = 0; i < sizeof engines / sizeof *engines; i++) {
		int count = 0;
		const struct tally_xml_handler handler = { .payload = &count, .start = stop_at_b };
		struct tally_xml *x;
		struct tally_err err = { 0 };

		cr_assert_eq(tally_xml_new(&x, &handler, &limits, engines[i], &err), TALLY_OK);
		cr_assert_eq(tally_xml_feed(x, "<a><b/><c/></a>", 15, &err), TALLY_PARTIAL);
		cr_assert_eq(err.reason, TALLY_REASON_STOPPED);
		cr_assert_eq(count, 2);
		cr_assert_eq(tally_xml_feed(x, "<c/>", 4, &err), TALLY_PARTIAL);
		cr_assert_eq(tally_xml_finish(x, NULL), TALLY_PARTIAL);
		cr_assert_eq(count, 2);
		tally_xml_free(x);
	}
}

static void faulty(enum tally_xml_engine engine)
{
	static const char xml[] = "<a xmlns:x='u'><x:b y='&amp;' x:y='' x:z=''>text&lt;<c/></x:b><d";
	static const char rest[] = "/><\xc3\xa9/></a>";
	const struct tally_limits limits = TALLY_LIMITS_INIT;
	const struct tally_xml_handler handler = { .payload = 0 };

	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_xml *x = NULL;
		enum tally_status st = tally_xml_new(&x, &handler, &limits, engine, NULL);

		if (st >= 0)
			st = tally_xml_feed(x, xml, sizeof xml - 1, NULL);
		if (st >= 0)
			st = tally_xml_feed(x, rest, sizeof rest - 1, NULL);
		if (st >= 0)
			st = tally_xml_finish(x, NULL);
		if (faults_fired(&f))
			cr_assert_eq(st, TALLY_FATAL, "allocation %ld: %d", f.nth, st);
		else
			cr_assert_eq(st, TALLY_OK);
		tally_xml_free(x);
	}
}

Test(xml, without_memory)
{
	for (size_t i = 0; i < sizeof engines / sizeof *engines; i++)
		faulty(engines[i]);
}
