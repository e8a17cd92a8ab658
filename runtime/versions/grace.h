/* grace.h - looking into a version without a reference to it.
 *
 * Who looks up something in a version that others may replace would take a reference before, and
 * give it back after: two writes to one line for all who look. Here a reader only says in a word of
 * its own that it reads, and who has put another version in the place where readers find one gives
 * its reference to the old one back when all who may have found it are done: after a grace period
 * (McKenney, Slingwine, "Read-Copy Update", 1998). The reader needs no fence, so the processor goes
 * on to its next lookup while this one still waits for memory; who gives back has the readers'
 * processors execute one, as liburcu does it (Desnoyers et al., "User-Level Implementations of
 * Read-Copy Update", IEEE TPDS, 2012).
 *
 *   Q1  A reader's word is odd from before it looks for the version until it is done with it. Who
 *       gives a version back has all threads execute a full fence after it was replaced, and then
 *       looks at the words. A reader that looked for the version before that fence is seen; one
 *       that looks later finds the new one.
 *   Q2  A thread says before it reads for the first time that it is one that reads, with a full
 *       fence. The lock, the hardware's commit or the closed gate by which a version is replaced is
 *       one, too. So where no other thread has said so, nobody can have found the version.
 *   Q3  Nobody waits long for readers, which may wait for a block themselves, and that block for
 *       who waits for the reader: what can't be given back yet waits for later.
 *   Q4  A thread that ends leaves what it can't give back to the one that takes over its place
 *       here, and to ame__release_what_waits.
 *
 * One fence serves all that was replaced before it, by whatever thread.
 *
 * At 64 cores: a reader writes to a line of its own, which others read after a fence. A fence
 * interrupts all processors that run the program, for some hundred versions that were replaced,
 * counted over all threads if these are busy (`mark`). ThreadSanitizer does not know such fences:
 * for it nobody reads so. */
#ifndef AME_VERSIONS_GRACE_H
#define AME_VERSIONS_GRACE_H

#include "versions/versions.h"

/* From here to ame__end_reading the thread may use versions that it finds meanwhile. False: it must
 * not, as it reads already (in a signal handler), the system has no such fence, or there is no
 * memory. Outside blocks, as all here. */
ame_pure bool ame__begin_reading(void);
ame_pure void ame__end_reading(void);

/* Gives a reference back when nobody reads any more who may have found the version in the place
 * that held this reference, where there is another one now. Soon if there are no readers. */
void ame__release_after_readers(struct ame__version *version);

/* Gives back what waits for that, of all threads, as far as it can be. */
void ame__release_what_waits(void);

#endif
