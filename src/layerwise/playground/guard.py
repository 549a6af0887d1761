"""Who may come in: by a token, exchanged for a cookie; Host and Origin looked at each time.

A teacher's page stands below /teacher/ and has a cookie of its own, so that one browser can show it
beside a student's. In another site's frame no cookie can be relied on (browsers keep those of
another site only if they are sent encrypted, some not even then), so there the token itself stands
in the path, as /frame/<token>/. All that a page asks for is relative to where it stands.

A page of another site can make a browser send requests here, and by giving its own name this
machine's address (DNS rebinding) even read the answers. So a request must name a host that this
server is known by, and what changes something must come from a page of its own.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import socket
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from layerwise.playground.connections import Connections

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors {ancestors}"
)
_NO_TOKEN = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Layerwise</title>
<p>This page opens with the whole address that <code>layerwise play</code> printed, with its
<code>?token=</code>. Copy it from the terminal.
<p lang="ko">이 페이지는 <code>layerwise play</code>가 터미널에 출력한 주소 전체
(<code>?token=</code> 포함)로 열립니다."""


_ALL = ("0.0.0.0", "::")
_TEACHER, _FRAME = "/teacher/", "/frame/"


@dataclass
class Access:
    """Tokens, hosts and the cookie.

    Attributes
    ----------
    host : str
        The address that the server is bound to.
    port : int
    tokens : dict of str to str
        Roles by token.
    in_frames : bool
        Whether pages of other sites may show it in a frame, as a notebook does.
    """

    host: str
    port: int
    tokens: dict[str, str] = field(default_factory=dict)
    in_frames: bool = False

    @classmethod
    def made(cls, host: str, port: int, roles: tuple[str, ...], in_frames: bool = False) -> Access:
        """With a new token for each role."""
        tokens = {secrets.token_urlsafe(24): role for role in roles}
        return cls(host, port, tokens, in_frames)

    def cookie(self, role: str) -> str:
        """Its name: cookies are shared by all ports of a host."""
        return f"layerwise-play-{self.port}-{role}"

    def address(self, role: str) -> str:
        """What opens a page in a role."""
        # Others come in by the address that this machine has for them.
        host = self._reached_at(from_elsewhere=role == "student" or self.in_frames)
        return f"{host}/?token={self._token(role)}"

    def address_in_frame(self, role: str) -> str:
        """What shows it in another page's frame, a notebook's, which may be on another machine."""
        return f"{self._reached_at(from_elsewhere=True)}{_FRAME}{self._token(role)}/"

    def _token(self, role: str) -> str:
        return next(token for token, of in self.tokens.items() if of == role)

    def _reached_at(self, *, from_elsewhere: bool) -> str:
        host = self.host
        if host in _ALL:
            host = _own_address() if from_elsewhere else "127.0.0.1"
        host = f"[{host}]" if ":" in host else host
        return f"http://{host}:{self.port}"

    def role_of(self, token: str) -> str | None:
        """The role that a token gives; None: none."""
        for known, role in self.tokens.items():
            if hmac.compare_digest(known.encode(), token.encode()):
                return role
        return None

    def let_in(self, path: str, cookies: str) -> tuple[str | None, str]:
        """(the role of who asks for a path, None: nobody's; the path within what it opens)."""
        first, _, rest = path.removeprefix(_FRAME).partition("/")
        if self.in_frames and path.startswith(_FRAME):
            return self.role_of(first), f"/{rest}"
        roles, inner = tuple(self.tokens.values()), path
        if path.startswith(_TEACHER):
            roles, inner = ("teacher",), path.removeprefix(_TEACHER[:-1])
        for role in sorted(roles, key="teacher".__eq__):  # a student's page, where both are open
            if self.role_of(_cookie(cookies, self.cookie(role))) == role:
                return role, inner
        return None, inner

    def knows_host(self, host: str) -> bool:
        """Whether a Host header names this server.

        Where it is bound to all addresses of the machine, that is any address in numbers: a name
        could be another site's, which leads here.

        Examples
        --------
        >>> access = Access("127.0.0.1", 8000)
        >>> [
        ...     access.knows_host(host)
        ...     for host in ("127.0.0.1:8000", "localhost:8000", "evil.com:8000")
        ... ]
        [True, True, False]
        """
        try:
            parts = urlsplit(f"//{host}")
            name, port = parts.hostname or "", parts.port or 80
        except ValueError:
            return False
        if port != self.port:
            return False
        if name in ("127.0.0.1", "localhost", "::1", self.host.lower()):
            return True
        if self.host not in _ALL:
            return False
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


