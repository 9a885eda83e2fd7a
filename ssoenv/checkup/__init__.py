"""What commonly goes wrong, looked at one thing after the other; each finding with its mend."""

from ssoenv.checkup.finding import Finding, Level
from ssoenv.checkup.run import everything
from ssoenv.checkup.surroundings import explain

__all__ = ["Finding", "Level", "everything", "explain"]
