"""The screen of a guest that is not there: an RFB 3.8 server (RFC 6143).

nova-novncproxy connects to it as to a hypervisor's VNC server. There is no
authentication, the screen has 64 x 48 pixels of one colour, and its name is the
guest's id, so that a client can tell whose console it has reached. A key that
is pressed makes the screen the colour of its code: bytes go both ways.
"""
import socket
import struct
import threading

WIDTH, HEIGHT = 64, 48
SECURITY_NONE = 1
# 32 bits a pixel, 24 used, little endian, true colour; 8 bits each, red highest
PIXEL_FORMAT = struct.pack('>BBBBHHHBBBxxx', 32, 24, 0, 1, 255, 255, 255, 16, 8, 0)


def read(sock, count):
    data = b''
    while len(data) < count:
        more = sock.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def handshake(sock, name):
    sock.sendall(b'RFB 003.008\n')
    read(sock, 12)
    sock.sendall(bytes([1, SECURITY_NONE]))
    read(sock, 1)
    sock.sendall(struct.pack('>I', 0))
    read(sock, 1)  # shared or not
    name = name.encode()
    sock.sendall(struct.pack('>HH', WIDTH, HEIGHT) + PIXEL_FORMAT +
                 struct.pack('>I', len(name)) + name)


def frame(colour):
    head = struct.pack('>BxHHHHHi', 0, 1, 0, 0, WIDTH, HEIGHT, 0)
    return head + struct.pack('<I', colour) * (WIDTH * HEIGHT)


def converse(sock, name):
    handshake(sock, name)
    shown, wanted, waiting = None, 0x204060, False
    while True:
        kind = read(sock, 1)[0]
        if kind == 0:  # SetPixelFormat
            read(sock, 19)
        elif kind == 2:  # SetEncodings
            read(sock, 4 * struct.unpack('>xH', read(sock, 3))[0])
        elif kind == 3:  # FramebufferUpdateRequest
            incremental = read(sock, 9)[0]
            waiting = True
            shown = shown if incremental else None
        elif kind == 4:  # KeyEvent
            down, key = struct.unpack('>BxxI', read(sock, 7))
            wanted = key if down else wanted
        elif kind == 5:  # PointerEvent
            read(sock, 5)
        elif kind == 6:  # ClientCutText
            read(sock, struct.unpack('>xxxI', read(sock, 7))[0])
        else:
            return
        if waiting and shown != wanted:
            sock.sendall(frame(wanted))
            shown, waiting = wanted, False


class Screen:
    """Listens for the viewers of one guest, at a port of its own.

    Threads are eventlet's green ones where the service has patched them.
    """

    def __init__(self, name):
        self._name = name
        self._listener = socket.create_server(('127.0.0.1', 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                sock, _address = self._listener.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._handle, args=(sock,),
                             daemon=True).start()

    def _handle(self, sock):
        try:
            converse(sock, self._name)
        except (EOFError, OSError):
            pass
        finally:
            sock.close()

    def close(self):
        # a blocked accept() is woken by shutdown, not by close
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
