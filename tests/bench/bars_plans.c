#include "bench.h"
void bars_plans(void)
{
}
