"""How unfold is dressed: title, navigation, colours (petrol on slate, light and dark)."""

# OKLCH lightness and chroma per weight; 600 carries white text at 5:1, 500 is the link colour on dark.
_PETROL = {
    "50": "oklch(97.6% .014 195)",
    "100": "oklch(94.2% .034 195)",
    "200": "oklch(88.6% .062 195)",
    "300": "oklch(81.5% .09 195)",
    "400": "oklch(76% .11 195)",
    "500": "oklch(71% .112 196)",
    "600": "oklch(48.5% .085 205)",
    "700": "oklch(42.5% .077 207)",
    "800": "oklch(37% .066 209)",
    "900": "oklch(31.5% .055 211)",
    "950": "oklch(23% .042 213)",
}
_SLATE = {
    "50": "oklch(98.3% .004 230)",
    "100": "oklch(96.4% .006 230)",
    "200": "oklch(92.2% .01 232)",
    "300": "oklch(86.6% .015 234)",
    "400": "oklch(72.5% .025 238)",
    "500": "oklch(51.5% .032 240)",
    "600": "oklch(43.5% .033 242)",
    "700": "oklch(36.5% .032 244)",
    "800": "oklch(27.5% .028 246)",
    "900": "oklch(20.8% .024 248)",
    "950": "oklch(14.5% .02 250)",
}

UNFOLD: dict[str, object] = {
    "SITE_TITLE": "zbridge",
    "SITE_HEADER": "zbridge",
    "SITE_SUBHEADER": "zbridge.site.house.subheader",
    "SITE_URL": None,
    "SITE_ICON": "zbridge.site.house.icon",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "zbridge.site.house.icon"}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "8px",
    "COLORS": {"base": _SLATE, "primary": _PETROL},
    "STYLES": ["zbridge.site.house.style"],
    "SCRIPTS": ["zbridge.site.house.script"],
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": "zbridge.site.navigation.sidebar"},
}
