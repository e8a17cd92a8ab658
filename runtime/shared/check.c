#include "shared/check.h"
#include "base/diag.h"

#include <stddef.h>

AME__COLD void ame__not_shared(const void *what, const char *type, const char *function) {
    if (!what)
        ame__die("%s: the %s is NULL; %s_new makes one", function, type, type);
    ame__die("%s: %p is no %s, or one that was freed", function, what, type);
}

AME__COLD void ame__changed_meanwhile(const char *caller) {
    ame__die("%s: the function that decides has itself changed entries of the same map; change "
             "them after it has returned",
             caller);
}
