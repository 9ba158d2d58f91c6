"""A full disk stops one process from writing, in the middle of a write if need be."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import disk

WRITER = """
import os, sys
file = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
for line in sys.stdin:
    try:
        print(os.write(file, bytes(int(line))), flush=True)
    except OSError as error:
        print(error.strerror, flush=True)
"""


class Writer:
    """A process that writes so many bytes to its file as it is told, and says how it went."""

    def __init__(self, process: subprocess.Popen[str], file: Path) -> None:
        self._process = process
        self.pid = process.pid
        self.file = file

    def write(self, count: int) -> str:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    file = tmp_path / "some-topic-0" / "00000000000000000000.log"
    file.parent.mkdir()
    command = [sys.executable, "-c", WRITER, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Writer(process, file)
        process.kill()


def test_on_a_full_disk_nothing_is_written(writer: Writer) -> None:
    assert writer.write(10) == "10"
    disk.fill(writer.pid)
    assert writer.write(10) == "File too large"
    assert writer.file.stat().st_size == 10


def test_a_write_is_torn_where_the_space_ends(writer: Writer) -> None:
    assert writer.write(10) == "10"
    disk.fill(writer.pid, limit_bytes=15)
    assert [writer.write(10), writer.write(10)] == ["5", "File too large"]


def test_the_largest_segment_of_a_topic_is_found_among_open_files(writer: Writer) -> None:
    assert writer.write(10) == "10"
    assert disk.largest_log_bytes(writer.pid, "some-topic") == 10
    assert disk.largest_log_bytes(writer.pid, "some") == 0
