# Writes a C program of about `lines` lines to measure the compiler with:
#   awk -v lines=10000 -v regions=50 -v seed=1 -f program.awk
# It is made of parts, each around a struct of its own: a list, a tree, a hash table, an array,
# text, a state machine and arithmetic on them, with fields, types, constants and loops drawn
# at random. Three functions in five are static; with -v all_static=1 all but main. `regions`
# atomic blocks (nothing, with -DPLAIN) are spread over the parts. The program runs, and prints a
# number.

function random(n) { # 0 to n-1, the same on every awk
    state = (state * 16807) % 2147483647
    return state % n
}

function pick(text, words, count) {
    count = split(text, words, " ")
    return words[1 + random(count)]
}

function say(text) {
    gsub(/@/, part, text) # the number of the part
    print text
    written += 1 + gsub(/\n/, "\n", text)
}

function linkage() { return random(5) < 3 || all_static ? "static " : "" }

function number_type() { return pick("int long unsigned short size_t int64_t uint32_t") }

# A number of the part's struct, as an expression of `object`.
function field(object) { return object "->" name[1 + random(fields)] }

function term(object, kind) {
    kind = random(6)
    if (kind == 0) return field(object) " + " (1 + random(90))
    if (kind == 1) return field(object) " * " (2 + random(9))
    if (kind == 2) return "(" field(object) " & " (2 ^ (1 + random(12)) - 1) ")"
    if (kind == 3) return field(object) " - " field(object)
    if (kind == 4) return "(" field(object) " > " random(50) " ? " field(object) " : " random(9) ")"
    return field(object) " % " (3 + random(40))
}

function structs(i, all) {
    all = "count weight limit first last total size used offset level cost rank age left_over"
    split(all, words, " ")
    fields = 3 + random(6)
    say("struct item@ {\n    struct item@ *next, *low, *high;\n    long key;")
    for (i = 1; i <= fields; i++) {
        name[i] = words[1 + (random(3) + i * 2) % 14] i
        say("    " number_type() " " name[i] ";")
    }
    buckets = 2 ^ (3 + random(4))
    room = 16 + random(40)
    say("    char text[" room "];\n};\n")
    say("struct store@ {\n    struct item@ *list, *root, *bucket[" buckets "];\n    struct item@ *array;")
    say("    size_t length, capacity;\n    long events, state;\n};\n")
    say("static struct store@ store@;\n")
}

function new_item() {
    say("static struct item@ *make@(long key, const char *text) {")
    say("    struct item@ *item = malloc(sizeof *item);\n    if (!item)\n        abort();")
    say("    memset(item, 0, sizeof *item);\n    item->key = key;")
    for (i = 1; i <= fields; i++)
        if (random(2))
            say("    item->" name[i] " = key % " (2 + random(100)) ";")
    say("    snprintf(item->text, sizeof item->text, \"%s-%ld\", text, key);\n    return item;\n}\n")
}

function list() {
    say(linkage() "void push@(struct store@ *store, struct item@ *item) {")
    say("    struct item@ **at = &store->list;")
    say("    while (*at && (*at)->key < item->key)\n        at = &(*at)->next;")
    say("    item->next = *at;\n    *at = item;\n    store->events += " (1 + random(5)) ";\n}\n")
    say(linkage() "long sum_list@(const struct store@ *store, long least) {\n    long sum = 0;")
    say("    for (const struct item@ *i = store->list; i; i = i->next)")
    say("        if (i->key >= least)\n            sum += " term("i") ";")
    if (random(2))
        say("        else if (i->key == " random(30) ")\n            sum -= " term("i") ";")
    say("    return sum;\n}\n")
}

