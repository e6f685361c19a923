"""The doors: which addresses answer, what is turned away, and how it is said when a door cannot be opened."""

import asyncio
import json
import socket
import stat
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from edge.core.commands import PublishPrompt
from edge.web import routes
from edge.web.ports import CannotListen
from edge.web.server import Pages
from tests.fakes import PATIENCE_S
from tests.web.branch import FakeDaemon, serving, triage_prompt

ACTION = {
    "staff": "lm-1",
    "role": "lobby_manager",
    "action": "acknowledge",
    "target": "secondary-triage.hall.1",
    "detail": {},
}


def headers(web: aiohttp.ClientSession, **changed: str | None) -> dict[str, str]:
    """Those a page of ours sends."""
    own = {
        "Origin": str(web._base_url).rstrip("/"),
        "Idempotency-Key": "key-00000001",
        "Content-Type": "application/json",
    }
    return {name: value for name, value in {**own, **changed}.items() if value is not None}


async def post(web: aiohttp.ClientSession, body: Any = None, **changed: str | None) -> tuple[int, Any]:
    raw = body if isinstance(body, bytes) else json.dumps(ACTION if body is None else body).encode()
    async with web.post("/api/action", data=raw, headers=headers(web, **changed)) as response:
        return response.status, await response.json()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/handheld", "text/html"),
        ("/board/tv-1", "text/html"),
        ("/static/js/handheld.js", "text/javascript"),
        ("/static/css/base.css", "text/css"),
        ("/static/i18n/zh.json", "application/json"),
        ("/static/icon.svg", "image/svg+xml"),
        ("/api/view", "application/json"),
        ("/api/status", "application/json"),
        ("/api/explain?ticket=A003", "application/json"),
    ],
)
async def test_every_answer_says_what_it_is_and_what_it_may_not_do(
    web: aiohttp.ClientSession, path: str, kind: str
) -> None:
    async with web.get(path) as response:
        assert response.status == 200
        assert response.content_type == kind
        assert response.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; ")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == ("no-store" if path.startswith("/api/") else "no-cache")


async def test_the_first_board_of_the_lobby_is_found_without_its_name(web: aiohttp.ClientSession) -> None:
    async with web.get("/board", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, "/board/tv-1")


async def test_a_branch_without_boards_says_so(daemon: FakeDaemon, web: aiohttp.ClientSession) -> None:
    daemon.picture["boards"] = {}

    async with web.get("/board") as response:
        assert (response.status, await response.json()) == (404, {"error": "no board is configured"})


@pytest.mark.parametrize(
    ("method", "path", "status", "sentence"),
    [
        ("GET", "/api/explain", 400, "name a ticket: /api/explain?ticket=A012, of at most 64 characters"),
        (
            "GET",
            "/api/explain?ticket=" + 65 * "A",
            400,
            "name a ticket: /api/explain?ticket=A012, of at most 64 characters",
        ),
        ("GET", "/nothing", 404, "there is nothing at '/nothing'"),
        ("GET", "/static/../server.py", 404, "there is nothing at '/server.py'"),
        ("GET", "/board/x", 404, "no board 'x'; known: tv-1"),
        ("DELETE", "/api/view", 405, "'/api/view' does not take DELETE; accepted: GET, HEAD"),
        ("GET", "/api/events?kinds=prompt,gossip", 400, "unknown kind 'gossip'; accepted: board, device, event, "),
    ],
)
async def test_what_is_not_there_is_said_in_a_sentence(
    web: aiohttp.ClientSession, method: str, path: str, status: int, sentence: str
) -> None:
    async with web.request(method, path) as response:
        assert response.status == status
        assert (await response.json())["error"].startswith(sentence)


@pytest.mark.parametrize(
    "path", ["/static/../server.py", "/static/%2e%2e/server.py", "/static//etc/passwd", "/static/"]
)
async def test_nothing_beside_the_pages_files_can_be_had(web: aiohttp.ClientSession, path: str) -> None:
    async with web.get(URL(str(web._base_url).rstrip("/") + path, encoded=True)) as response:
        assert response.status in (403, 404)
        assert "import" not in await response.text()


