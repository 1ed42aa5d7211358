#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>

/* Whether calls wrote anything to the house's file. By the engine's number of commits, and where that moved, by the
 * rows: a log that starts anew moves it too, which a transaction may do that is then given up, once memory is so short
 * that its pages are written before their time. */
void watch_open(void);
void watch_close(void);
bool watch_wrote(void); /* since it was opened or asked */

#endif
