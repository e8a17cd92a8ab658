/* In front of every program from csmith, which calls these with 0 too: that has no defined result.
 */
#ifndef BUILTINS_H
#define BUILTINS_H

#define DEFINED(name, type)                                                                        \
    static inline int defined_##name(type value) {                                                 \
        return value ? __builtin_##name(value) : (int)sizeof value * 8;                            \
    }
DEFINED(clz, unsigned)
DEFINED(clzl, unsigned long)
DEFINED(clzll, unsigned long long)
DEFINED(ctz, unsigned)
DEFINED(ctzl, unsigned long)
DEFINED(ctzll, unsigned long long)

#define __builtin_clz defined_clz
#define __builtin_clzl defined_clzl
#define __builtin_clzll defined_clzll
#define __builtin_ctz defined_ctz
#define __builtin_ctzl defined_ctzl
#define __builtin_ctzll defined_ctzll

#endif
