"""Kinds of nodes in a script: those in which no statement stands, and those that declare."""

# Most nodes of a file: no statement stands in them.
NO_STATEMENTS = frozenset(
    (
        *(
            "identifier",
            "property_identifier",
            "member_expression",
            "string",
            "template_string",
            "number",
            "regex",
            "comment",
        ),
        *(
            "true",
            "false",
            "null",
            "this",
            "type_annotation",
            "type_arguments",
            "type_alias_declaration",
            "interface_declaration",
        ),
        *(
            "jsx_element",
            "jsx_self_closing_element",
            "formal_parameters",
            "object_pattern",
            "array_pattern",
            "import_clause",
        ),
        *(
            "shorthand_property_identifier",
            "shorthand_property_identifier_pattern",
            "type_identifier",
            "unary_expression",
        ),
    )
)
DECLARATIONS = frozenset(
    ("function_declaration", "class_declaration", "abstract_class_declaration", "generator_function_declaration")
)
