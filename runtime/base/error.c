#include <ame/error.h>

const char *ame_strerror(int error) {
    switch (error) {
#define AME__ERROR_TEXT(name, value, text)                                                         \
    case value:                                                                                    \
        return text;
        AME_ERRORS(AME__ERROR_TEXT)
#undef AME__ERROR_TEXT
    default:
        return "not an error code of ame";
    }
}
