/* Volatile accesses, and inline assembly: what may touch memory makes its block run alone. */
#include "feature.h"

static volatile int device, *volatile registers, bank[4];
static volatile struct {
    int status;
    double data;
    long long log[2];
} port;
static int plain, result, cells[4];

static void prepare(void) {
    device = 1;
    registers = bank;
    for (int i = 0; i < 4; i++)
        bank[i] = cells[i] = i;
    port.status = 0;
    port.data = 0.5;
    port.log[1] = 9;
    plain = 20;
    result = 0;
}

/* ---- volatile ---- */

static int poll(volatile int *at) {
    int polls = 0;
    while (*at) {
        *at -= 1;
        polls++;
    }
    return polls;
}

static void accesses(void) {
    volatile int local = 2, untouched = 7;
    volatile long after;
    atomic {
        device += 2;
        local += device;
        registers[1] = device++;
        registers++;
        *registers *= 10;
        port.status |= 4;
        port.data *= port.status;
        port.log[0] = port.log[1]--;
        result = poll(&bank[1]);
        poll(&local);
        volatile char inside = (char)bank[3];
        inside++;
        after = inside;
        (void)device;
    }
    result += local * 100 + untouched * 1000 + (int)after * 10000;
}

static void check_accesses(void) {
    CHECK_EQUAL(device, 4);
    CHECK_EQUAL(result, 47030);
    CHECK(registers == bank + 1 && bank[1] == 0 && bank[2] == 2);
    CHECK(port.status == 4 && port.data == 2.0 && port.log[0] == 9 && port.log[1] == 8);
}

/* ---- assembly on registers needs no care ---- */

static unsigned rotate(unsigned value) {
    __asm__("roll $8, %0" : "+r"(value));
    return value;
}

static void with_registers(void) {
    unsigned local = 0x11223344, quotient, remainder;
    atomic {
        int sum = plain;
        __asm__("addl %1, %0" : "+r"(sum) : "ri"(22) : "cc");
        plain = sum;
        local = rotate(local);
        __asm__("divl %4" : "=a"(quotient), "=d"(remainder) : "0"(100), "1"(0), "r"(plain) : "cc");
        cells[0] = (int)rotate((unsigned)cells[1]);
        fault_point();
    }
    result = (int)(quotient * 100 + remainder);
    cells[1] = (int)local;
}

static void check_with_registers(void) {
    CHECK_EQUAL(plain, 42);
    CHECK_EQUAL(result, 216);
    CHECK_EQUAL(cells[0], 256);
    CHECK_EQUAL(cells[1], 0x22334411);
}

/* ---- assembly on memory ---- */

#define ASSEMBLY(name, statement)                                                                  \
    static __attribute__((noinline)) void name##_callee(void) {                                    \
        statement;                                                                                 \
    }                                                                                              \
    static void name(void) {                                                                       \
        int local = 1;                                                                             \
        atomic {                                                                                   \
            cells[0]++;                                                                            \
            statement;                                                                             \
            cells[0] *= 10;                                                                        \
            local += cells[0];                                                                     \
        }                                                                                          \
        result = local;                                                                            \
    }                                                                                              \
    static void name##_from_callee(void) {                                                         \
        atomic {                                                                                   \
            cells[0]++;                                                                            \
            name##_callee();                                                                       \
            cells[0] *= 10;                                                                        \
            result = cells[0] + 1;                                                                 \
        }                                                                                          \
    }

long call_assembly(long);
__asm__(".text\n.globl call_assembly\n.type call_assembly, @function\ncall_assembly: leaq 1(%rdi), "
        "%rax\nret\n"
        ".size call_assembly, . - call_assembly");

/* clang-format off */
#define ASSEMBLIES(X)                                                                              \
    X(clobber, __asm__ volatile("nop" ::: "memory"))                                               \
    X(read_operand, __asm__("movl %1, %0" : "=r"(plain) : "m"(cells[3])))                          \
    X(write_operand, __asm__ volatile("movl $7, %0" : "=m"(cells[2])))                             \
    X(change_operand, __asm__("incl %0" : "+m"(plain) :: "cc"))                                    \
    X(choice, __asm__("incl %0" : "+rm"(plain) :: "cc"))                                           \
    X(address, __asm__ volatile("movl $8, (%0)" :: "r"(&cells[1]) : "memory"))                     \
    X(several, __asm__("lock xaddl %0, %1" : "+r"(cells[1]), "+m"(plain) :: "memory", "cc"))       \
    X(string, do { char *to = (char *)&cells[1]; long count = 8; __asm__ volatile("rep stosb"      \
        : "+D"(to), "+c"(count) : "a"(1) : "memory"); } while (0))                                 \
    X(function, plain = (int)call_assembly(plain))
/* clang-format on */

ASSEMBLIES(ASSEMBLY)

static int wanted;

static void check_assembly(void) {
    static const struct {
        int plain, one, two;
    } expected[] = {{20, 1, 2}, {3, 1, 2},  {20, 1, 7},  {21, 1, 2},
                    {21, 1, 2}, {20, 8, 2}, {21, 20, 2}, {20, 0x01010101, 0x01010101},
                    {21, 1, 2}};
    CHECK_EQUAL(plain, expected[wanted].plain);
    CHECK_EQUAL(cells[1], expected[wanted].one);
    CHECK_EQUAL(cells[2], expected[wanted].two);
    CHECK_EQUAL(cells[0], 10);
    CHECK_EQUAL(result, 11);
}

/* ---- an empty text is no instruction: the compiler alone must heed it ---- */

static void empty(void) {
    int local = 1;
    atomic {
        plain++;
        __asm__ volatile("" ::: "memory");
        local += plain;
        __asm__("" : "+r"(local));
        __asm__ volatile("" : "+m"(plain) : "r"(&cells[0]) : "memory");
        cells[0] = plain++;
    }
    result = local;
}

static void check_empty(void) {
    CHECK_EQUAL(plain, 22);
    CHECK_EQUAL(result, 22);
    CHECK_EQUAL(cells[0], 21);
}

int main(void) {
    TRY(prepare, accesses, check_accesses);
    TRY(prepare, with_registers, check_with_registers);
    TRY(prepare, empty, check_empty);
#define TRY_ASSEMBLY(name, statement)                                                              \
    TRY_SERIAL(prepare, name, check_assembly);                                                     \
    TRY_SERIAL(prepare, name##_from_callee, check_assembly);                                       \
    wanted++;
    ASSEMBLIES(TRY_ASSEMBLY)
    return 0;
}