function tree() {
    say(linkage() "struct item@ *search@(struct item@ *root, long key) {")
    if (random(2))
        say("    while (root && root->key != key)\n        root = key < root->key ? root->low : root->high;\n    return root;\n}\n")
    else
        say("    if (!root || root->key == key)\n        return root;\n    return search@(key < root->key ? root->low : root->high, key);\n}\n")
    say(linkage() "void plant@(struct store@ *store, struct item@ *item) {\n    struct item@ **at = &store->root;")
    say("    while (*at) {\n        if ((*at)->key == item->key)\n            return;")
    say("        at = item->key < (*at)->key ? &(*at)->low : &(*at)->high;\n    }\n    *at = item;\n}\n")
    say(linkage() "long walk@(const struct item@ *root, int depth) {\n    if (!root || depth > " (9 + random(30)) ")\n        return 0;")
    say("    long low = walk@(root->low, depth + 1), high = walk@(root->high, depth + 1);")
    say("    if (low > high)\n        return low + " term("root") ";\n    return high + " term("root") ";\n}\n")
}

function hash() {
    say(linkage() "unsigned hash@(const char *text) {\n    unsigned hash = " random(60000) ";")
    say("    while (*text) {\n        hash ^= (unsigned char)*text++;\n        hash *= " (2 * random(30000) + 1) "u;\n    }")
    if (random(2))
        say("    hash ^= hash >> " (3 + random(12)) ";")
    say("    return hash % " buckets ";\n}\n")
    say(linkage() "struct item@ *look_up@(struct store@ *store, const char *text) {")
    say("    struct item@ *found = store->bucket[hash@(text)];")
    say("    for (; found; found = found->high)\n        if (!strcmp(found->text, text))\n            break;\n    return found;\n}\n")
}

function array() {
    say(linkage() "int append@(struct store@ *store, const struct item@ *item) {")
    say("    if (store->length == store->capacity) {\n        size_t capacity = store->capacity ? store->capacity * 2 : " (2 + random(14)) ";")
    say("        void *larger = realloc(store->array, capacity * sizeof *store->array);")
    say("        if (!larger)\n            return -1;\n        store->array = larger;\n        store->capacity = capacity;\n    }")
    say("    store->array[store->length++] = *item;\n    return 0;\n}\n")
    say("static int compare@(const void *left, const void *right) {\n    const struct item@ *a = left, *b = right;")
    for (i = random(2); i < 2; i++)
        say("    if (" term("a") " != " term("b") ")\n        return a->" name[1 + i] " < b->" name[1 + i] " ? -1 : 1;")
    say("    return (a->key > b->key) - (a->key < b->key);\n}\n")
    say(linkage() "long totals@(struct store@ *store, long *most) {\n    long total = 0;")
    say("    qsort(store->array, store->length, sizeof *store->array, compare@);")
    say("    for (size_t i = 0; i < store->length; i++) {\n        struct item@ *item = &store->array[i];")
    say("        long value = " term("item") ";\n        item->" name[1 + random(fields)] " += " (1 + random(9)) ";")
    say("        total += value;\n        if (value > *most)\n            *most = value;\n    }\n    return total;\n}\n")
    say(linkage() "long matrix@(int n) {\n    long m[" 8 "][" 8 "], sum = 0;\n    for (int i = 0; i < 8; i++)\n        for (int j = 0; j < 8; j++)")
    say("            m[i][j] = (i * " (1 + random(9)) " + j * n) % " (5 + random(20)) ";")
    say("    for (int k = 0; k < n % 8; k++)\n        for (int i = 0; i < 8; i++)\n            sum += m[i][k] * m[k][i];\n    return sum;\n}\n")
}

