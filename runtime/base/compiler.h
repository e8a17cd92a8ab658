/* compiler.h - what the compiler is told. */
#ifndef AME_BASE_COMPILER_H
#define AME_BASE_COMPILER_H

#define AME__LIKELY(x) __builtin_expect(!!(x), 1)
#define AME__UNLIKELY(x) __builtin_expect(!!(x), 0)
#define AME__COLD __attribute__((cold, noinline))
#define AME__NOINLINE __attribute__((noinline))
#define AME__INLINE __attribute__((always_inline)) static inline
/* On a declaration: the transactional twin of the function `name`, as the plugin
 * and shared objects with blocks know it. */
#define AME__TWIN(name) __asm__("ame_twin." name) __attribute__((visibility("default")))
/* On a declaration: compiled code knows the variable by this name. */
#define AME__ABI_NAME(name) __asm__(name) __attribute__((visibility("default")))
#define AME__CACHE_LINE 64
#define AME__ALIGNED_LINE __attribute__((aligned(AME__CACHE_LINE)))

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define AME__ASAN 1
#endif
#endif
#ifndef AME__ASAN
#define AME__ASAN 0
#endif

#endif
