#include "bench.h"
void bars_text(void)
{
}
