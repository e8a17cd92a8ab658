/* export.h - the formats of `ame export`, each written to standard output. */
#ifndef AME_TOOLS_EXPORT_H
#define AME_TOOLS_EXPORT_H

#include "report.h"

#include <json-c/json.h>

/* The whole report; the caller's to put. */
struct json_object *export_report(const struct report *report);

/* An object, to which members are added, ends the tool when there is no memory for it. */
struct json_object *json_new(void);
struct json_object *json_list(void);
void json_text(struct json_object *object, const char *name, const char *text); /* NULL: null */
void json_count(struct json_object *object, const char *name, uint64_t count);
void json_seconds(struct json_object *object, const char *name, double ticks,
                  const struct report *report);
void json_add(struct json_object *object, const char *name, struct json_object *value);
/* "function", "file" and "line"; null where nothing is known. */
struct json_object *json_place(const struct symbol_location *place);

void export_json(const struct report *report);
void export_chrome(const struct report *report);
void export_folded(const struct report *report);
void export_page(const struct report *report);

#endif
