"""Passwords, kept out of all that is shown and written."""

import os
import re
from urllib.parse import unquote

# Nothing begins with a repetition, of which each letter of a long text would be the beginning.
_WORD = r"(?:password|passwd|passphrase|pwd|secret|token)"
# scheme://user:password@host; the password ends at the last @, where it holds some itself.
_IN_ADDRESS = re.compile(r"([\w+.-]://[^\s:/@?#'\"]*):(\S*)@")
_BEFORE_AT = re.compile(r"(?<!\S)\S*@")
_PARAMETER = re.compile(rf"(?i)([?&])\w*{_WORD}=([^&\s'\"]*)(&?)")
# password=secret, also within the quotes of SQL, where those of the value are doubled.
_NAMED = re.compile(
    rf"(?i)({_WORD}\s*=\s*)"
    r"""(''.*?''|'(?:\\.|''|[^'\\])*'|"[^"]*"|(?:\\.|'(?=\w)|[^\s'"\\])+)"""
)


def hide_secrets(text: str, *given: str) -> str:
    """A text as it may be shown: without the passwords in it, and without those of other texts.

    Parameters
    ----------
    text : str
        A command, an address, an error.
    *given : str
        What holds passwords that the text may repeat: the address that the error is about. That
        of the environment (PGPASSWORD) is always one.

    Examples
    --------
    >>> hide_secrets("postgresql://me:s3cret@host/shop?password=s3cret&sslmode=require")
    'postgresql://me@host/shop?sslmode=require'
    >>> hide_secrets("host=db password='my s3cret' user=me")
    'host=db password=*** user=me'
    >>> hide_secrets('invalid token: "50%off"', "postgresql://me:50%off@host")
    'invalid token: "***"'
    """
    text = _BEFORE_AT.sub(lambda match: _IN_ADDRESS.sub(r"\1@", match[0]), text)
    text = _PARAMETER.sub(lambda match: match[1] if match[3] else "", text)
    text = _NAMED.sub(r"\1***", text)
    secrets = {os.environ.get("PGPASSWORD", "")}.union(*map(_secrets_of, given)) - {""}
    for secret in sorted(secrets, key=len, reverse=True):
        # Not within a word, which a short one may be by chance.
        start = r"(?<!\w)" if re.match(r"\w", secret) else ""
        end = r"(?!\w)" if re.search(r"\w$", secret) else ""
        text = re.sub(f"{start}{re.escape(secret)}{end}", "***", text)
    return text


def without_password(address: str) -> str:
    """The address of a server as it may be shown.

    Examples
    --------
    >>> without_password("postgresql://me:secret@host:5432/houses?password=secret")
    'postgresql://me@host:5432/houses'
    """
    return hide_secrets(address).partition("?")[0]


def has_bare_signs(address: str) -> bool:
    """Whether a password holds @ or /, which end it where they are not written %40 and %2F.

    A driver would take what follows for the server, and name it in an error.

    Examples
    --------
    >>> has_bare_signs("postgresql://me:p@ss@host"), has_bare_signs("postgresql://me:p%40ss@host")
    (True, False)
    """
    match = _IN_ADDRESS.search(address)
    return match is not None and any(sign in match[2] for sign in "@/")


def _secrets_of(text: str) -> set[str]:
    """Every password in a text, as it stands there and as it is meant."""
    found = {match[2] for match in _PARAMETER.finditer(text)}
    for address in _BEFORE_AT.findall(text):
        found |= {match[2] for match in _IN_ADDRESS.finditer(address)}
    found |= {unquote(secret) for secret in found}
    for match in _NAMED.finditer(text):
        value = match[2].strip("'\"")
        found |= {value, re.sub(r"\\(.)|'(')", r"\1\2", value)}
    return found
