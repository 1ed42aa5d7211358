#include "bench.h"
void bars_small(void)
{
}
