/* commands.h - the sub-commands; each gets its own arguments and returns the exit
 * status of the tool. */
#ifndef AME_TOOLS_COMMANDS_H
#define AME_TOOLS_COMMANDS_H

int command_cc(int count, char **arguments);
int command_record(int count, char **arguments);
int command_report(int count, char **arguments);
int command_stat(int count, char **arguments);
int command_annotate(int count, char **arguments);
int command_diff(int count, char **arguments);
int command_export(int count, char **arguments);
int command_timeline(int count, char **arguments);
int command_info(int count, char **arguments);

#define DEFAULT_RECORDING "ame.data"

#endif
