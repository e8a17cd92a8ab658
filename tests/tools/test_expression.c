/* What a line accesses at the column that the compiler names. */
#include "expression.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* The column of `at`'s first character in `line`. */
static struct expression find(const char *line, const char *at, const char *expected) {
    struct expression expression;
    const char *found = strstr(line, at);
    cr_assert(found);
    cr_assert(expression_find(line, (unsigned)(found - line) + 1, &expression), "%s: nothing",
              line);
    cr_expect_str_eq(expression.text, expected, "%s: %s", line, expression.text);
    free(expression.text);
    expression.text = NULL;
    return expression;
}

Test(expression, is_the_name_with_what_it_is_a_member_of) {
    find("    value = hot;", "hot", "hot");
    find("    return self->list.size;", "size", "self->list.size");
    find("    x = table->slots[i + (1)].key;", "key", "table->slots[i + (1)].key");
    find("    x = (*p).key;", "key", "(*p).key");
    find("    x = find(a, b)->key;", "key", "find(a, b)->key");
    find("    x = self->slots[i][j];", "slots", "self->slots[i][j]");
    find("    if (self->slots[i])", "self", "self->slots[i]");
}

Test(expression, of_an_operator_is_what_it_changes) {
    cr_expect(find("    self->size += 2;", "+=", "self->size").adds);
    cr_expect(find("    count++;", "++", "count").adds);
    cr_expect(find("    ++self->count;", "++", "self->count").adds);
    cr_expect(find("    --*count;", "--", "*count").adds);
    struct expression plain = find("    list->head = node;", "= node", "list->head");
    cr_expect(plain.assigned && !plain.adds);
    find("    (*count)++;", "++", "(*count)");
    find("    *count += 1;", "+=", "*count");
    find("    node->next = *list;", "*list", "*list");
}

Test(expression, tells_additions_whose_value_is_not_used) {
    cr_expect_not(find("    if (x) count++;", "++", "count").used);
    cr_expect_not(find("    else count++;", "++", "count").used);
    cr_expect(find("    id = last++;", "++", "last").used);
    cr_expect(find("    return last++;", "++", "last").used);
    cr_expect(find("    f(last++);", "++", "last").used);
    struct expression sum = find("    total = total + price;", "total + ", "total");
    cr_expect(sum.adds && !sum.used);
    cr_expect_not(find("    total = totals + price;", "= ", "total").adds);
    cr_expect_not(find("    x = total + 1;", "total", "total").adds);
    cr_expect_not(find("    if (size == limit)", "size", "size").assigned);
}

Test(expression, is_not_made_up) {
    struct expression expression;
    cr_expect_not(expression_find("", 1, &expression));
    cr_expect_not(expression_find("x", 0, &expression));
    cr_expect_not(expression_find("x", 9, &expression));
    cr_expect_not(expression_find("  (", 3, &expression));
    cr_expect_not(expression_find("call(x)", 1, &expression));
    cr_expect_not(expression_find("12;", 1, &expression));
    cr_expect_not(expression_find("++", 1, &expression));
    cr_expect_not(expression_find("= 3", 1, &expression));
    cr_expect(expression_find("a[", 1, &expression));
    free(expression.text);
    cr_expect(expression_find(")]a", 3, &expression));
    free(expression.text);
}
