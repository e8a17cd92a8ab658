/* Names that the compiler makes from those of the source. */
#include "symbols.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void check(const char *name, const char *expected) {
    char *source_name = symbols_source_name(name);
    cr_expect_str_eq(source_name, expected, "%s became %s", name, source_name);
    free(source_name);
}

Test(names, of_bodies_and_twins_are_their_functions) {
    check("f", "f");
    check("ame_twin.f", "f");
    check("f.ame_body", "f");
    check("f.ame_body.12", "f");
    check("ame_twin.f.ame_body", "f");
    check("f.llvm.1234567", "f");
}

Test(names, that_only_look_alike_stay) {
    check("ame_twin_f", "ame_twin_f");
    check("f.ame_bodyguard", "f.ame_bodyguard");
    check("f.part.1", "f.part.1");
    check("", "");
}
