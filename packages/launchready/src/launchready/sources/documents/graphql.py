"""GraphQL schemas (SDL): one way in for each field of the root types, as ``POST /graphql#Query.user``.

Specification: https://spec.graphql.org/October2021/#sec-Root-Operation-Types
"""

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldDefinitionNode,
    GraphQLError,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    StringValueNode,
    TypeNode,
    parse,
)
from graphql.language import EnumValueNode, ListValueNode, ValueNode

from launchready.model.surface import Access, Input, Span
from launchready.model.words import AccessVerdict
from launchready.sources.documents.embedded import CODE, schemas_in
from launchready.sources.documents.load import Library
from launchready.sources.documents.shape import Document, Operation

_TOKENS = 200_000
_ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
# Apollo's router (authenticated, requiresScopes, policy), Redwood (requireAuth, skipAuth), AppSync and Lighthouse.
_ASKS = frozenset(
    (
        *("authenticated", "requiresScopes", "policy", "requireAuth", "auth", "hasRole", "hasRoles", "isAuthenticated"),
        *("guard", "aws_auth", "aws_iam", "aws_oidc", "aws_cognito_user_pools", "aws_lambda"),
    )
)
_OPENS = frozenset(("skipAuth", "public"))


def read(library: Library, path: str) -> Document | None:
    """The root fields of a schema file, or of the schemas in a file of code; None when it holds none: types only, or operations of a client."""
    text = library.text(path)
    try:
        tree = parse(schemas_in(text, path) if path.endswith(CODE) else text, max_tokens=_TOKENS)
    except (GraphQLError, RecursionError):
        return None
    roots = _roots(tree)
    operations = [
        _operation(path, roots[node.name.value], field, (*(node.directives or ()), *(field.directives or ())))
        for node in tree.definitions
        if isinstance(node, ObjectTypeDefinitionNode | ObjectTypeExtensionNode) and node.name.value in roots
        for field in node.fields or ()
        if not field.name.value.startswith("_")
    ]
    return Document(path, "graphql", tuple(operations)) if operations else None


def kept_fields(text: str, path: str = "") -> dict[tuple[str, str], Access]:
    """(type, field) -> access, for the fields below the root types that a schema's directives keep for some; empty when it does not parse."""
    try:
        tree = parse(text, max_tokens=_TOKENS)
    except (GraphQLError, RecursionError):
        return {}
    roots = _roots(tree)
    found = {
        (node.name.value, field.name.value): _access(path, _line(field), tuple(field.directives or ()))
        for node in tree.definitions
        if isinstance(node, ObjectTypeDefinitionNode | ObjectTypeExtensionNode) and node.name.value not in roots
        for field in node.fields or ()
    }
    return {place: access for place, access in found.items() if access.verdict is AccessVerdict.GUARDED}


def _line(field: FieldDefinitionNode) -> int:
    return field.name.loc.start_token.line if field.name.loc else 1


def _roots(tree: DocumentNode) -> dict[str, str]:
    """Root type name -> ``Query``, ``Mutation`` or ``Subscription``."""
    named = {
        one.type.name.value: _ROOTS[one.operation.value]
        for node in tree.definitions
        if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode)
        for one in node.operation_types or ()
    }
    return named or {name: name for name in _ROOTS.values()}


def _operation(path: str, root: str, field: FieldDefinitionNode, directives: tuple[DirectiveNode, ...]) -> Operation:
    line = _line(field)
    inputs = tuple(
        Input(
            argument.name.value,
            "body",
            _named(argument.type),
            isinstance(argument.type, NonNullTypeNode) and argument.default_value is None,
        )
        for argument in field.arguments or ()
    )
    return Operation(
        "POST",
        f"/graphql#{root}.{field.name.value}",
        line,
        inputs,
        _access(path, line, directives),
        field.name.value,
        "write" if root == "Mutation" else "read",
        0.6,
    )


def _access(path: str, line: int, directives: tuple[DirectiveNode, ...]) -> Access:
    for directive in directives:
        name = directive.name.value
        if name in _OPENS:
            return Access(AccessVerdict.OPEN, evidence=(Span(path, line, f"@{name} lets strangers in"),))
    for directive in directives:
        name = directive.name.value
        if name in _ASKS:
            roles = tuple(dict.fromkeys(text for one in directive.arguments or () for text in _texts(one.value)))
            what = f"the schema marks it @{name}; whether the server refuses strangers was not seen"
            how = "role" if roles else "authenticated"
            return Access(AccessVerdict.GUARDED, how, roles, evidence=(Span(path, line, what),))
    return Access(evidence=(Span(path, line, "the schema does not say who may ask for this field"),))


def _texts(value: ValueNode) -> list[str]:
    if isinstance(value, ListValueNode):
        return [text for one in value.values for text in _texts(one)]
    return [value.value] if isinstance(value, StringValueNode | EnumValueNode) else []


def _named(kind: TypeNode) -> str:
    while isinstance(kind, NonNullTypeNode | ListTypeNode):
        kind = kind.type
    return kind.name.value if isinstance(kind, NamedTypeNode) else ""
