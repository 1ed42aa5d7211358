/** @file export.h  How symbols leave the library. */
#ifndef HOMECONNECT_EXPORT_H
#define HOMECONNECT_EXPORT_H

#if defined(HC_STATIC) || !defined(__GNUC__)
#define HC_API
#else
#define HC_API __attribute__((visibility("default")))
#endif

#endif
