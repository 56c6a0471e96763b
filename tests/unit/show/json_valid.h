/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_JSON_VALID_H
#define TESTS_JSON_VALID_H

/* A judge of JSON (RFC 8259), written apart from the writer it judges. */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define JSON_DEEPEST 16

static const char *json_value(const char *p, const char *e, int depth);

static inline const char *
json_space(const char *p, const char *e)
{
	while (p < e && strchr(" \t\r\n", *p) != NULL && *p != '\0')
		p++;
	return p;
}

static inline bool
json_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')
	    || (c >= 'A' && c <= 'F');
}

static inline const char *
json_str(const char *p, const char *e)
{
	int i;

	if (p == e || *p++ != '"')
		return NULL;
	for (; p < e && *p != '"'; p++) {
		if ((unsigned char)*p < 0x20)
			return NULL;
		if (*p != '\\')
			continue;
		if (++p == e || *p == '\0'
		    || strchr("\"\\/bfnrtu", *p) == NULL)
			return NULL;
		if (*p == 'u')
			for (i = 0; i < 4; i++)
				if (++p == e || !json_hex(*p))
					return NULL;
	}
	return p < e ? p + 1 : NULL;
}

static inline const char *
json_digits(const char *p, const char *e)
{
	const char *from = p;

	while (p < e && *p >= '0' && *p <= '9')
		p++;
	return p > from ? p : NULL;
}

static inline const char *
json_number(const char *p, const char *e)
{
	const char *q;

	if (p < e && *p == '-')
		p++;
	if ((q = json_digits(p, e)) == NULL || (*p == '0' && q > p + 1))
		return NULL;
	if (q < e && *q == '.' && (q = json_digits(q + 1, e)) == NULL)
		return NULL;
	if (q < e && (*q == 'e' || *q == 'E')) {
		q++;
		if (q < e && (*q == '+' || *q == '-'))
			q++;
		q = json_digits(q, e);
	}
	return q;
}

static inline const char *
json_many(const char *p, const char *e, char close, int depth)
{
	p = json_space(p + 1, e);
	if (p < e && *p == close)
		return p + 1;
	for (;;) {
		if (close == '}') {
			p = json_str(json_space(p, e), e);
			if (p == NULL || (p = json_space(p, e)) == e
			    || *p++ != ':')
				return NULL;
		}
		p = json_value(p, e, depth + 1);
		if (p == NULL || (p = json_space(p, e)) == e)
			return NULL;
		if (*p == close)
			return p + 1;
		if (*p++ != ',')
			return NULL;
	}
}

static inline const char *
json_value(const char *p, const char *e, int depth)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t i;

	p = json_space(p, e);
	if (p == e || depth > JSON_DEEPEST)
		return NULL;
	if (*p == '{' || *p == '[')
		return json_many(p, e, *p == '{' ? '}' : ']', depth);
	if (*p == '"')
		return json_str(p, e);
	for (i = 0; i < 3; i++)
		if ((size_t)(e - p) >= strlen(words[i])
		    && memcmp(p, words[i], strlen(words[i])) == 0)
			return p + strlen(words[i]);
	return json_number(p, e);
}

/* json_valid tells whether |n| octets at |s| are one JSON document. */
static inline bool
json_valid(const char *s, size_t n)
{
	const char *p = json_value(s, s + n, 0);

	return p != NULL && json_space(p, s + n) == s + n;
}

#endif
