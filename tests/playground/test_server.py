"""The server: who may come in, what is read, what each page is kept to, and that it ends clean."""

import asyncio
import json
import re
import threading
import time
from urllib.parse import urlsplit

import pytest
import websockets

from layerwise.playground import server
from layerwise.playground.guard import Access
from layerwise.playground.page_session import Page
from tests.playground.serving import Served, begun, hear, say


@pytest.fixture(scope="module")
def served():
    served = Served()
    yield served
    served.playing.close()


def test_the_token_becomes_a_cookie_and_the_page_comes(served):
    status, headers, _ = served.request("GET", f"/?token={served.token}", Cookie=None, Origin=None)
    assert status == 303
    assert headers["location"] == "/"
    cookie = headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    status, headers, body = served.request("GET", "/", Origin=None)
    assert status == 200
    assert b"<!doctype html>" in body.lower()
    assert "script-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_a_teachers_page_has_a_cookie_and_a_place_of_its_own():
    served = Served(classroom=True)
    student = urlsplit(served.playing.address_for_students).query.removeprefix("token=")
    entered = {}
    for role, token, place in (("teacher", served.token, "/teacher/"), ("student", student, "/")):
        status, headers, _ = served.request("GET", f"/?token={token}", Cookie=None, Origin=None)
        assert (status, headers["location"]) == (303, place)
        entered[role] = headers["set-cookie"].split(";")[0]
    both = "; ".join(entered.values())  # one browser, both pages

    async def roles(path, cookies):
        async with served.socket(path=path, cookies=cookies) as socket:
            return (await begun(socket))["role"]

    assert asyncio.run(roles("/teacher/socket", both)) == "teacher"
    assert asyncio.run(roles("/socket", both)) == "student"
    assert asyncio.run(roles("/socket", entered["teacher"])) == "teacher"  # a link that she copied
    assert served.request("GET", "/teacher/main.js", Cookie=both, Origin=None)[0] == 200
    assert served.request("GET", "/teacher/", Cookie=entered["student"], Origin=None)[0] == 403
    swapped = entered["student"].replace("-student=", "-teacher=")
    assert served.request("GET", "/teacher/", Cookie=swapped, Origin=None)[0] == 403
    served.playing.close()


def test_in_a_frame_the_path_lets_in_and_no_cookie_is_needed():
    served = Served(in_frames=True)
    framed = urlsplit(re.search('src="([^"]+)"', served.playing._repr_html_())[1])
    assert framed.path == f"/frame/{served.token}/"
    status, headers, body = served.request("GET", framed.path, Cookie=None, Origin=None)
    assert (status, b"<!doctype html>" in body.lower()) == (200, True)
    assert "frame-ancestors *" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in headers
    assert served.request("GET", f"{framed.path}main.js", Cookie=None, Origin=None)[0] == 200
    for path in ("/frame/wrong/", "/frame/wrong/main.js", "/frame//", "/main.js"):
        assert served.request("GET", path, Cookie=None, Origin=None)[0] == 403
    evil = {"Cookie": None, "Origin": "http://evil.example"}
    assert served.request("POST", f"{framed.path}table?page=x", b"a,b", **evil)[0] == 403

    async def talk():
        async with served.socket(path=f"{framed.path}socket", cookies="") as socket:
            return (await begun(socket))["role"]

    assert asyncio.run(talk()) == "page"
    served.playing.close()


def test_without_frames_a_path_lets_nobody_in(served):
    path = f"/frame/{served.token}/"
    assert served.request("GET", path, Cookie=None, Origin=None)[0] == 403


@pytest.mark.parametrize("path", ["/", "/main.js", "/files/network.py?page=x", "/?token=wrong"])
def test_without_it_nothing_comes(served, path):
    status, _, body = served.request("GET", path, Cookie=None, Origin=None)
    assert status == 403
    assert b"import" not in body
    assert served.request("GET", path, Cookie=served.cookie("wrong"), Origin=None)[0] == 403


@pytest.mark.parametrize(
    "host", ["evil.example:{port}", "localhost:1", "127.0.0.1", "localhost.evil:{port}", ""]
)
def test_another_host_is_refused(served, host):
    named = host.format(port=served.port)
    assert served.request("GET", "/", Host=named, Origin=None)[0] in (400, 403)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_another_origin_is_refused(served, origin):
    assert served.request("POST", "/table?page=x", b"a,b", Origin=origin)[0] == 403
    assert served.request("GET", "/", Origin=origin)[0] == 403


