"""Questions by way of HTTP: the same client, settings and care as for fields, against a server of this machine."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tasks.annotation.document import TextDocument
from tasks.annotation.model.budget import Budget
from tasks.annotation.model.settings import ModelSettings
from tasks.annotation.questions.generator import QuestionWriter
from tasks.annotation.questions.settings import QuestionSettings

pytest.importorskip("openai")
pytestmark = pytest.mark.filterwarnings("ignore:API key provided for localhost")
TEXT = "The tenant pays a rent of EUR 1,200 for the rooms each month. " + "The rooms are let with all that is in them. " * 4
PAIR = {"question": "How much is the rent that the tenant pays each month?", "answer": "EUR 1,200"}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        server: Any = self.server
        server.bodies.append(body)
        status = server.statuses.pop(0) if server.statuses else 200
        is_reply = "\nQuestion: " in body["messages"][-1]["content"].rpartition("\nQ: ")[2]
        content = json.dumps({"extractions": [{"answer": PAIR["answer"]} if is_reply else PAIR]})
        message = {"role": "assistant", "content": content, "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        answer = {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}
        raw = json.dumps(answer if status == 200 else {"error": {"message": "slow down"}}).encode()
        self.send_response(status)
        for key, value in (("content-type", "application/json"), ("content-length", str(len(raw))), ("retry-after", "7")):
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_arguments: Any) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    running: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.bodies, running.statuses = [], []
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


def test_a_server_writes_and_answers_with_the_schema_it_was_sent(server: Any) -> None:
    server.statuses = [429]
    url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    model = ModelSettings(provider="openai", model="m", base_url=url, constrained=True, timeout=20)
    waits: list[float] = []
    writer = QuestionWriter(model, QuestionSettings(per_document=2), Budget(model, sleep=waits.append))
    report = writer.write(TextDocument(TEXT, "en"))
    assert [(each.question, TEXT[each.start : each.end]) for each in report.kept] == [(PAIR["question"], PAIR["answer"])]
    assert (report.refused, report.failures, waits) == ([], [], [7.0])
    sent = [body["response_format"]["json_schema"]["schema"] for body in server.bodies]
    fields = [list(schema["properties"]["extractions"]["items"]["properties"]) for schema in sent]
    assert fields == [["question", "answer"], ["question", "answer"], ["answer"]]


def test_a_server_that_is_gone_is_told_and_asked_the_next_time(server: Any) -> None:
    url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    model = ModelSettings(provider="openai", model="m", base_url=url, timeout=20)
    server.statuses = [200, 503, 503]

    def written() -> Any:
        writer = QuestionWriter(model, QuestionSettings(per_document=2), Budget(model, sleep=lambda _seconds: None))
        return writer.write(TextDocument(TEXT, "en"))

    report = written()
    assert ([reason for _, reason in report.refused], len(report.failures)) == (["unchecked"], 1)
    assert "503" in report.failures[0]
    assert len(written().kept) == 1
    assert len(server.bodies) == 4  # what was written is remembered
