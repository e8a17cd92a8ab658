#include "tx/mode.h"
#include "base/diag.h"
#include "core/orec.h"
#include "core/threads.h"
#include "htm/htm.h"
#include "serial/gate.h"
#include "stm/stm.h"
#include "tx/simulated.h"
#include <ame/runtime.h>

#include <stdlib.h>
#include <string.h>

enum ame__mode ame__mode;
bool ame__hardware_in_use;

static const char *const names[] = {"auto", "htm", "hybrid", "simulated", "stm", "serial"};

static enum ame__mode mode_from_environment(void) {
    const char *wanted = getenv("AME_MODE");
    if (!wanted || !*wanted)
        return AME__MODE_AUTO;
    for (unsigned mode = 0; mode < sizeof names / sizeof *names; mode++)
        if (!strcmp(wanted, names[mode]))
            return (enum ame__mode)mode;
    ame__warn("AME_MODE=%s is not a mode; use auto, htm, hybrid, simulated, stm or serial", wanted);
    exit(EXIT_FAILURE);
}

static bool hardware_can_be_used(void) {
    const char *why;
    bool works = ame__htm_works(&why);
    if (works && !ame__stm_start_hardware()) {
        why = "out of memory for hardware blocks; blocks run in software";
        works = false;
    }
    if (!works && ame__mode != AME__MODE_AUTO)
        ame__warn("AME_MODE=%s: %s", names[ame__mode], why);
    return works;
}

void ame__process_starts(void) {
    ame__mode = mode_from_environment();
    if (ame__mode == AME__MODE_SIMULATED) {
        ame__simulation_starts();
        ame__hardware_in_use = true;
    } else if (ame__mode != AME__MODE_STM && ame__mode != AME__MODE_SERIAL) {
        ame__hardware_in_use = hardware_can_be_used();
        ame__at_once = ame__hardware_in_use ? AME__HARDWARE_AT_ONCE : 0;
    }
    if (!ame__hardware_in_use && ame__mode != AME__MODE_SERIAL)
        ame__at_once = AME__SOFTWARE_AT_ONCE;
    /* To ThreadSanitizer, what code without barriers writes later is a race. */
    if (ame__at_once && !AME__TSAN)
        ame__at_once |= AME__READS_AT_ONCE;
    if (ame__hardware_in_use && ame__mode != AME__MODE_HYBRID)
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