def test_what_changes_something_needs_an_origin(served):
    assert served.request("POST", "/table?page=x", b"a,b", Origin=None)[0] == 403


@pytest.mark.parametrize(
    "options",
    [{"token": "wrong"}, {"origin": "http://evil.example"}],
)
def test_a_socket_is_refused_likewise(served, options):
    async def connect():
        async with served.socket(**options):
            pass

    with pytest.raises(websockets.InvalidStatus) as refused:
        asyncio.run(connect())
    assert refused.value.response.status_code == 403


def test_a_socket_of_another_host_is_refused(served):
    host = f"evil.example:{served.port}"
    given = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13",
             "Sec_WebSocket_Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Host": host,
             "Origin": f"http://{host}"}  # fmt: skip
    assert served.request("GET", "/socket", **given)[0] == 403
    given |= {"Host": f"127.0.0.1:{served.port}", "Origin": served.origin}
    assert served.request("GET", "/socket", **given)[0] == 101


@pytest.mark.parametrize("path", ["/../opening.py", "/%2e%2e/opening.py", "/..%2fopening.py",
                                  "/files/network.pkl?page=x", "//etc/passwd"])  # fmt: skip
def test_no_other_file_comes(served, path):
    assert served.request("GET", path, Origin=None)[0] in (400, 404)


def test_hosts_of_a_server_for_all_addresses():
    access = Access("0.0.0.0", 8000)
    assert access.knows_host("192.168.1.5:8000")
    assert access.knows_host("[fe80::1]:8000")
    assert not access.knows_host("192.168.1.5:8001")
    assert not access.knows_host("evil.example:8000")
    assert not access.knows_host("[::1")
    assert Access("Lab-PC.local", 8000).knows_host("lab-pc.local:8000")  # as browsers write it


def test_students_are_given_an_address_that_leads_here_from_elsewhere(monkeypatch):
    monkeypatch.setattr("layerwise.playground.guard._own_address", lambda: "192.168.1.5")
    access = Access.made("0.0.0.0", 8000, ("teacher", "student"))
    assert access.address("teacher").startswith("http://127.0.0.1:8000/?token=")
    assert access.address("student").startswith("http://192.168.1.5:8000/?token=")
    notebook = Access.made("0.0.0.0", 8000, ("page",), in_frames=True)  # also on another machine
    assert notebook.address_in_frame("page").startswith("http://192.168.1.5:8000/frame/")
    assert Access.made("::1", 80, ("page",)).address("page").startswith("http://[::1]:80/")


def test_it_learns_over_the_socket(served):
    async def talk():
        async with served.socket() as socket:
            welcome = await begun(socket, data="blobs")
            await say(socket, "play", speed=60)
            while True:
                header, _ = await hear(socket, "frame")
                if header["epoch"] >= 20:
                    return welcome, header

    welcome, header = asyncio.run(talk())
    assert welcome["role"] == "page"
    assert header["loss"][0] < 1.0


@pytest.mark.parametrize(
    "message",
    [
        "{",
        '{"type":"fly"}',
        '{"type":"lesson","lesson":"\\ud800"}',
        '{"type":"choose","choices":{"\\ud800":1}}',
        b"\x00\x01",
        '{"type":"play"}',
        '"' + "x" * 199_000 + '"',
    ],
)
def test_what_no_page_says_ends_its_session_and_no_other(served, message):
    async def talk():
        async with served.socket() as good, served.socket() as bad:
            await begun(good)
            await begun(bad)
            await bad.send(message)
            trouble = await hear(bad, "trouble")
            with pytest.raises(websockets.ConnectionClosed):
                await hear(bad, "nothing")
            await say(good, "step", unit="epoch")
            while (await hear(good, "frame"))[0]["epoch"] == 0:
                pass
            return trouble

    trouble = asyncio.run(talk())
    assert trouble["closes"] is True
    assert "not understood" in trouble["text"]


