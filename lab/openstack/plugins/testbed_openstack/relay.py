"""Lets the host of a site reach services of the lab at 127.0.0.1, as if they ran there.

  python3 -m testbed_openstack.relay PID PORT...

PID is a process on the host. Connections to 127.0.0.1:PORT there are carried on to the
same port here. A socket stays in the network namespace in which it was made.
"""
import asyncio
import ctypes
import socket
import sys

CLONE_NEWNET = 0x40000000
ADDRESS = '127.0.0.1'


def listening_sockets(pid, ports):
    libc = ctypes.CDLL(None, use_errno=True)
    sockets = []
    with open('/proc/self/ns/net') as here, \
            open('/proc/%d/ns/net' % pid) as there:
        if libc.setns(there.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), 'setns')
        for port in ports:
            s = socket.socket()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind((ADDRESS, port))
            sockets.append(s)
        if libc.setns(here.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), 'setns')
    return sockets


async def copy(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()


async def carry(reader, writer, port):
    try:
        there_reader, there_writer = await asyncio.open_connection(
            ADDRESS, port)
    except OSError:
        writer.close()
        return
    await asyncio.gather(copy(reader, there_writer),
                         copy(there_reader, writer))
    for one in (writer, there_writer):
        one.close()


async def main():
    ports = [int(p) for p in sys.argv[2:]]
    servers = []
    for s, port in zip(listening_sockets(int(sys.argv[1]), ports), ports):
        servers.append(await asyncio.start_server(
            lambda r, w, port=port: carry(r, w, port), sock=s))
    await asyncio.Event().wait()

if __name__ == '__main__':
    asyncio.run(main())
