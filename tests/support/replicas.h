/* A server and its replica, private, of the engine that HC_TEST_STORE names (postgres when it names none). */
#ifndef SUPPORT_REPLICAS_H
#define SUPPORT_REPLICAS_H

#include <stdbool.h>

typedef struct replicas {
    const char *engine;
    const char *house_uri; /* name of the variable that tells the house where the first server is */
    bool (*start)(void);   /* both; false with a reason */
    void (*stop)(void);
    const char *(*uri)(void); /* of the first */
    int (*port)(bool of_replica);
    const char *(*reason)(void);
    void (*catch_up)(void); /* waits until the replica has all that the first has */
    bool (*hold)(bool);     /* it gets what is written, and shows none of it */
    void (*kill)(void);     /* the replica */
    bool (*again)(void);
    void (*freeze)(bool);  /* it keeps its connections, and says nothing */
    bool (*confuse)(void); /* nobody can tell any more how far it has come; NULL: that cannot be */
} replicas;

const replicas *replicas_of_engine(void);

#endif
