"""Turn segmentation and checksum offload off: `offload.py IFACE`, inside its namespace.

A capture on the sending host would otherwise hold packets of up to 64 KB with checksums not filled in, which no
network carries. (ethtool does the same; this spares the lab a package.)
"""

import array
import fcntl
import socket
import struct
import sys

SIOCETHTOOL = 0x8946
# ETHTOOL_SRXCSUM, STXCSUM, SSG, STSO, SGSO, SGRO from linux/ethtool.h
OFF = (0x15, 0x17, 0x19, 0x1F, 0x24, 0x2C)


def main():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for command in OFF:
            value = array.array("B", struct.pack("II", command, 0))
            request = struct.pack("16sP", sys.argv[1].encode(), value.buffer_info()[0])
            try:
                fcntl.ioctl(s, SIOCETHTOOL, request)
            except OSError:
                pass  # a kernel that can't: the capture is then larger, not wrong


if __name__ == "__main__":
    main()