def test_messages_that_are_too_long_or_too_many_end_the_session(served):
    async def long(n):
        async with served.socket() as socket:
            await begun(socket)
            await socket.send("x" * n)
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await hear(socket, "nothing")
            return closed.value.rcvd.code

    async def many():
        async with served.socket() as socket:
            await begun(socket)
            with pytest.raises(websockets.ConnectionClosed):
                await flood(socket)

    async def flood(socket):
        for _ in range(3_000):
            await say(socket, "pause")
        await hear(socket, "nothing")

    assert asyncio.run(long(300_000)) == 1008
    assert asyncio.run(long(3_000_000)) == 1009
    asyncio.run(many())


def test_a_table_is_brought_and_learned_from(served):
    async def talk():
        async with served.socket() as socket:
            welcome = await begun(socket)
            rows = "\n".join(f"{i},{i % 7},{'abc'[i % 3]}" for i in range(60))
            path = f"/table?page={welcome['page']}&name=../../my%20table.csv"
            status, _, body = await asyncio.to_thread(
                served.request, "POST", path, f"length,width,kind\n{rows}\n".encode()
            )
            described = json.loads(body)
            await say(socket, "choose", choices={"data": "table", "target": "kind"})
            while (made := await hear(socket, "made"))["choices"]["data"] != "table":
                pass
            await say(socket, "code")
            code = await hear(socket, "code")
            _, headers, script = await asyncio.to_thread(
                served.request, "GET", f"/files/network.py?page={welcome['page']}", Origin=None
            )
            picture = await asyncio.to_thread(
                served.request, "GET", f"/files/network.svg?page={welcome['page']}", Origin=None
            )
            return status, described, made, code, headers, script, picture

    status, described, made, code, headers, script, picture = asyncio.run(talk())
    assert status == 200
    assert described["name"] == "my table.csv"
    assert described["target"] == "kind"
    assert [one["name"] for one in described["columns"]] == ["length", "width", "kind"]
    assert made["task"]["classes"] == ["a", "b", "c"]
    assert "Material.of_table('my table.csv', 'kind'" in code["text"]
    assert script.decode() == code["text"] + "\n"
    assert "attachment" in headers["content-disposition"]
    assert b"<svg" in picture[2]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02" * 50, ""),
        (b"<!doctype html><html><body>404</body></html>", ""),
        (b"a\n1\n1\n1\n", "no column of the table can be predicted"),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(served, body, words):
    async def talk():
        async with served.socket() as socket:
            page = (await begun(socket))["page"]
            return await asyncio.to_thread(served.request, "POST", f"/table?page={page}", body)

    status, _, answer = asyncio.run(talk())
    assert status == 422
    said = json.loads(answer)["trouble"]
    assert words in said
    assert "layerwise-play-" not in said  # of a temporary file nobody has heard


def test_the_table_that_comes_with_the_package_can_be_asked_for(served):
    async def talk():
        async with served.socket() as socket:
            page = (await begun(socket))["page"]
            path = f"/table?page={page}&example=penguins"
            answer = await asyncio.to_thread(served.request, "POST", path, b"")
            await say(socket, "choose", choices={"data": "table"})
            while (made := await hear(socket, "made"))["choices"]["data"] != "table":
                pass
            return answer, made

    (status, _, body), made = asyncio.run(talk())
    assert status == 200
    assert json.loads(body)["rows"] == 344
    assert len(made["task"]["classes"]) == 3


def test_too_much_is_refused_before_it_is_read(served, monkeypatch):
    monkeypatch.setattr(server, "MOST_BYTES", 1000)

    async def talk():
        async with served.socket() as socket:
            page = (await begun(socket))["page"]
            path = f"/table?page={page}"
            return await asyncio.to_thread(served.request, "POST", path, b"1,2,3\n" * 1000)

    status, _, answer = asyncio.run(talk())
    assert status == 413
    assert "1,000 bytes" in json.loads(answer)["trouble"]


def test_a_page_that_leaves_while_its_table_is_read_leaves_nothing(served, monkeypatch):
    room = served.playing._room
    read_as_ever, reading, has_left = server.read_upload, threading.Event(), threading.Event()

    def read(*given):
        reading.set()
        assert has_left.wait(20)
        return read_as_ever(*given)

    monkeypatch.setattr(server, "read_upload", read)

    async def talk():
        async with served.socket() as socket:
            page = (await begun(socket))["page"]
            body = b"a,b\n" + b"1,2\n2,1\n" * 40
            posted = asyncio.create_task(
                asyncio.to_thread(served.request, "POST", f"/table?page={page}", body)
            )
            await asyncio.to_thread(reading.wait, 20)
        while page in room.pages:
            await asyncio.sleep(0.01)
        has_left.set()
        return await posted

    assert asyncio.run(talk())[0] == 404
    assert room.held.total == 0


