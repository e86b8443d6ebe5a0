"""Classes of HTTP statuses that checks tell apart (RFC 9110, section 15)."""

CLIENT_ERRORS = range(400, 500)
SERVER_ERRORS = range(500, 600)
NOT_IMPLEMENTED = 501
