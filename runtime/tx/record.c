/* record.c - recordings that the program itself begins and ends. */
#include "core/tx.h"
#include "events/recorder.h"
#include <ame/record.h>

#include <stddef.h>

int ame_record_start(const char *path) {
    if (!path || !*path)
        return AME_EINVAL;
    ame__tx_self(); /* the process has started: AME_RECORD comes first */
    int result = ame__recorder_begin(path);
    if (result == AME_OK)
        ame__tx_recording_begins();
    return result;
}

int ame_record_stop(void) {
    return ame__recorder_end();
}

static struct ame__recorder *own_recorder(void) {
    struct ame_tx *tx = ame__tx_self();
    if (ame__recording && !tx->recorder)
        tx->recorder = ame__recorder_open_thread(&tx->watching);
    return tx->recorder;
}

void ame_record_mark(const char *text) {
    if (text && own_recorder())
        ame__recorder_mark(own_recorder(), text);
}

void ame_record_name_thread(const char *name) {
    if (name)
        ame__recorder_name_thread(own_recorder(), name);
}
