"""Who uses the portal: organisations, their people and projects, and who may do what."""

from core.portal.people.directory import Directory
from core.portal.people.entities import Organisation, Person, Plan, PortalAccess, Project, Role
from core.portal.people.rights import Right, may, require

__all__ = [
    "Directory",
    "Organisation",
    "Person",
    "Plan",
    "PortalAccess",
    "Project",
    "Right",
    "Role",
    "may",
    "require",
]
