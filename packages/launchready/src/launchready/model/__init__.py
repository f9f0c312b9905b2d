"""Facts every other part speaks in: standard library only, frozen, and the JSON contract itself.

A field here is a promise to whoever reads our JSON: add fields, never rename them.
"""
