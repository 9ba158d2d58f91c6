"""Ports that are given out are free, and nobody else's."""

from __future__ import annotations

import socket

from deploy.local.ports import LOOPBACK, free_ports, is_free


def test_no_port_is_given_twice() -> None:
    given = [port for _ in range(40) for port in free_ports(20)]
    assert len(given) == len(set(given)) == 800


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    (port,) = free_ports(1)
    assert is_free(port)
    with socket.socket() as listener:
        listener.bind((LOOPBACK, port))
        listener.listen()
        assert not is_free(port)
