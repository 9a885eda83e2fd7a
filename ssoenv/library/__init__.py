"""ssoenv for Python programs: what ``import ssoenv`` gives, by the rules of the command line.

The same caches, locks and policy as everywhere: whether a role may be used is decided where every
other use is, no protected role is used unasked, and nobody is asked to sign in unless the program
says so. Every function raises SsoenvError, whose subclasses say what is the matter, and each may
be called from any thread.
"""

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
from ssoenv.library.bindings import binding_for
from ssoenv.library.roles import get_boto3_session, list_assignments
from ssoenv.library.signing_in import login, logout
from ssoenv.library.values import Assignment, Binding, Profile, SignedIn, SignInPage

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
    "binding_for",
    "get_boto3_session",
    "list_assignments",
    "login",
    "logout",
]
