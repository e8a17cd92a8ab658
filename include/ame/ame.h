/* ame.h - atomic blocks for C: everything in one include. */
#ifndef AME_AME_H
#define AME_AME_H

#include <ame/atomic.h>
#include <ame/count.h>
#include <ame/error.h>
#include <ame/loop.h>
#include <ame/map.h>
#include <ame/merge.h>
#include <ame/queue.h>
#include <ame/record.h>
#include <ame/runtime.h>
#include <ame/set.h>
#include <ame/slot.h>
#include <ame/tmap.h>
#include <ame/vector.h>

#endif
