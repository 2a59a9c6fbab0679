"""What runs of other rooms are called."""

FIGURES = "figures"
TITLES = {FIGURES: "Figures to CRM"}
