/* The plugin calls a twin for each name that its table says has one: all are there. */
#include <criterion/criterion.h>

#define PURE(name)
#define ARGUMENTS(name)
#define SERIAL(name)
#define FRESH(name) TWIN(name)
#define DEFERRED(name) TWIN(name)

#define TWIN(name) extern const char twin_of_##name __asm__("ame_twin." #name);
#include "../../../llvm-pass/LibraryTable.def"
#undef TWIN

#define TWIN(name) {#name, &twin_of_##name},
static const struct {
    const char *name, *twin;
} twins[] = {
#include "../../../llvm-pass/LibraryTable.def"
};
#undef TWIN

Test(table, every_twin_is_there) {
    for (size_t i = 0; i < sizeof twins / sizeof *twins; i++)
        cr_assert_not_null(twins[i].twin, "%s", twins[i].name);
}
