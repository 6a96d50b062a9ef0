/* Fuzzes the PROXY protocol: versions 1 and 2. Input: as drive.h has it. */
#include "drive.h"

#include "proto/proxyproto/proxyproto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    drive(&proto_proxyproto, data, size);
    return 0;
}
