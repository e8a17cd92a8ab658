/* error.h - the error codes of the library: 0 is success, errors are negative. */
#ifndef AME_ERROR_H
#define AME_ERROR_H

#pragma GCC visibility push(default)

#define AME_ERRORS(X)                                                                              \
    X(AME_OK, 0, "success")                                                                        \
    X(AME_ENOMEM, -1, "out of memory; nothing was changed")                                        \
    X(AME_EINVAL, -2, "an argument is not valid")                                                  \
    X(AME_ENOENT, -3, "no such key")                                                               \
    X(AME_ETHREAD, -4, "no thread could be started; lower the number of threads")                  \
    X(AME_EIO, -5, "a file could not be read or written")

enum ame_error {
#define AME_ERROR_CODE(name, value, text) name = value,
    AME_ERRORS(AME_ERROR_CODE)
#undef AME_ERROR_CODE
};

/* A short English sentence for a code; never NULL. The string is static. */
const char *ame_strerror(int error);

#pragma GCC visibility pop
#endif
