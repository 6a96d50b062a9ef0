/* Fuzzes WebSocket frames of both directions, and the tunnel in them. Input: as drive.h has it. */
#include "drive.h"

#include "proto/websocket/websocket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    drive(&proto_websocket, data, size);
    return 0;
}
