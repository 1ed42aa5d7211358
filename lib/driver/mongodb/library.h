/* libmongoc itself, and what differs between 1.x and 2.x: the one file that names either. */
#ifndef HC__DRIVER_MONGODB_LIBRARY_H
#define HC__DRIVER_MONGODB_LIBRARY_H

#include <mongoc/mongoc.h>

/* Once a process; it is never cleaned up, for the host may use libmongoc too. */
void hc__mongo_library(void);

/* 2.x lets go of const where 1.x asks for it, and the other way round. */
#if MONGOC_MAJOR_VERSION >= 2
#define HC__MONGO_DOCUMENTS(list) ((const bson_t *const *)(list))
#else
#define HC__MONGO_DOCUMENTS(list) ((const bson_t **)(list))
#endif

#endif
