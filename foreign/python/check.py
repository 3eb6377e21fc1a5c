"""What a step compares with."""

# Every character that SQS allows and that some codec mangles.
BODY = (
    " snow \u2603 \U0001f389 \"quoted\" 'single' back\\slash\r\n\tcr\ralone "
    '<b a="1">&amp; markup</b> ]]> \x7f \x85 \u2028 \ufffd end\n'
)
BODY_MD5 = "e92b45721f8677b9a93f02f3bd42d864"

# The attributes of SQS's worked example, and their MD5.
ATTRIBUTES = {
    "city": {"DataType": "String", "StringValue": "Any City"},
    "logo": {"DataType": "Binary.png", "BinaryValue": b"\x89\x50"},
    "population": {"DataType": "Number.int", "StringValue": "1250800"},
}
ATTRIBUTES_MD5 = "455c2442c2146192d9523d261d2c4ede"
POPULATION_MD5 = "67ce8f99d78dd5ddbe20a247f2f98c12"  # of population alone

TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793"
TRACE_MD5 = "62a56dd927315f2b2e12832b84617ea5"

FORBIDDEN = "bell \x07"  # a body that SQS refuses


def equal(got, want, what):
    """Fails the step unless got is want."""
    if got != want:
        raise AssertionError(f"{what}: got {got!r}, want {want!r}")


def true(holds, what):
    """Fails the step unless what is said of the reply holds."""
    if not holds:
        raise AssertionError(what)


def code(call, **arguments):
    """The error code with which the call fails, as the client shows it."""
    try:
        reply = call(**arguments)
    except Exception as e:
        if not hasattr(e, "response"):
            raise
        return e.response["Error"]["Code"]
    raise AssertionError(f"no error, but {reply!r}")
