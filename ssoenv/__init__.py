"""The right AWS role in the shell for the directory you are in, and gone when you leave.

As a library, see docs/library.md: `get_boto3_session`, `login`, `list_assignments`, `binding_for`.
Nothing of it is loaded before one of its names is used.
"""

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ssoenv.base.errors import (
        AccessDenied,
        Cancelled,
        InvalidConfiguration,
        NotTrusted,
        ServiceUnavailable,
        SignInDenied,
        SignInRequired,
        SignInTimedOut,
        SsoenvError,
        UsageError,
    )
    from ssoenv.library import (
        Assignment,
        Binding,
        Profile,
        SignedIn,
        SignInPage,
        binding_for,
        get_boto3_session,
        list_assignments,
        login,
        logout,
    )

__all__ = [
    "AccessDenied",
    "Assignment",
    "Binding",
    "Cancelled",
    "InvalidConfiguration",
    "NotTrusted",
    "Profile",
    "ServiceUnavailable",
    "SignInDenied",
    "SignInPage",
    "SignInRequired",
    "SignInTimedOut",
    "SignedIn",
    "SsoenvError",
    "UsageError",
    "__version__",
    "binding_for",
    "get_boto3_session",
    "list_assignments",
    "login",
    "logout",
]


def __getattr__(name: str) -> object:
    """Load the library when one of its names is first used (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module 'ssoenv' has no attribute {name!r}")
    from importlib import import_module

    library = import_module("ssoenv.library")
    globals().update({one: getattr(library, one) for one in __all__ if one != "__version__"})
    return globals()[name]


def __dir__() -> list[str]:
    """Return what there is, loaded or not."""
    return sorted({*globals(), *__all__})
