/* hc_appointment_*: the accessors of the public header, from the field table. */
#include "homeconnect/appointment.h"
#include "client/core.h"

#define NOUN(suffix) hc_appointment##suffix
#define RECORD       hc_appointment
#define FIELD(name)  hc__appointment_f_##name
#define FIELDS       "model/appointment_fields.def"
#include "model/accessors.inc"
