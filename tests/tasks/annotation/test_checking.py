import pytest

from tasks.annotation.checking import check_schema, unfound_examples
from tasks.annotation.errors import SchemaError
from tasks.annotation.schema import AnnotationSchema, FieldSpec, load_schema, shipped_schemas


def schema_of(**field: object) -> AnnotationSchema:
    return AnnotationSchema.model_validate(
        {"name": "s", "description": "d", "fields": [{"name": "f", "description": "d", **field}]}
    )


@pytest.mark.parametrize("name", shipped_schemas())
def test_shipped_schemas_pass_and_find_their_own_examples(name: str) -> None:
    schema = load_schema(name)
    check_schema(schema)
    assert unfound_examples(schema) == []
    assert all(field.examples for field in schema.fields)


def test_an_unknown_finder_is_named_with_the_nearest() -> None:
    with pytest.raises(SchemaError, match=r"field f: there is no finder 'monney', did you mean 'money'\? There are address, "):
        check_schema(schema_of(finders=["monney"]))


def test_an_unknown_normalizer_is_named_with_what_there_is() -> None:
    with pytest.raises(SchemaError, match=r"field f: there is no normalizer 'xyzzy'\. There are address, "):
        check_schema(schema_of(normalizer="xyzzy"))


def test_an_example_that_no_rule_finds_is_told() -> None:
    examples = [{"text": "Total: 5 EUR", "value": "5 EUR"}, {"text": "It costs five euros.", "value": "five euros"}]
    schema = schema_of(type="money", examples=examples)
    assert [(field, example.value) for field, example in unfound_examples(schema)] == [("f", "five euros")]


def test_a_field_without_rules_is_no_fault() -> None:
    field = FieldSpec(name="f", description="d", type="party", finders=())
    check_schema(AnnotationSchema(name="s", description="d", fields=(field,)))
