"""The regions of AWS, as botocore knows them."""

from __future__ import annotations


def known() -> tuple[str, ...]:
    """Return every region of every partition. Those that are newer than botocore are missing."""
    import botocore.session

    session = botocore.session.get_session()
    return tuple(
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("sts", partition)
    )
