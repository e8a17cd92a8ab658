/* Parses 100 KB of XML in a block into a tree, and prints a digest of the tree. */
#include "blocks.h"

#include <expat.h>

struct node {
    struct node *parent, *first, *last, *next;
    char *name, *text;
    size_t length;
    unsigned attributes;
};

enum { SIZE = 100000 };
static char document[SIZE + 200];
static struct node *root, *current;
static unsigned comments, instructions, nodes;

static size_t append(size_t at, const char *text) {
    size_t length = strlen(text);
    memcpy(document + at, text, length);
    return at + length;
}

static size_t write_document(void) {
    static const char *const pieces[] = {
        "<a x='1' y=\"zwei &amp; drei\">&lt;text&gt; &#233;&#x4e2d;",
        "<n:b xmlns:n='urn:n' n:c='v'>\xc3\xa4\xe4\xb8\xad\xf0\x9f\x98\x80\r\n",
        "<![CDATA[<not> & a tag]]>",
        "<!-- said -->",
        "<?do this?>",
        "<leaf/>&name; ",
    };
    unsigned open[64], depth = 0, random = 7;
    size_t at = append(0, "<?xml version='1.0' encoding='UTF-8'?>\n<!DOCTYPE all [<!ENTITY name "
                          "'what <i>it</i> stands for'>]>\n<all>");
    while (at < SIZE) {
        random = random * 1664525 + 1013904223;
        unsigned piece = (random >> 16) % 8;
        if (piece < 6 && (piece > 1 || depth < 60)) {
            at = append(at, pieces[piece]);
            if (piece < 2)
                open[depth++] = piece;
        } else if (depth) {
            at = append(at, open[--depth] ? "</n:b>" : "</a>");
        }
    }
    while (depth)
        at = append(at, open[--depth] ? "</n:b>" : "</a>");
    return append(at, "</all>");
}

static void start(void *user, const XML_Char *name, const XML_Char **attributes) {
    (void)user;
    struct node *node = calloc(1, sizeof *node);
    node->name = strdup(name);
    node->parent = current;
    for (; *attributes; attributes++)
        node->attributes = node->attributes * 31 + (unsigned)strlen(*attributes);
    if (!current)
        root = node;
    else if (current->last)
        current->last = current->last->next = node;
    else
        current->first = current->last = node;
    current = node;
    nodes++;
}

static void end(void *user, const XML_Char *name) {
    (void)user;
    if (strcmp(name, current->name))
        abort();
    current = current->parent;
}

static void characters(void *user, const XML_Char *text, int length) {
    (void)user;
    current->text = realloc(current->text, current->length + (size_t)length);
    memcpy(current->text + current->length, text, (size_t)length);
    current->length += (size_t)length;
}

static void comment(void *user, const XML_Char *text) {
    (void)user;
    comments += (unsigned)strlen(text);
}

static void instruction(void *user, const XML_Char *target, const XML_Char *data) {
    (void)user;
    instructions += (unsigned)(strlen(target) * strlen(data));
}

static uint64_t digest_of(const struct node *node) {
    uint64_t sum = digest(node->attributes, node->name, strlen(node->name));
    sum = digest(sum, node->text, node->length);
    for (const struct node *child = node->first; child; child = child->next)
        sum = sum * 31 + digest_of(child);
    return sum;
}

static void destroy(struct node *node) {
    for (struct node *child = node->first, *next; child; child = next) {
        next = child->next;
        destroy(child);
    }
    free(node->name);
    free(node->text);
    free(node);
}

static XML_Parser parser;

static void parse(int size, int step) {
    atomic {
        parser = XML_ParserCreateNS(NULL, '|');
        XML_SetHashSalt(parser, 12345); /* or expat takes one from the kernel */
        XML_SetElementHandler(parser, start, end);
        XML_SetCharacterDataHandler(parser, characters);
        XML_SetCommentHandler(parser, comment);
        XML_SetProcessingInstructionHandler(parser, instruction);
    }
    ran_in_software("create");

    enum XML_Status status = XML_STATUS_OK;
    atomic {
        for (int at = 0; at < size && status == XML_STATUS_OK; at += step)
            status = XML_Parse(parser, document + at, size - at < step ? size - at : step,
                               size - at <= step);
    }
    uint64_t sum = 0;
    atomic {
        sum = digest_of(root);
    }
    printf("status %d, error %d, line %lu: %u nodes, %u comments, %u instructions, digest %" PRIx64
           "\n",
           (int)status, (int)XML_GetErrorCode(parser),
           (unsigned long)XML_GetCurrentLineNumber(parser), nodes, comments, instructions, sum);
    atomic {
        destroy(root);
        XML_ParserFree(parser);
        root = current = NULL;
        nodes = comments = instructions = 0;
    }
    ran_in_software("parse");
}

int main(void) {
    int size = (int)write_document();
    parse(size, size);
    parse(size, 1000);
    parse(size / 2, 4096); /* no end: an error */
    document[size / 3] = '<';
    parse(size, size);
}
