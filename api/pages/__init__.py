"""The auditors' workbench: pages for people, rendered on the server, at `/` and below `/workbench/`.

A page asks the API itself, from within and as its reader (`api.pages.asking`), so that it can show nothing that the
reader could not ask for, and says under each answer by which link the same is had as JSON. Each page is one file here,
one template, and one file of texts for each language.
"""
