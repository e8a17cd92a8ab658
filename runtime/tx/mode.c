#include "tx/mode.h"
#include "base/diag.h"
#include "core/orec.h"
#include "core/threads.h"
#include "htm/htm.h"
#include "serial/gate.h"
#include <ame/runtime.h>

#include <stdlib.h>
#include <string.h>

enum ame__mode ame__mode;
bool ame__hardware_in_use;

static const char *const names[] = {"auto", "htm", "stm", "serial"};

static enum ame__mode mode_from_environment(void) {
    const char *wanted = getenv("AME_MODE");
    if (!wanted || !*wanted)
        return AME__MODE_AUTO;
    for (unsigned mode = 0; mode < sizeof names / sizeof *names; mode++)
        if (!strcmp(wanted, names[mode]))
            return (enum ame__mode)mode;
    ame__warn("AME_MODE=%s is not a mode; use auto, htm, stm or serial", wanted);
    exit(EXIT_FAILURE);
}

void ame__process_starts(void) {
    const char *why;
    ame__mode = mode_from_environment();
    bool works =
        (ame__mode == AME__MODE_AUTO || ame__mode == AME__MODE_HTM) && ame__htm_works(&why);
    if (ame__mode == AME__MODE_HTM && !works)
        ame__warn("AME_MODE=htm: %s", why);
    ame__hardware_in_use = works;
    if (works)
        ame__gate_try_hardware();
}

const char *ame_hardware_status(bool *works) {
    const char *why;
    *works = ame__htm_works(&why);
    return why;
}

const char *ame_mode_name(void) {
    return names[mode_from_environment()];
}

void ame_orec_geometry(uint64_t *records, uint64_t *stripe_bytes) {
    *records = AME__OREC_COUNT;
    *stripe_bytes = AME__STRIPE_SIZE;
}
