#include "homeconnect/appointment.h"

#include "appointment/appointment_noun.h"
#include "base/fail.h"

const hc__noun hc__appointment_noun = {.entity = &hc__appointment_entity, .read = HC__APPOINTMENT_READ};

#define NOUN(suffix) hc_appointment##suffix
#define RECORD       hc_appointment
#define PAGE         hc_appointment_page
#define ENTITY       hc__appointment_entity
#define OPERATIONS   hc__appointment_noun
#include "client/noun.inc"
