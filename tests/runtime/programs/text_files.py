"""Programs of test_text_files.py. Native CPython runs them, too."""

import codecs
import io
import os
import threading


def use_files_in_every_way():
    told = []
    text = "grün 한글 🎈\r\nzwei\rdrei\n"

    class Pieces(io.RawIOBase):
        def __init__(self, pieces):
            self.pieces = list(pieces)

        def readable(self):
            return True

        def readinto(self, buffer):
            piece = self.pieces.pop(0) if self.pieces else b""
            buffer[: len(piece)] = piece
            return len(piece)

    def fed(pieces, encoding="utf-8", **options):
        # What a reader of text gets when the bytes come in these pieces.
        with io.TextIOWrapper(io.BufferedReader(Pieces(pieces)), encoding, **options) as file:
            try:
                return list(file), file.newlines
            except UnicodeDecodeError as error:
                return str(error)

    data = text.encode()
    told.append(fed([data]))
    told.append(fed([data[i : i + 1] for i in range(len(data))]))
    told.append(fed([data[:3], data[3:]], newline=""))
    told.append(fed([data[i : i + 1] for i in range(len(data))], newline="\n"))
    told.append(fed([b"cut \xc3"], newline="\n"))
    told.append(fed([data[:-3]]))
    told.append(fed([b"a\xff", b"b\n"], errors="surrogateescape"))
    told.append(fed([b"a\xffb\n"], errors="replace"))
    told.append(fed([b"good\n", b"a\xffb\nrest\n"]))
    told.append(fed([b"cut \xc3"]))
    told.append(fed([b"cut \xc3"], errors="surrogateescape"))
    told.append(fed([b"\xef\xbb\xbfmark\n"]))
    told.append(fed([b"\xef\xbb\xbfmark\n"], encoding="utf-8-sig"))
    told.append(fed([data], encoding="latin-1"))

    class Shouting(codecs.BufferedIncrementalDecoder):
        def _buffer_decode(self, data, errors, final):
            decoded, used = codecs.utf_8_decode(data, errors, final)
            return decoded.upper(), used

    def shouting(name):
        if name == "shouting":
            info = codecs.lookup("utf-8")
            return codecs.CodecInfo(
                info.encode,
                info.decode,
                incrementaldecoder=Shouting,
                incrementalencoder=info.incrementalencoder,
                name="shouting",
            )
        return None

    codecs.register(shouting)
    told.append(fed([data], encoding="shouting"))

    # Every length around the width of a vector, with what is no ASCII at every place of it.
    for size in range(70):
        plain = bytes(65 + i % 26 for i in range(size))
        told.append(plain.decode() + "|")
        for at in range(size):
            data = plain[:at] + b"\x80" + plain[at + 1 :]
            if (
                data.decode("utf-8", "replace")
                != plain.decode()[:at] + "\ufffd" + plain.decode()[at + 1 :]
            ):
                told.append((size, at, "decode"))
            for start in range(3):  # memchr() from places that are not aligned
                if data.find(b"\x80", start) != (at if at >= start else -1):
                    told.append((size, at, start, "find"))
            with io.TextIOWrapper(io.BytesIO(data.replace(b"\x80", b"\n")), newline="\n") as file:
                if len(file.readline()) != at + 1:
                    told.append((size, at, "readline"))

    # Somebody's own read1 is called.
    read, write = os.pipe()
    os.write(write, b"one\ntwo\n")
    os.close(write)
    file = open(read)  # noqa: SIM115
    own = file.buffer.read1
    file.buffer.read1 = lambda size: own(3)
    told.append(list(file))
    file.close()

    # Somebody's own read and write methods are called.
    read, write = os.pipe()
    sent = []
    file = open(write, "w", buffering=1)  # noqa: SIM115
    file.buffer.raw.write = lambda view: sent.append(bytes(view)) or len(view)
    print("replaced", file=file)
    del file.buffer.raw.write
    print("sent", file=file)
    told.append((sent, os.read(read, 100)))

    class Counting(io.FileIO):
        calls = 0

        def readinto(self, buffer):
            self.calls += 1
            return super().readinto(buffer)

        def write(self, data):
            self.calls += 1
            return super().write(bytes(data).replace(b"a", b"b"))

    counting = Counting(write, "w", closefd=False)
    with io.TextIOWrapper(io.BufferedWriter(counting), line_buffering=True) as other:
        print("banana", file=other)
    told.append((os.read(read, 100), counting.calls))
    reader = io.BufferedReader(Counting(read, closefd=False))
    os.write(write, b"0123456789")
    told.append((reader.read1(4), reader.read1(100), reader.raw.calls))
    file.close()
    told.append((reader.read1(10), reader.read()))
    reader.close()
    os.close(read)

    # Descriptors that do not block.
    read, write = os.pipe()
    os.set_blocking(read, False)
    os.set_blocking(write, False)
    reader, writer = open(read, "rb"), open(write, "wb")  # noqa: SIM115
    told.append((reader.read(), reader.read1(5), reader.raw.read(5)))
    try:
        for _ in range(200):
            writer.write(b"x" * 5_000)
        told.append("never full")
    except BlockingIOError as error:
        told.append((type(error).__name__, 0 <= error.characters_written <= 5_000))
    told.append((reader.read1(3), reader.peek(1)[:1]))
    while reader.read1():
        pass
    writer.close()
    reader.close()

    # A file that is only open the other way, and one that was closed below.
    read, write = os.pipe()
    with open(write, "wb") as writer:
        for call in (writer.read, writer.read1, writer.readinto):
            try:
                call(*[bytearray(1)] * (call == writer.readinto))
            except io.UnsupportedOperation as error:
                told.append(str(error))
        writer.raw.close()
        try:
            writer.write(b"x")
        except ValueError as error:
            told.append(str(error))
    os.close(read)

    # More than the buffer of a read to the end begins with, and a write that is larger than any.
    read, write = os.pipe()
    large = bytes(range(256)) * 8_000

    def write_large():
        with open(write, "wb") as writer:
            writer.write(large)

    thread = threading.Thread(target=write_large)
    thread.start()
    with open(read, "rb") as reader:
        told.append(reader.read() == large)
    thread.join()

    class Text(str):
        def __str__(self):
            return "its own text"

    out = io.StringIO()
    print("plain", Text("other"), 1, file=out, sep="-")
    told.append(out.getvalue())

    class Sink:
        def __getattr__(self, name):
            told.append(name)
            return lambda value: told.append(value)

    print("x", file=Sink())
    return ascii(told)
