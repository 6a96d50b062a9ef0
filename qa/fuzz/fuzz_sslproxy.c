/* Fuzzes SSLproxy's line, first or behind a request line. Input: as drive.h has it. */
#include "drive.h"

#include "proto/sslproxy/sslproxy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    drive(&proto_sslproxy, data, size);
    return 0;
}
