"""The regions of AWS, as botocore knows them."""

from __future__ import annotations

from functools import cache


@cache
def known() -> tuple[str, ...]:
    """Return every region of every partition. Those that are newer than botocore are missing."""
    from botocore.regions import EndpointResolver

    from ssoenv.identity_center import service_data

    # A session would look into the folders of all its services first, which takes longer.
    endpoints = EndpointResolver(service_data.loader(None).load_data("endpoints"))
    return tuple(
        region
        for partition in endpoints.get_available_partitions()
        for region in endpoints.get_available_endpoints("sts", partition)
    )


def likely(region: str) -> list[str]:
    """Return the regions that were likely meant by `region`, which is none that is known."""
    import difflib

    return difflib.get_close_matches(region, known(), 3)


def doubt(region: str | None) -> str:
    """Return what is odd about `region`, in words; empty for a known one and for none.

    It is no error: AWS opens new regions.
    """
    if region is None or region in known():
        return ""
    meant = likely(region)
    return f"no AWS region that ssoenv knows{f'; did you mean {meant[0]}?' if meant else ''}"
