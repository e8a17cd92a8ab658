#include "tx/twins.h"
#include <ame/abi.h>

#include <criterion/criterion.h>

static char functions[5000], twins[5000], others[5000];

Test(twins, finds_what_is_registered_and_nothing_else) {
    static struct ame_abi_twin table[5000];
    cr_assert_null(ame__twin_lookup(&functions[7]));
    for (int i = 0; i < 5000; i++)
        table[i] = (struct ame_abi_twin){&functions[i], &twins[i]};
    for (int i = 0; i < 5000; i += 100)
        ame_abi_register(&table[i], 100);
    for (int i = 0; i < 5000; i++)
        cr_assert_eq(ame__twin_lookup(&functions[i]), &twins[i]);
    cr_assert_null(ame__twin_lookup(&others[0]));
    cr_assert_null(ame__twin_lookup(NULL));
}

Test(twins, unregistering_removes_only_the_modules_own_twins) {
    struct ame_abi_twin first = {&functions[0], &twins[0]}, second = {&functions[0], &twins[1]},
                        third = {&functions[1], &twins[2]};
    ame_abi_register(&first, 1);
    ame_abi_register(&third, 1);
    ame_abi_register(&second, 1); /* the same weak function in another module */
    ame_abi_unregister(&first, 1);
    cr_assert_eq(ame__twin_lookup(&functions[0]), &twins[1]);
    ame_abi_unregister(&second, 1);
    cr_assert_null(ame__twin_lookup(&functions[0]));
    cr_assert_eq(ame__twin_lookup(&functions[1]), &twins[2]);
}
