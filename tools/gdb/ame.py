"""gdb: which threads run atomic blocks, what these have read and written, and for whom they wait.

    (gdb) source tools/gdb/ame.py
    (gdb) ame blocks

Needs the runtime's debug information, which libame.a has as it is built here.
"""

import os

import gdb

MOST = 8  # entries of a log that are shown
INACTIVE = (1 << 64) - 1
PARKED = INACTIVE - 1
WAYS = ["", "in hardware", "in software", "alone", "in hardware, with barriers"]


def symbol(address):
    """The variable at an address, as gdb names it, or nothing."""
    text = gdb.execute("info symbol %d" % address, to_string=True)
    return "" if text.startswith("No symbol") else " <%s>" % text.split(" in section")[0]


def place(pc):
    """Where a barrier was called that returns to `pc`."""
    if not pc:
        return "at a place that is not known"
    line = gdb.find_pc_line(pc - 1)
    if not line.symtab:
        return "at 0x%x" % pc
    return "at %s:%d" % (line.symtab.filename, line.line)


def latest(first, count):
    shown = [first[i] for i in range(max(0, count - MOST), count)]
    return shown, count - len(shown)


class Thread:
    """A thread that has run blocks."""

    def __init__(self, thread):
        self.thread = thread
        thread.switch()
        self.number = thread.num
        self.system_id = thread.ptid[1] or thread.ptid[2]
        self.descriptor = gdb.parse_and_eval("(struct ame_tx *)ame__self")

    def frames(self):
        """From the innermost one out. They last until another thread is switched to."""
        self.thread.switch()
        frame = gdb.newest_frame()
        for _ in range(30):
            if not frame:
                return
            yield frame
            frame = frame.older()


def threads():
    """Those of the program, by the address of their descriptor."""
    found = {}
    for one in sorted(gdb.selected_inferior().threads(), key=lambda t: t.num):
        try:
            thread = Thread(one)
        except gdb.error:
            continue
        if int(thread.descriptor):
            found[int(thread.descriptor)] = thread
    return found


def variable(frame, name):
    """The number in a variable of a frame, or None where the optimizer has left it out."""
    try:
        return int(frame.read_var(name))
    except (gdb.error, ValueError):
        return None


def source(frame):
    """The file of a frame, or nothing."""
    table = frame.find_sal().symtab
    return table.fullname() if table else ""


def caller(frame):
    """The line of the program from which the runtime was called that this frame is of."""
    runtime = os.path.dirname(os.path.dirname(source(frame)))
    while frame and source(frame).startswith(runtime + os.sep):
        frame = frame.older()
    line = frame.find_sal() if frame else None
    return ", at %s:%d" % (line.symtab.filename, line.line) if line and line.symtab else ""


def waits(thread, all_threads):
    """For whom, or for what, in words; or nothing."""

    def name(descriptor):
        other = all_threads.get(descriptor or 0)
        return "thread %d" % other.number if other else "another thread"

    for frame in thread.frames():
        function = frame.name() or ""
        if function == "wait_for":
            address = variable(frame, "address")
            owner = variable(frame, "owner") or variable(frame, "reader")
            where = " at 0x%x%s" % (address, symbol(address)) if address else ""
            return "for %s%s%s" % (name(owner), where, caller(frame))
        if function == "ame__stm_wait_for_snapshots":
            return "to commit, until %s has moved on" % name(variable(frame, "other"))
        if function == "lock_closed":
            return "for a block that runs alone"
        if function == "ame__gate_close":
            return "to run alone, until no other block runs"
        if function == "ame__stm_give_way":
            return "for an older block that has wounded it"
        if function == "ame__watcher_sleep":
            return "for a change of what it has read (atomic_retry)"
    return ""


def show_log(title, lines, more):
    for line in lines:
        print("    %-8s%s" % (title, line))
        title = ""
    if more:
        print("    %-8s(%d more before)" % (title, more))


def read_entries(descriptor):
    return int(descriptor["reads_next"] - descriptor["reads"])


def show_reads(descriptor):
    shown, more = latest(descriptor["reads"], read_entries(descriptor))
    lines = []
    for read in shown:
        address = int(read["address"])
        behind = int(read["more"])
        size = ", and %d lines of 64 bytes behind it" % behind if behind else ""
        lines.append("0x%x%s%s, %s" % (address, symbol(address), size, place(int(read["place"]))))
    show_log("read", lines, more)


def show_writes(descriptor):
    shown, more = latest(descriptor["undo"]["entries"], int(descriptor["undo"]["count"]))
    lines = []
    for undo in shown:
        address = int(undo["address"])
        lines.append("0x%x%s, %d bytes" % (address, symbol(address), int(undo["size"])))
    show_log("written", lines, more)


def show(thread, all_threads):
    descriptor = thread.descriptor.dereference()
    way = int(descriptor["way"])
    waiting = waits(thread, all_threads)
    head = "thread %d (LWP %d): " % (thread.number, thread.system_id)
    block = descriptor["block"]
    if not way and not waiting:
        print(head + "in no block")
        return
    name = block["function"].string() if int(block["function"]) else "?"
    at = " (%s:%d)" % (block["file"].string(), int(block["line"])) if int(block["file"]) else ""
    state = WAYS[way] if way else "between two attempts"
    if int(descriptor["alone"]):
        state = "alone, with a log"
    snapshot = int(descriptor["snapshot"])
    if way == 2 and snapshot == INACTIVE:
        state += ", not begun"
    elif snapshot == PARKED:
        state += ", parked"
    print(head + "block in %s%s, %s; %d lines read, %d locked" % (
        name, at, state, read_entries(descriptor) + int(descriptor["reads_more"]),
        int(descriptor["locks"]["count"])))
    show_reads(descriptor)
    show_writes(descriptor)
    if waiting:
        print("    waits   " + waiting)


class Ame(gdb.Command):
    """What the atomic blocks of the program do: `ame blocks`."""

    def __init__(self):
        super().__init__("ame", gdb.COMMAND_DATA, prefix=True)


class AmeBlocks(gdb.Command):
    """Shows each thread's atomic block: what it has read, written and locked, and for whom it waits."""

    def __init__(self):
        super().__init__("ame blocks", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        if argument:
            raise gdb.GdbError("ame blocks takes no argument")
        try:
            gdb.lookup_type("struct ame_tx")
        except gdb.error:
            raise gdb.GdbError("no debug information of ame's runtime: is the program built with "
                               "`ame cc`, and not stripped?")
        if not gdb.selected_inferior().threads():
            raise gdb.GdbError("the program does not run")
        before = gdb.selected_thread()
        found = threads()
        if not found:
            print("No thread has run a block.")
        for thread in found.values():
            show(thread, found)
        if before:
            before.switch()


Ame()
AmeBlocks()
