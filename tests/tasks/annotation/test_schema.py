import json
from pathlib import Path

import jsonschema
import pytest

from tasks.annotation.errors import SchemaError
from tasks.annotation.schema import AnnotationSchema, FieldSpec, load_schema, result_schema, shipped_schemas

SMALL = """\
name: ticket
description: A ticket of the help desk.
fields:
  - name: number
    description: Its number.
    type: identifier
    labels: [No, Ticket]
    examples:
      - {text: "Ticket: T-1", value: T-1}
"""


def written(folder: Path, text: str, name: str = "ticket") -> str:
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_schema_is_read_from_a_file(tmp_path: Path) -> None:
    schema = load_schema(written(tmp_path, SMALL))
    assert schema.field("number").examples[0].value == "T-1"


def test_all_but_null_is_a_text(tmp_path: Path) -> None:
    text = SMALL.replace("[No, Ticket]", "[No, 2024, 1.50, 2024-01-01, on]").replace("value: T-1", "value: null")
    field = load_schema(written(tmp_path, text)).field("number")
    assert field.labels == ("No", "2024", "1.50", "2024-01-01", "on")
    assert field.examples[0].value is None


def test_numbers_of_the_schema_are_read(tmp_path: Path) -> None:
    text = SMALL.replace("    type:", "    max_length: 12\n    type:")
    assert load_schema(written(tmp_path, text)).field("number").max_length == 12


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = Path(written(tmp_path, SMALL))
    assert load_schema(str(path)).name == "ticket"
    path.write_text(SMALL.replace("name: ticket", "name: case"), encoding="utf-8")
    assert load_schema(str(path)).name == "case"


def test_own_schemas_come_before_shipped_ones(tmp_path: Path) -> None:
    written(tmp_path, SMALL.replace("name: ticket", "name: invoice"), "invoice")
    assert [field.name for field in load_schema("invoice", tmp_path).fields] == ["number"]
    assert len(load_schema("invoice").fields) > 5
    assert load_schema("contract", tmp_path).name == "contract"


def test_an_unknown_name_names_what_there_is(tmp_path: Path) -> None:
    written(tmp_path, SMALL)
    with pytest.raises(SchemaError, match=r"no annotation schema 'tickets'.*ticket, contract, generic, invoice, resume"):
        load_schema("tickets", tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("type: identifier", "type: identifer", r"line 6, field number: 'type' must be 'text', .*, not 'identifer'"),
        ("    type:", "    kind: x\n    type:", r"line 6, field number: there is no key 'kind', there are name, .*"),
        (
            "    description:",
            "    descriptio:",
            r"line 5, field number: there is no key 'descriptio', did you mean 'description'\?",
        ),
        ("value: T-1", "valu: T-1", r"line 9, field number: there is no key 'valu', did you mean 'value'\?"),
        ("value: T-1", "value: T-2", r"line 4, field number: the value 'T-2' does not stand in its example .*"),
        ("type: identifier", "type: enum", r"line 4, field number: `values` belongs to fields of type enum, and only to them"),
        ("name: number", "name: Number", r"line 4, field Number: 'name' must be of small letters.*, not 'Number'"),
        ("description: A ticket of the help desk.\n", "", r"line 1, the key 'description' is missing"),
        ("labels: [No", "labels: [No: {", r"line 7 is no YAML.*"),
        ("labels: [No, Ticket]", "labels: Ticket", r"line 7, field number: 'labels' must be a list, not 'Ticket'"),
        ("labels: [No, Ticket]", "labels: [No, null]", r"line 7, field number: 'labels', item 2, must be a text"),
        ("  - name:", "  - ticket\n  - name:", r"line 4, field 1: a mapping with the keys name, .* was expected"),
        (SMALL[SMALL.index("fields:") :], "fields: []\n", r"line 3, 'fields' must not be empty"),
        (
            "type: identifier",
            "type: identifier\n    max_length: 0",
            r"line 7, field number: 'max_length' must be greater than or equal to 1, not '0'",
        ),
    ],
)
def test_a_fault_is_one_sentence_that_names_line_field_and_key(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(SchemaError, match=rf"ticket\.yaml(?:: |, ){message}$"):
        load_schema(written(tmp_path, SMALL.replace(old, new)))


def test_several_faults_are_named_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = SMALL.replace("name: ticket", "name: Ticket").replace("type: identifier", "type: x")
    with pytest.raises(SchemaError, match=r": line 1, 'name' .*; line 6, field number: 'type' [^;]*$"):
        load_schema(written(tmp_path, text))


def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="the schema"):
        load_schema(written(tmp_path, "- a\n- b\n"))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "ticket.yaml"
    path.write_bytes(b"name: \xff\xfe")
    with pytest.raises(SchemaError, match="UTF-8"):
        load_schema(str(path))


def test_a_field_named_twice_is_refused() -> None:
    field = FieldSpec(name="a", description="d")
    with pytest.raises(ValueError, match="named twice: a"):
        AnnotationSchema(name="s", description="d", fields=(field, field))


@pytest.mark.parametrize("name", shipped_schemas())
def test_result_schema_takes_empty_and_full_results(name: str) -> None:
    schema = load_schema(name)
    grammar = result_schema(schema)
    jsonschema.Draft202012Validator.check_schema(grammar)
    validator = jsonschema.Draft202012Validator(json.loads(json.dumps(grammar)))
    full = {field.name: min(field.values) if field.values else "x" for field in schema.fields}
    full |= {field.name: ["x", "y"] for field in schema.fields if field.cardinality == "many"}
    assert validator.is_valid(full)
    assert validator.is_valid({field.name: [] if field.cardinality == "many" else None for field in schema.fields})


def test_result_schema_refuses_what_is_too_long_unknown_or_missing() -> None:
    schema = AnnotationSchema(name="s", description="d", fields=(FieldSpec(name="a", description="d", max_length=3),))
    validator = jsonschema.Draft202012Validator(result_schema(schema))
    assert validator.is_valid({"a": "abc"})
    assert not validator.is_valid({"a": "abcd"})
    assert not validator.is_valid({"a": "abc", "b": "x"})
    assert not validator.is_valid({})
