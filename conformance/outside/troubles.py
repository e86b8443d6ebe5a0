"""Transport trouble in words for people, and whether a call that met it may be tried again."""

import ssl

import httpcore

from conformance.model.target import Limits


def nothing_was_sent(error: Exception) -> bool:
    """Whether the request certainly did not reach the target, and trying again may help."""
    return isinstance(error, httpcore.ConnectError | httpcore.ConnectTimeout) and not _tls(error)


def may_be_tried_again(error: Exception) -> bool:
    """Whether the connection broke, rather than the target being slow or answering nonsense."""
    if isinstance(error, httpcore.RemoteProtocolError):
        return "disconnected" in str(error) or "peer closed" in str(error)
    broke = isinstance(error, httpcore.ReadError | httpcore.WriteError)
    return broke and (not _tls(error) or _is_cut(error))


def told(error: Exception, place: str, limits: Limits) -> str:
    """What went wrong, for people."""
    if isinstance(error, httpcore.ReadError) and _is_cut(error):
        return f"the connection to {place} was cut: TLS tells where an answer ends, and that was not told"
    if (trouble := _tls(error)) is not None:
        return _tls_told(trouble, place)
    text = " ".join(str(error).split())
    timeouts: dict[type[Exception], str] = {
        httpcore.ConnectTimeout: f"no connection to {place} within {limits.connect_timeout:g} s",
        httpcore.ReadTimeout: f"{place} sent nothing for {limits.read_timeout:g} s",
        httpcore.WriteTimeout: f"{place} took nothing for {limits.read_timeout:g} s",
        httpcore.PoolTimeout: "no connection became free in time; limits.concurrency may be too low",
    }
    if type(error) in timeouts:
        return timeouts[type(error)]
    if isinstance(error, httpcore.ConnectError) and "cannot be resolved" in text:
        return text
    reason = _system(error) or text or type(error).__name__
    others: tuple[tuple[type[Exception], str], ...] = (
        (httpcore.ConnectError, f"no connection to {place}: {reason}"),
        (httpcore.ProxyError, f"the proxy refused: {text}"),
        (httpcore.LocalProtocolError, f"refused by the harness: HTTP/1.1 cannot carry this request ({text})"),
        (httpcore.RemoteProtocolError, f"{place} did not answer in valid HTTP: {text}"),
        (Exception, f"the connection to {place} broke: {reason}"),
    )
    return next(sentence for kind, sentence in others if isinstance(error, kind))


def _chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in found:
        found.append(link)
        link = link.__cause__ or link.__context__
    return found


def _tls(error: Exception) -> ssl.SSLError | None:
    return next((link for link in _chain(error) if isinstance(link, ssl.SSLError)), None)


def _is_cut(error: Exception) -> bool:
    return isinstance(_tls(error), ssl.SSLEOFError)


def _system(error: Exception) -> str:
    return next(
        (link.strerror for link in _chain(error) if isinstance(link, OSError) and link.strerror), ""
    ).lower()


def _tls_told(error: ssl.SSLError, place: str) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = error.verify_message.rstrip(".")
        strange = "issuer" in reason or "self-signed" in reason or "self signed" in reason
        hint = "; give the CA with tls.ca" if strange else ""
        return f"TLS: certificate verify failed: {reason}{hint}"
    reason = (error.reason or str(error)).lower().replace("_", " ")
    if "certificate required" in reason or "bad certificate" in reason or "handshake failure" in reason:
        return f"TLS: {reason}; if {place} asks for a client certificate, give it with tls.clientCertificate"
    if "wrong version number" in reason:  # OpenSSL's word for bytes that are no TLS at all
        return f"TLS: {place} sent what is no TLS ({reason})"
    if "version" in reason or "unsupported protocol" in reason:
        return f"TLS: {reason}; the harness speaks TLS 1.2 and later"
    return f"TLS: {reason}"
