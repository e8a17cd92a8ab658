/* json_check.c - json_check FILE [PATH VALUE]...: the file is JSON, and at each path (RFC 6901:
 * /blocks/0/name) is a value with this text; "*" is any. Says what is not so. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

int main(int count, char **arguments) {
    struct json_object *file = count > 1 ? json_object_from_file(arguments[1]) : NULL;
    int wrong = 0;
    if (!file) {
        printf("not JSON: %s\n", json_util_get_last_err());
        return 1;
    }
    for (int i = 2; i + 1 < count; i += 2) {
        struct json_object *value = NULL;
        int missing = json_pointer_get(file, arguments[i], &value);
        const char *text = value ? json_object_get_string(value) : "null";
        if (!missing && (!strcmp(arguments[i + 1], "*") || !strcmp(arguments[i + 1], text)))
            continue;
        printf("%s is %s, not %s\n", arguments[i], missing ? "missing" : text, arguments[i + 1]);
        wrong = 1;
    }
    json_object_put(file);
    return wrong;
}
