"""LangExtract's own providers, by settings only, against a server of this machine that fails in the ways that servers do."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tasks.annotation.document import TextDocument
from tasks.annotation.model.budget import Budget
from tasks.annotation.model.leg import ModelSource
from tasks.annotation.model.settings import ModelSettings
from tasks.annotation.schema import AnnotationSchema, FieldExample, FieldSpec

SCHEMA = AnnotationSchema(
    name="deal",
    description="A sale.",
    fields=(FieldSpec(name="party", description="Who sells.", examples=(FieldExample(text="Birch sells.", value="Birch"),)),),
)
NAMES = ("Acme", "Cedar", "Delta", "Elm")
TEXT = "\n\n".join(f"{name} sells steel. " + "It is sold by weight. " * 7 for name in NAMES)
pytestmark = pytest.mark.filterwarnings("ignore:API key provided for localhost")
KEY = "sk-not-a-real-key-0123456789"


class Server(ThreadingHTTPServer):
    """Answers with the first word of each piece. faults: of pieces by their first word, each used up once."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.faults: dict[str, list[tuple[int, dict[str, str], str | None]]] = {}
        self.requests: list[tuple[str, dict[str, Any], dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def pieces(self) -> list[str]:
        return sorted(_first_word(json.dumps(body)) for _, body, _ in self.requests)


def _first_word(body: str) -> str:
    return next(name for name in NAMES if f"Q: {name}" in body)


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"])).decode()
        self.server.requests.append((self.path, json.loads(raw), {key.lower(): value for key, value in self.headers.items()}))
        name = _first_word(raw)
        faults = self.server.faults.get(name)
        status, headers, content = faults.pop(0) if faults else (200, {}, json.dumps({"extractions": [{"party": name}]}))
        body = json.dumps({"error": {"message": f"no, {KEY}"}} if content is None else self._shape(content)).encode()
        self.send_response(status)
        for key, value in {"content-type": "application/json", "content-length": str(len(body)), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)

    def _shape(self, content: str) -> dict[str, Any]:
        if self.path.endswith("/chat/completions"):
            message = {"role": "assistant", "content": content, "refusal": None}
            choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
            return {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}
        if self.path.endswith(":generateContent"):
            return {"candidates": [{"content": {"role": "model", "parts": [{"text": content}]}, "finishReason": "STOP"}]}
        return {"model": "m", "response": content, "done": True}

    def log_message(self, *_arguments: Any) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("DOCTUNE_TEST_KEY", KEY)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def _source(server: Server, provider: str = "openai", **settings: Any) -> tuple[ModelSource, list[float]]:
    """A source that asks the server, and the waits that it wanted."""
    if provider == "openai":
        pytest.importorskip("openai")
    plain = {"base_url": server.url + ("/v1" if provider == "openai" else ""), "model": "m", "timeout": 20}
    chosen = ModelSettings(
        **{"provider": provider, "max_chunk_characters": 200, "overlap_characters": 0, "api_key_env": "DOCTUNE_TEST_KEY"}
        | plain
        | settings
    )
    waits: list[float] = []
    return ModelSource(chosen, Budget(chosen, clock=lambda: 0.0, sleep=waits.append)), waits


def _found(source: ModelSource) -> tuple[list[str], tuple[str, ...]]:
    candidates, report = source.read(TextDocument(TEXT), SCHEMA)
    return [TEXT[candidate.start : candidate.end] for candidate in candidates], report.failures


@pytest.mark.parametrize("provider", ["openai", "gemini", "ollama"])
def test_each_provider_answers_by_settings_only(server: Server, provider: str) -> None:
    source, _ = _source(server, provider, temperature=0.5, max_tokens=100)
    assert _found(source) == (list(NAMES), ())
    path, body, headers = server.requests[0]
    if provider == "openai":
        assert path == "/v1/chat/completions"
        assert headers["authorization"] == f"Bearer {KEY}"
        assert (body["model"], body["temperature"], body["max_tokens"]) == ("m", 0.5, 100)
        assert body["response_format"] == {"type": "json_object"}
    elif provider == "gemini":
        assert path.endswith("/models/m:generateContent")
        assert headers["x-goog-api-key"] == KEY
        assert body["generationConfig"]["maxOutputTokens"] == 100
    else:
        assert path == "/api/generate"
        assert (body["options"]["num_predict"], body["options"]["temperature"]) == (100, 0.5)
        assert body["options"]["num_ctx"] > 300


@pytest.mark.parametrize("provider", ["openai", "gemini"])
def test_the_form_of_the_answer_is_sent_when_asked_for(server: Server, provider: str) -> None:
    source, _ = _source(server, provider, constrained=True)
    assert _found(source) == (list(NAMES), ())
    sent = json.dumps(server.requests[0][1])
    assert '"extractions"' in sent.replace("\\", "")
    assert "schema" in sent.lower()


def test_a_server_without_accounts_needs_no_key(server: Server) -> None:
    source, _ = _source(server, api_key_env=None)
    assert _found(source) == (list(NAMES), ())


def test_servers_in_trouble_are_asked_again_after_the_time_they_say(server: Server) -> None:
    server.faults = {
        "Cedar": [(429, {"retry-after": "7"}, None)],
        "Delta": [(503, {}, None)],
        "Elm": [(200, {}, "<html>garbage")],
    }
    source, waits = _source(server)
    assert _found(source) == (list(NAMES), ())
    assert waits == [7.0]
    assert server.pieces() == ["Acme", "Cedar", "Cedar", "Delta", "Delta", "Elm", "Elm"]


@pytest.mark.parametrize("provider", ["gemini", "ollama"])
def test_no_provider_sends_again_by_itself(server: Server, provider: str) -> None:
    server.faults = {"Cedar": [(429, {}, None)], "Delta": [(503, {}, None)] * 2, "Elm": [(200, {}, "garbage")]}
    source, waits = _source(server, provider)
    found, failures = _found(source)
    assert found == ["Acme", "Cedar", "Elm"]
    assert len(failures) == 1
    assert KEY not in failures[0]
    assert waits == [1.0]
    assert server.pieces() == ["Acme", "Cedar", "Cedar", "Delta", "Delta", "Elm", "Elm"]


def test_what_fails_twice_is_told_and_the_next_run_asks_only_for_that(server: Server) -> None:
    server.faults = {"Cedar": [(429, {}, None)] * 2, "Delta": [(503, {}, None)] * 2, "Elm": [(200, {}, "garbage")] * 2}
    source, _ = _source(server)
    found, failures = _found(source)
    assert found == ["Acme"]
    assert len(failures) == 3
    assert ["429" in failures[0], "503" in failures[1], "no whole JSON" in failures[2]] == [True] * 3
    assert KEY not in "".join(failures)
    server.requests.clear()
    source, _ = _source(server)
    assert _found(source) == (list(NAMES), ())
    assert server.pieces() == ["Cedar", "Delta", "Elm"]


def test_a_request_that_is_refused_for_good_is_not_sent_again(server: Server) -> None:
    server.faults = {name: [(401, {}, None)] for name in NAMES}
    source, waits = _source(server, retries=5)
    assert len(_found(source)[1]) == 4
    assert len(server.requests) == 4
    assert waits == []


def test_caps_hold(server: Server) -> None:
    source, _ = _source(server, max_documents=0)
    assert _found(source)[0] == []
    assert server.requests == []
    source, _ = _source(server, max_characters_per_run=1000)
    found, failures = _found(source)
    sent = sum(len(body["messages"][-1]["content"]) for _, body, _ in server.requests)
    assert 0 < sent <= 1000
    assert len(found) == len(server.requests) == 4 - len(failures)


def test_the_rate_is_kept(server: Server) -> None:
    source, waits = _source(server, requests_per_minute=30)
    assert len(_found(source)[0]) == 4
    assert waits == [2.0, 4.0, 6.0]  # of a clock that stands still


def test_a_server_that_is_not_there_costs_no_document(server: Server) -> None:
    source, _ = _source(server, base_url="http://127.0.0.1:9/v1", timeout=2)
    found, failures = _found(source)
    assert found == []
    assert len(failures) == 4
