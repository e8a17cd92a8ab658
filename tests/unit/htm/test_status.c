/* What is said of this processor. */
#include <ame/runtime.h>
#include <cpuid.h>
#include <criterion/criterion.h>
#include <string.h>

static bool reports_rtm(void) {
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && b & bit_RTM;
}

Test(status, says_whether_hardware_is_used_and_why) {
    bool works;
    const char *why = ame_hardware_status(&works);
    if (works) {
        cr_assert_str_eq(why, "RTM works");
        cr_assert(reports_rtm());
    } else if (reports_rtm()) {
        cr_assert(strstr(why, "aborts every transaction"));
    } else {
        cr_assert(strstr(why, "has no RTM"));
    }
    bool again;
    cr_assert_eq(ame_hardware_status(&again), why);
    cr_assert_eq(again, works);
}
