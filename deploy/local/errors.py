"""What can go wrong with the local stack, named by what an operator does about it."""

from __future__ import annotations


class StackError(Exception):
    """Base of the local stack's errors; every message says what to do next.

    StackError
    ├── JarRefused         a fetched file is not the pinned one: do not run it
    ├── JarUnreachable     a file is neither in the cache nor to be had: get a network, or copy a cache
    ├── ServiceFailed      a service ended or did not get ready: read its log
    ├── BrokerIsOpen       a closed broker was asked for where an open one has its data
    ├── EngineMissing      Docker was asked for and does not answer
    └── StackNotRunning    nothing is running and nothing was named: start it or name it
    """


class JarRefused(StackError):
    """A file's hash differs from the pinned one."""


class JarUnreachable(StackError):
    """A pinned file is not in the cache and could not be fetched."""


class ServiceFailed(StackError):
    """A service ended while starting, or did not answer in time."""


class BrokerIsOpen(StackError):
    """The home's broker was made without users and rights, and what is in it cannot be closed afterwards."""


class EngineMissing(StackError):
    """The Docker engine does not answer."""


class StackNotRunning(StackError):
    """There is no broker or no registry to talk to."""
