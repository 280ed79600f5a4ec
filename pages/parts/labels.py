"""The words that the page has for a document's fixed values."""

from __future__ import annotations

CATEGORIES: dict[str, str] = {
    "messaging": "Messaging",
    "ad_networks": "Ad networks",
    "analytics": "Analytics",
    "attribution": "Attribution",
    "crm": "CRM",
    "customer_support": "Customer support",
    "data_pipeline": "Data pipeline",
    "experimentation": "Experimentation",
    "feature_flagging": "Feature flagging",
    "storage": "Storage",
    "surveys": "Surveys",
    "other": "Other",
}
TYPES: dict[str, str] = {"list": "List-based", "property": "Property-based"}
UNTITLED = "Untitled integration"
