/* message.h - what the program says to its user beside the report. */
#ifndef PKGGRAPH_MESSAGE_H
#define PKGGRAPH_MESSAGE_H

/* One line on stderr, with the program's name before it. */
void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
