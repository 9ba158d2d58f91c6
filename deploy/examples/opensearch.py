"""Changes of published copy as OpenSearch's bulk API takes them: sent again they change nothing.

Made to be copied with `indexer.py`; it needs Python alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from http.client import HTTPException
from urllib.request import Request, urlopen

from deploy.examples.search_index import Change

_ANSWER_SECONDS = 30.0


class BulkRefused(Exception):
    """OpenSearch did not take the changes; some of them it may have, and all may be sent again."""


def bulk(changes: Sequence[Change], *, index: str) -> bytes:
    """Give the changes as `POST /_bulk` takes them.

    A key's offsets only grow: as external versions they make OpenSearch refuse what is repeated or older.
    """
    lines: list[object] = []
    for change in changes:
        at = {"_index": index, "_id": change.key, "version": change.offset, "version_type": "external"}
        lines += [{"delete": at}] if change.copy is None else [{"index": at}, change.copy.model_dump(mode="json")]
    return b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)


def post(url: str, body: bytes) -> None:
    """Send bulk lines and look at each one's answer, since the whole is 200 all the same; raises BulkRefused."""
    request = Request(f"{url}/_bulk", body, {"Content-Type": "application/x-ndjson"})  # noqa: S310 - the operator's own
    try:
        with urlopen(request, timeout=_ANSWER_SECONDS) as answer:  # noqa: S310
            items = json.load(answer)["items"]
    except (OSError, HTTPException, ValueError, LookupError) as error:
        raise BulkRefused(f"{url} does not take changes: {error!r}") from error
    results = [result for item in items for result in item.values()]
    # 409: this change or a newer one is there already. 404: a text was withdrawn that never was there.
    refused = [result for result in results if result["status"] not in (200, 201, 404, 409)]
    if refused:
        raise BulkRefused(f"{url} refused {len(refused)} changes, the first as {refused[0]}")