async def test_an_action_is_submitted_and_answered_after_the_commit(
    daemon: FakeDaemon, web: aiohttp.ClientSession
) -> None:
    daemon.tell(PublishPrompt(triage_prompt()))

    assert await post(web) == (200, {"ok": True})
    assert [(act.staff, act.action, act.target, act.at) for act in daemon.actions] == [
        ("lm-1", "acknowledge", "secondary-triage.hall.1", daemon.time)
    ]


async def test_the_same_key_is_one_action_and_one_answer(daemon: FakeDaemon, web: aiohttp.ClientSession) -> None:
    daemon.tell(PublishPrompt(triage_prompt()))

    answers = [await post(web) for _ in range(3)]

    assert answers == [(200, {"ok": True})] * 3
    assert len(daemon.actions) == 1


async def test_what_the_daemon_will_not_do_is_a_conflict_with_its_sentence(web: aiohttp.ClientSession) -> None:
    assert await post(web) == (409, {"ok": False, "error": "prompt secondary-triage.hall.1 is not open"})


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "the body is not JSON: EOF while parsing a value"),
        (b'{"staff": "lm-1"', "the body is not JSON: "),
        (b'{"staff": NaN}', "the body is not JSON: "),
        (b"\xff\xfe", "the body is not JSON: "),
        (b"[" * 2000, "the body is not JSON: "),
        (b"[]", "the body is list; accepted: an object with staff, role, action, target, detail"),
        ({**ACTION, "colour": 1}, "unknown field 'colour'; accepted: staff, role, "),
        ({**ACTION, "at": "2026-11-20T10:00:00+08:00"}, "unknown field 'at'"),
        ({**ACTION, "action": "dance"}, "staff.action: 'action' is 'dance'; accepted: 'sign_in', "),
        ({**ACTION, "role": "king"}, "staff.action: 'role' is 'king'; accepted: 'lobby_manager', "),
        ({**ACTION, "staff": "李四"}, r"'staff' is '\u674e\u56db'; accepted: up to 64 letters"),
        ({**ACTION, "staff": ""}, "'staff' is ''; accepted: up to 64 letters"),
        ({**ACTION, "target": ""}, "'target' has 0 characters; accepted: 1 to 200"),
        ({**ACTION, "target": "x" * 201}, "'target' has 201 characters"),
        ({**ACTION, "detail": "later"}, "staff.action: 'detail' is 'later'; accepted: "),
        ({"staff": "lm-1", "role": "lobby_manager"}, "staff.action: lacks 'action'; lacks 'target'"),
    ],
)
async def test_a_bad_action_is_refused_in_one_sentence(
    daemon: FakeDaemon, web: aiohttp.ClientSession, body: Any, sentence: str
) -> None:
    status, answer = await post(web, body)

    assert status == 400
    assert answer["error"].startswith(sentence)
    assert "\n" not in answer["error"]
    assert daemon.actions == []


@pytest.mark.parametrize(
    ("changed", "status", "sentence"),
    [
        ({"Origin": "http://evil.example"}, 403, "a request from 'http://evil.example' may not act here"),
        ({"Origin": None}, 403, "a request from missing may not act here"),
        ({"Origin": "null"}, 403, "a request from 'null' may not act here"),
        ({"Content-Type": "text/plain"}, 415, "the body is 'text/plain'; accepted: application/json"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415, "the body is "),
        ({"Idempotency-Key": None}, 400, "the header Idempotency-Key is missing"),
        ({"Idempotency-Key": "short"}, 400, "the header Idempotency-Key is 'short'; accepted: 8 to 64 letters"),
        ({"Idempotency-Key": "key with spaces"}, 400, "the header Idempotency-Key is "),
        (
            {"Host": "bank.evil.example"},
            400,
            "this server does not go by the name 'bank.evil.example'; use its address, or list the name in [web] hosts",
        ),
    ],
)
async def test_what_another_site_could_send_is_refused(
    daemon: FakeDaemon, web: aiohttp.ClientSession, changed: dict[str, str | None], status: int, sentence: str
) -> None:
    found, answer = await post(web, **changed)

    assert found == status
    assert answer["error"].startswith(sentence)
    assert daemon.actions == []


async def test_a_large_body_is_refused_before_it_is_read(daemon: FakeDaemon, web: aiohttp.ClientSession) -> None:
    assert await post(web, b" " * 1_000_000) == (413, {"error": "the body is larger than 64 KiB"})