def test_a_page_brings_one_table_at_a_time(served, monkeypatch):
    now, most, read_as_ever = [0], [0], server.read_upload

    def read(*given):
        now[0] += 1
        most[0] = max(most[0], now[0])
        time.sleep(0.1)
        now[0] -= 1
        return read_as_ever(*given)

    monkeypatch.setattr(server, "read_upload", read)

    async def talk():
        async with served.socket() as socket:
            path = f"/table?page={(await begun(socket))['page']}"
            body = b"a,b\n" + b"1,2\n2,1\n" * 40
            posts = [asyncio.to_thread(served.request, "POST", path, body) for _ in range(3)]
            return await asyncio.gather(*posts)

    assert [status for status, _, _ in asyncio.run(talk())] == [200] * 3
    assert most == [1]


def test_a_page_that_is_not_open_is_said(served):
    assert served.request("POST", "/table?page=x", b"a,b\n1,2\n")[0] == 404
    assert served.request("GET", "/files/network.svg?page=x", Origin=None)[0] == 404


def test_more_pages_than_are_served_are_refused(served, monkeypatch):
    monkeypatch.setattr(server, "MOST_PAGES", 0)

    async def talk():
        async with served.socket() as socket:
            return await hear(socket, "trouble")

    assert "as many pages" in asyncio.run(talk())["text"]


def test_a_fault_of_ours_closes_its_page_and_no_other(served, monkeypatch):
    def fault(page, message):
        raise RuntimeError("a fault")

    monkeypatch.setattr(Page, "_on_code", fault)

    async def talk():
        async with served.socket() as good, served.socket() as bad:
            await begun(good)
            await begun(bad)
            await say(bad, "code")
            trouble = await hear(bad, "trouble")
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await hear(bad, "nothing")
            await say(good, "step", unit="epoch")
            while (await hear(good, "frame"))[0]["epoch"] == 0:
                pass
            return trouble, closed.value.rcvd.code

    trouble, code = asyncio.run(talk())
    assert "a fault" in trouble["text"]
    assert code == 1011


def test_pages_that_leave_are_forgotten(served):
    room = served.playing._room

    async def talk():
        for _ in range(20):
            async with served.socket() as socket:
                await begun(socket)
                await say(socket, "play", speed=0)

    asyncio.run(talk())
    for _ in range(100):
        if not room.pages and not len(room.turns):
            break
        time.sleep(0.05)
    assert not room.pages
    assert not len(room.turns)


def test_a_classroom_has_a_teacher_and_students():
    served = Served(classroom=True)
    student = urlsplit(served.playing.address_for_students).query.removeprefix("token=")
    assert student != served.token

    async def talk():
        async with served.socket() as teacher, served.socket(token=student) as pupil:
            assert (await begun(teacher))["role"] == "teacher"
            await say(pupil, "hello", choices={}, name="민수")
            assert (await hear(pupil, "welcome"))["role"] == "student"
            await say(teacher, "lesson", lesson="xor")
            lesson = await hear(pupil, "lesson")
            while not (people := await hear(teacher, "people"))["people"]:
                pass
            return lesson, people["people"]

    lesson, people = asyncio.run(talk())
    served.playing.close()
    assert lesson == {"type": "lesson", "lesson": "xor"}
    assert [one["name"] for one in people] == ["민수"]
    assert "page" not in people[0]  # what opens a page is its own


def test_it_ends_and_leaves_no_thread():
    before = set(threading.enumerate())
    served = Served()

    async def talk():
        async with served.socket() as socket:
            await begun(socket, optimizer="lbfgs")
            await say(socket, "step", unit="epoch")
            while (await hear(socket, "frame"))[0]["epoch"] == 0:
                pass
            await asyncio.to_thread(served.playing.close)

    asyncio.run(talk())
    for _ in range(100):
        left = [one for one in threading.enumerate() if one not in before]
        left = [one for one in left if one.name.startswith(("layerwise", "Thread"))]
        if not left:
            break
        time.sleep(0.05)
    assert not left