function text() {
    say(linkage() "int parse@(const char *line, struct item@ *item) {\n    long value = 0;\n    int sign = 1, digits = 0;")
    say("    while (*line == ' ' || *line == '\\t')\n        line++;\n    if (*line == '-') {\n        sign = -1;\n        line++;\n    }")
    say("    for (; *line >= '0' && *line <= '9'; line++, digits++)\n        value = value * 10 + (*line - '0');")
    say("    if (!digits || digits > " (6 + random(8)) ")\n        return -1;\n    item->key = sign * value;")
    say("    item->" name[1 + random(fields)] " = digits;\n    return *line == " pick("':' ',' ';' '=' '|'") ";\n}\n")
    say(linkage() "size_t show@(const struct item@ *item, char *out, size_t size) {\n    size_t used = 0;\n    const char *from = item->text;")
    say("    while (used + 1 < size && *from) {\n        char c = *from++;\n        if (c >= 'a' && c <= 'z')\n            c -= 'a' - 'A';\n        else if (c == " pick("'-' '_' '.' '/'") ")\n            continue;")
    say("        out[used++] = c;\n    }\n    if (size)\n        out[used] = 0;\n    return used;\n}\n")
}

function machine(i, states) {
    states = 4 + random(6)
    say(linkage() "void step@(struct store@ *store, struct item@ *item, int event) {\n    switch (store->state) {")
    for (i = 0; i < states; i++) {
        say("    case " i ":\n        if (event " pick("< > == !=") " " random(20) ") {\n            " field("item") " += " (1 + random(9)) ";")
        say("            store->state = " random(states) ";\n        } else {\n            " pick("item->key++; store->events++; item->key--;") "\n            store->state = " random(states) ";\n        }\n        break;")
    }
    say("    default:\n        store->state = 0;\n    }\n    store->events += event;\n}\n")
}

function region(kind) {
    say((all_static ? "static " : "") "long act@_" number "(long key) {\n    long result = 0;\n    atomic {")
    kind = random(4)
    if (kind == 0)
        say("        struct item@ *found = search@(store@.root, key);\n        if (found) {\n            " field("found") " += key;\n            result = walk@(found, 0);\n        }")
    else if (kind == 1)
        say("        struct item@ *item = make@(key, \"new\");\n        push@(&store@, item);\n        plant@(&store@, item);\n        result = sum_list@(&store@, key / 2);")
    else if (kind == 2)
        say("        for (struct item@ *i = store@.list; i; i = i->next) {\n            step@(&store@, i, (int)key);\n            result += " term("i") ";\n        }")
    else
        say("        struct item@ *found = look_up@(&store@, \"one\");\n        if (!found) {\n            found = make@(key, \"one\");\n            store@.bucket[hash@(found->text)] = found;\n        }\n        append@(&store@, found);\n        store@.events++;")
    say("    }\n    return result;\n}\n")
}

function whole(i) {
    say((all_static ? "static " : "") "long part@(void) {\n    long result = 0, most = 0;\n    char line[80];\n    for (long i = 0; i < " (5 + random(9)) "; i++) {")
    say("        struct item@ *item = make@(i * " (1 + random(30)) " % 17, \"item\");\n        push@(&store@, item);\n        plant@(&store@, item);\n        step@(&store@, item, (int)i);")
    say("        snprintf(line, sizeof line, \"%ld:\", i);\n        if (parse@(line, item) >= 0 && append@(&store@, item))\n            abort();\n        result += (long)show@(item, line, sizeof line);")
    for (i = first_region; i < number; i++)
        say("        result += act@_" i "(i);")
    say("    }\n    return result + totals@(&store@, &most) + most + matrix@((int)result) + sum_list@(&store@, 1) +\n           walk@(search@(store@.root, 3), 0) + (look_up@(&store@, \"x\") != NULL);\n}\n")
}

BEGIN {
    state = seed + 1
    say("#include <stdint.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n")
    say("#ifdef PLAIN\n#define atomic\n#else\n#include <ame/atomic.h>\n#endif\n")
    for (part = 1; written + part < lines - 150; part++) {
        structs()
        new_item()
        list()
        tree()
        hash()
        array()
        text()
        machine()
        first_region = number
        while (number < regions * written / lines)
            { region(); number++ }
        whole()
    }
    print "int main(void) {\n    long result = 0;"
    for (i = 1; i < part; i++)
        print "    result += part" i "();"
    print "    printf(\"%ld\\n\", result);\n}"
}
