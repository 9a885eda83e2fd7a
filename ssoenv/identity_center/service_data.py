"""botocore's descriptions of the services, read no more than is asked for."""

from __future__ import annotations

import functools
import os

from botocore.exceptions import DataNotFoundError
from botocore.loaders import Loader


class _Loader(Loader):
    """Knows a service by its own folder; botocore goes through those of all four hundred."""

    def list_available_services(self, type_name: str) -> list[str]:
        """Return what tells whether a service is there, as a list of them all would."""
        return _Services(self, type_name)


class _Services(list[str]):
    """The services of a loader, none of which is looked for before somebody asks for it."""

    def __init__(self, loader: Loader, type_name: str) -> None:
        """Keep where to look."""
        super().__init__()
        self._loader, self._type_name = loader, type_name

    def __contains__(self, service: object) -> bool:
        """Whether there is a description of `service`."""
        try:
            return bool(self._loader.list_api_versions(str(service), self._type_name))
        except DataNotFoundError:
            return False


@functools.cache
def loader(folders: str | None) -> Loader:
    """Return what reads botocore's descriptions of the services, first of those in `folders`.

    One for all clients: those of the endpoints alone take longer to read than a call to AWS does.
    """
    first = [os.path.expanduser(one) for one in (folders or "").split(os.pathsep) if one]
    return _Loader(extra_search_paths=first)
