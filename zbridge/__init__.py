"""zbridge: the project and the base that every room stands on."""
