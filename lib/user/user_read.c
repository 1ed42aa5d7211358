#include "homeconnect/user.h"

#include "base/fail.h"
#include "user/user_noun.h"

const hc__noun hc__user_noun = {.entity = &hc__user_entity, .read = HC__USER_READ};

#define NOUN(suffix) hc_user##suffix
#define RECORD       hc_user
#define PAGE         hc_user_page
#define ENTITY       hc__user_entity
#define OPERATIONS   hc__user_noun
#include "client/noun.inc"