class Guard:
    """Lets in what `Access` allows, and adds the headers that keep a page to itself.

    Parameters
    ----------
    app : ASGI application
    access : Access
    connections : Connections
        Those of whoever is let in may stay.
    """

    def __init__(self, app: ASGIApp, access: Access, connections: Connections) -> None:
        self.app, self.access, self.connections = app, access, connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        is_socket = scope["type"] == "websocket"
        headers = {name.decode("latin-1"): value.decode("latin-1")
                   for name, value in scope["headers"]}  # fmt: skip
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self.access.knows_host(host):
            await self._refuse(scope, receive, send, "another host is named than this server's")
            return
        changes = is_socket or scope["method"] not in ("GET", "HEAD")
        if (changes and origin is None) or (origin is not None and origin != f"http://{host}"):
            await self._refuse(scope, receive, send, "the request comes from another site")
            return
        query = parse_qs(scope["query_string"].decode("latin-1"))
        if not is_socket and scope["path"] == "/" and "token" in query:
            token = query["token"][0]
            role = self.access.role_of(token)
            if role:
                self.connections.let_in(scope["client"])
                await self._exchanged(token, role)(scope, receive, self._guarded(send))
                return
        role, inner = self.access.let_in(scope["path"], headers.get("cookie", ""))
        if role is None:
            if is_socket or inner != "/":
                await self._refuse(scope, receive, send, "the address lacks its token")
            else:
                page = HTMLResponse(_NO_TOKEN, 403, {"connection": "close"})
                await page(scope, receive, self._guarded(send))
            return
        self.connections.let_in(scope["client"])
        inside = {**scope, "path": inner, "raw_path": inner.encode(), "layerwise.role": role}
        await self.app(inside, receive, send if is_socket else self._guarded(send))

    def _exchanged(self, token: str, role: str) -> RedirectResponse:
        """The same page without the token, which is a cookie from now on.

        Lax, not Strict: who comes by a link on another site, a class's page, say, is sent on to
        where the cookie is asked for as one who comes from there. What changes something has to
        come from a page of our own anyway.
        """
        place = _TEACHER if role == "teacher" else "/"
        response = RedirectResponse(place, 303)
        response.headers["set-cookie"] = (
            f"{self.access.cookie(role)}={token}; Path=/; HttpOnly; SameSite=Lax"
        )
        return response

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, why: str) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": why})
            return
        answer = PlainTextResponse(f"refused: {why}\n", 403, {"connection": "close"})
        await answer(scope, receive, self._guarded(send))

    def _guarded(self, send: Send) -> Send:
        ancestors = "*" if self.access.in_frames else "'none'"
        added = [
            (b"content-security-policy", _POLICY.format(ancestors=ancestors).encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-resource-policy", b"same-origin"),
            (b"cache-control", b"no-cache"),
        ]

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *added]
            await send(message)

        return sending


def _own_address() -> str:
    """The address by which others of the network reach this machine; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(("192.0.2.1", 9))  # of documentation (RFC 5737): any that is not here
        except OSError:
            return "127.0.0.1"
        return str(asked.getsockname()[0])


def _cookie(header: str, name: str) -> str:
    try:
        found = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return found.value if found is not None else ""
