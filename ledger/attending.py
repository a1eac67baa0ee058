"""What a companion does: it answers the frames that are sent to it, one at a time. Who starts it: `companion`.

Frames are bytes in memory that both share; on the socket goes only how long one is (4 bytes, big endian): it says whose
turn it is. A companion imports little, for it is started by who waits for it.
"""

import mmap
import signal
import socket
import struct
import sys
from collections.abc import Callable

from ledger.garbage import spare_collections

LENGTH = struct.Struct(">I")


def attend(answer: Callable[[memoryview], bytes | bytearray]) -> None:
    """Be a companion: answer each frame that comes in, until the socket ends. Empty bytes are no answer.

    A frame is the shared memory itself: what is kept of it is copied before the answer.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asks says when it is over
    spare_collections()
    end, file = map(int, sys.argv[1:])
    connection, memory = socket.socket(fileno=end), mmap.mmap(file, 0)
    with connection, connection.makefile("rb") as turns:
        while len(turn := turns.read(LENGTH.size)) == LENGTH.size:
            (length,) = LENGTH.unpack(turn)
            with memoryview(memory) as shared, shared[:length] as frame:
                said = answer(frame)
            if len(said) > len(memory):
                said = b""
            memory[: len(said)] = said
            connection.sendall(LENGTH.pack(len(said)))