async def test_garbage_instead_of_http_is_answered_and_leaves_the_door_open(web: aiohttp.ClientSession) -> None:
    base = web._base_url
    assert base is not None
    reader, writer = await asyncio.open_connection(base.host, base.port)
    writer.write(b"\x16\x03\x01\x00garbage\r\n\r\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()

    assert answer.startswith((b"HTTP/1.0 400", b"HTTP/1.1 400"))
    assert b"Traceback" not in answer
    async with web.get("/api/status") as response:
        assert response.status == 200


async def test_a_fault_of_ours_is_admitted_without_its_trace(daemon: FakeDaemon, web: aiohttp.ClientSession) -> None:
    daemon.picture = {}  # type: ignore[typeddict-item]  # a picture that breaks whoever looks

    async with web.get("/api/status") as response:
        assert response.status == 500
        assert await response.json() == {"error": "the daemon could not answer; its log says why"}


async def test_a_name_of_the_configuration_is_a_name_we_go_by(pages: Pages) -> None:
    async with serving(pages.on_port("127.0.0.1:0", ["Lobby.Branch"])) as url, aiohttp.ClientSession(url) as web:
        statuses = []
        for host in ("lobby.branch:80", "LOBBY.BRANCH", "10.1.2.3:8080", "[fd00::1]:80", "localhost", "other.branch"):
            async with web.get("/api/status", headers={"Host": host}) as response:
                statuses.append(response.status)

    assert statuses == [200, 200, 200, 200, 200, 400]


async def test_a_taken_port_is_said_in_one_sentence(pages: Pages) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(CannotListen) as refused:
            await pages.on_port(listen).serve()

    assert str(refused.value) == (
        f"cannot serve the pages on {listen}: another program listens there; "
        "stop it or choose another port in [web] listen"
    )


@pytest.mark.parametrize(
    ("listen", "sentence"),
    [
        ("8080", "[web] listen is '8080'; accepted: host:port, such as 127.0.0.1:8080"),
        ("127.0.0.1:http", "[web] listen is '127.0.0.1:http'"),
        ("127.0.0.1:70000", "[web] listen is '127.0.0.1:70000'"),
        ("192.0.2.7:0", "cannot serve the pages on 192.0.2.7:0: this machine has no such address; "),
    ],
)
async def test_an_address_that_cannot_be_is_said_in_one_sentence(pages: Pages, listen: str, sentence: str) -> None:
    with pytest.raises(CannotListen) as refused:
        await pages.on_port(listen).serve()

    assert str(refused.value).startswith(sentence)


async def test_a_door_can_be_opened_again(pages: Pages) -> None:
    door = pages.on_port("127.0.0.1:0")
    for _ in range(2):
        async with serving(door) as url, aiohttp.ClientSession(url) as web, web.get("/api/status") as response:
            assert response.status == 200
        assert door.address is None


async def test_an_open_stream_does_not_keep_the_door_from_closing(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "SHUTDOWN_S", 2 * PATIENCE_S)
    async with aiohttp.ClientSession() as web:
        async with asyncio.timeout(PATIENCE_S), serving(pages.on_port("127.0.0.1:0")) as url:
            stream = await web.get(f"{url}/api/events")
            await stream.content.readuntil(b"\n\n")
        assert await stream.content.read() != b"never"


async def test_the_socket_is_for_its_own_user_and_gone_with_the_door(pages: Pages, tmp_path: Path) -> None:
    path = tmp_path / "lobbyd.sock"
    async with serving(pages.on_socket(path)) as address:
        assert address == str(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        async with (
            aiohttp.ClientSession("http://localhost", connector=aiohttp.UnixConnector(address)) as web,
            web.get("/api/status") as response,
        ):
            assert (await response.json())["branch"] == "0571-0042"

    assert not path.exists()


async def test_a_socket_left_by_a_daemon_that_was_killed_is_replaced(pages: Pages, tmp_path: Path) -> None:
    path = tmp_path / "lobbyd.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))

    async with serving(pages.on_socket(path)) as address:
        assert address == str(path)


async def test_a_file_in_the_place_of_the_socket_is_left_alone(pages: Pages, tmp_path: Path) -> None:
    path = tmp_path / "lobbyd.sock"
    path.write_text("mine")

    with pytest.raises(CannotListen, match=r"cannot open the socket .*: Address already in use"):
        await pages.on_socket(path).serve()

    assert path.read_text() == "mine"
