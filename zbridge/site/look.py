"""How unfold is dressed: title, navigation, colours."""

UNFOLD: dict[str, object] = {"SITE_TITLE": "zbridge", "SITE_HEADER": "zbridge"}
