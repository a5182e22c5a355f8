"""Runs commands of the unmodified openstack client, forked from one warm process.

Starting the client takes two seconds of imports, and a walk is a hundred commands.
A command comes as one line on standard input, its fields separated by the ASCII unit
separator: a file for its output, a file for its errors, its arguments.  The answer, a
line on standard output, is its exit code.
"""
import os
import signal
import sys

from openstackclient import shell
import openstackclient.compute.v2.server  # noqa: F401  (the largest imports, once)
import openstackclient.image.client  # noqa: F401
import openstackclient.network.client  # noqa: F401
import openstackclient.volume.client  # noqa: F401

SECONDS_PER_COMMAND = 150
sys.argv[0] = 'openstack'


def run(output, errors, *arguments):
    signal.alarm(SECONDS_PER_COMMAND)
    sys.stdout = open(output, 'w')
    sys.stderr = open(errors, 'w')
    os.dup2(sys.stdout.fileno(), 1)
    os.dup2(sys.stderr.fileno(), 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    return shell.main(list(arguments))


for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = run(*line.rstrip('\n').split('\x1f'))
        except SystemExit as e:
            code = e.code
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code if isinstance(code, int) else 1)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
