#!/usr/bin/env python3
"""Makes tables.zip: the code pages that golang.org/x/text does not have.

The mappings come from the converters of glibc, ICU, Java and Perl; on Debian:
apt-get install libc-bin icu-devtools default-jdk-headless perl python3.
Run it in this directory. The file format is in tables.go.
"""
import ctypes
import os
import subprocess
import tempfile
import zipfile

libc = ctypes.CDLL(None, use_errno=True)
libc.iconv_open.restype = ctypes.c_void_p
libc.iconv_open.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
libc.iconv_close.argtypes = [ctypes.c_void_p]
libc.iconv.restype = ctypes.c_size_t
libc.iconv.argtypes = [ctypes.c_void_p] + [ctypes.c_void_p] * 4


class Glibc:
    """One charset of glibc's iconv."""

    def __init__(self, name):
        self.name = name.encode()
        self.cd = libc.iconv_open(b"UTF-32LE", self.name)
        if self.cd == ctypes.c_void_p(-1).value:
            raise ValueError("glibc has no " + name)

    def encode(self, char):
        back = libc.iconv_open(self.name, b"UTF-32LE")
        try:
            return self.run(back, char.encode("utf-32-le"))
        finally:
            libc.iconv_close(ctypes.c_void_p(back))

    def __call__(self, raw):
        out = self.run(self.cd, raw)
        return None if out is None else out.decode("utf-32-le")

    def run(self, cd, raw):
        libc.iconv(cd, None, None, None, None)
        source = ctypes.create_string_buffer(raw, len(raw))
        target = ctypes.create_string_buffer(64)
        left, room = ctypes.c_size_t(len(raw)), ctypes.c_size_t(64)
        at = ctypes.c_void_p(ctypes.addressof(source))
        to = ctypes.c_void_p(ctypes.addressof(target))
        n = libc.iconv(cd, ctypes.byref(at), ctypes.byref(left), ctypes.byref(to), ctypes.byref(room))
        if n != 0 or left.value:
            return None
        libc.iconv(cd, None, None, ctypes.byref(to), ctypes.byref(room))
        return target.raw[: 64 - room.value]


JAVA = """
import java.nio.*; import java.nio.charset.*;
public class Dump { public static void main(String[] a) throws Exception {
  Charset c = Charset.forName(a[0]);
  StringBuilder out = new StringBuilder();
  if (a[1].equals("encode")) {
    for (int i = 2; i < a.length; i++) {
      String s = new String(Character.toChars(Integer.parseInt(a[i], 16)));
      if (!c.newEncoder().canEncode(s)) continue;
      for (byte x : s.getBytes(c)) out.append(String.format("%02x", x));
      out.append(" " + a[i] + "\\n");
    }
    System.out.print(out);
    return;
  }
  for (int i = 0; i < 256; i++) one(c, new byte[]{(byte) i}, out);
  if (a[1].equals("2")) for (int i = 0; i < 256; i++) for (int j = 0; j < 256; j++) one(c, new byte[]{(byte) i, (byte) j}, out);
  System.out.print(out);
}
static void one(Charset c, byte[] b, StringBuilder out) {
  try {
    CharBuffer s = c.newDecoder().onMalformedInput(CodingErrorAction.REPORT).onUnmappableCharacter(CodingErrorAction.REPORT).decode(ByteBuffer.wrap(b));
    for (byte x : b) out.append(String.format("%02x", x));
    for (int i = 0; i < s.length(); i++) out.append(String.format(" %04x", (int) s.charAt(i)));
    out.append("\\n");
  } catch (CharacterCodingException e) { }
} }
"""
PERL = r"""
use Encode; my ($name, $two) = @ARGV;
sub one { my ($b) = @_; my $t = $b; my $s = eval { decode($name, $t, Encode::FB_CROAK) }; return if !defined $s || $s eq "";
  print unpack("H*", $b), map({ sprintf " %04x", $_ } unpack("S>*", encode("UTF-16BE", $s))), "\n"; }
if ($two eq "encode") { for my $h (@ARGV[2..$#ARGV]) { my $c = chr hex $h; my $b = eval { encode($name, $c, Encode::FB_CROAK) }; print unpack("H*", $b), " $h\n" if defined $b; } exit; }
one(chr $_) for 0..255;
if ($two eq "2") { for my $i (0x80..255) { for my $j (0..255) { one(chr($i) . chr($j)) } } }
"""


class Program:
    """A charset of a program that prints lines of hex bytes and UTF-16 units."""

    def __init__(self, command, name, width):
        self.command, self.name = command, name
        self.table = {}
        for line in self.lines(str(width)):
            key, *units = line.split()
            raw = b"".join(int(u, 16).to_bytes(2, "big") for u in units)
            self.table[bytes.fromhex(key)] = raw.decode("utf-16-be", "surrogatepass")

    def lines(self, *args):
        return subprocess.run([*self.command, self.name, *args], capture_output=True, text=True, check=True).stdout.splitlines()

    def __call__(self, raw):
        return self.table.get(raw)

    def encode(self, char):
        for line in self.lines("encode", "%x" % ord(char)):
            return bytes.fromhex(line.split()[0])


def java(name, width):
    return Program(["java", os.path.join(work, "Dump.java")], name, width)


def perl(name, width):
    return Program(["perl", "-e", PERL], name, width)


class ICU:
    """A single-byte charset of ICU."""

    def __init__(self, name):
        self.name = name

    def run(self, source, target, raw):
        done = subprocess.run(["uconv", "-f", source, "-t", target, "--from-callback", "stop", "--to-callback", "stop"], input=raw, capture_output=True)
        return done.stdout if done.returncode == 0 else None

    def __call__(self, raw):
        out = self.run(self.name, "UTF-16BE", raw)
        return None if out is None else out.decode("utf-16-be")

    def encode(self, char):
        return self.run("UTF-16BE", self.name, char.encode("utf-16-be"))


def icu(name, _):
    return ICU(name)


def glibc(name, _):
    return Glibc(name)


def single(convert):
    return {bytes([b]): convert(bytes([b])) for b in range(256)}


def multi(convert):
    table = single(convert)
    for a in range(256):
        if table[bytes([a])] is None:
            for b in range(256):
                table[bytes([a, b])] = convert(bytes([a, b]))
    return table


def accents(convert):
    """Singles, and an accent followed by its letter."""
    table = single(convert)
    for a in range(0xC0, 0xD0):
        for b in range(0x20, 0x7F):
            table[bytes([a, b])] = convert(bytes([a, b]))
    return table


def euctw(convert):
    table = multi(convert)
    for plane in range(0xA1, 0xB0):
        for a in range(0xA1, 0xFF):
            for b in range(0xA1, 0xFF):
                key = bytes([0x8E, plane, a, b])
                table[key] = convert(key)
    return table


def cp20932(convert):
    """EUC-JP whose JIS X 0212 is two bytes, the second without its high bit."""
    table = {k: v for k, v in multi(convert).items() if k[0] != 0x8F}
    for a in range(0xA1, 0xFF):
        for b in range(0xA1, 0xFF):
            table[bytes([a, b & 0x7F])] = convert(bytes([0x8F, a, b]))
    return table


def shifted(convert):
    """The double bytes of an EBCDIC page that shifts with SO and SI."""
    return {bytes([a, b]): convert(bytes([0x0E, a, b, 0x0F])) for a in range(0x40, 0xFF) for b in range(0x40, 0xFF)}


def iscii(convert):
    table = {bytes([b]): convert(bytes([b])) for b in range(256)}
    for b in (0xD9, 0xEF, 0xF0):  # INV, ATR and EXT are no characters
        table[bytes([b])] = None
    return table


PAGES = [("708", glibc, "ASMO-708", single), ("720", icu, "ibm-720", single)]
for n in (500, 737, 775, 857, 861, 864, 869, 870, 875, 1026, 1141, 1142, 1143, 1144, 1145, 1146, 1147, 1148, 1149):
    PAGES.append((str(n), glibc, "CP%d" % n, single))
for n, name in (
    (20273, "CP273"), (20277, "IBM277"), (20278, "CP278"), (20280, "CP280"), (20284, "CP284"), (20285, "CP285"),
    (20290, "CP290"), (20297, "CP297"), (20420, "CP420"), (20423, "CP423"), (20424, "CP424"), (20871, "CP871"),
    (20880, "IBM880"), (20905, "IBM905"), (21025, "CP1025"),
    (20106, "DIN_66003"), (20107, "SEN_850200_B"), (20108, "NS_4551-1"),
):
    PAGES.append((str(n), glibc, name, single))
for n, name in (
    (20833, "x-IBM833"), (20838, "IBM-Thai"), (10004, "x-MacArabic"), (10005, "x-MacHebrew"), (10006, "x-MacGreek"),
    (10010, "x-MacRomania"), (10017, "x-MacUkraine"), (10021, "x-MacThai"), (10029, "x-MacCentralEurope"),
    (10079, "x-MacIceland"), (10081, "x-MacTurkish"), (10082, "x-MacCroatian"),
):
    PAGES.append((str(n), java, name, single))
PAGES += [
    ("2", perl, "nextstep", single), ("6", perl, "symbol", single), ("20924", perl, "cp1047", single),
    ("1361", java, "x-Johab", multi), ("10001", perl, "MacJapanese", multi), ("10002", perl, "MacChineseTrad", multi),
    ("10003", perl, "MacKorean", multi), ("10008", perl, "MacChineseSimp", multi),
    ("20261", glibc, "T.61-8BIT", accents), ("20269", glibc, "ISO_6937", accents), ("20932", glibc, "EUC-JP", cp20932),
    ("20936", glibc, "EUC-CN", multi), ("51950", glibc, "EUC-TW", euctw),
]
for n, charset, ebcdic in ((50930, "IBM930", "IBM930"), (50931, "IBM930", "CP037"), (50933, "IBM933", "IBM933"),
                           (50935, "IBM935", "IBM935"), (50937, "IBM937", "IBM937"), (50939, "IBM939", "IBM939")):
    PAGES.append((str(n), glibc, ebcdic, single))
    PAGES.append((str(n) + "d", glibc, charset, shifted))
# Windows' numbers for ICU's versions of ISCII.
for n, version in ((57002, 0), (57003, 1), (57004, 5), (57005, 6), (57006, 1), (57007, 4), (57008, 7), (57009, 8), (57010, 3), (57011, 2)):
    PAGES.append((str(n), icu, "ISCII,version=%d" % version, iscii))


def varint(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def preferred(table, convert, unwrap):
    """Which of several keys of a character is the one to write."""
    keys = {}
    for key, char in table.items():
        keys.setdefault(char, []).append(key)
    best = {}
    for char, several in keys.items():
        if char is None or len(char) != 1 or len(several) == 1:
            continue
        written = convert.encode(char)
        written = written if written is None else unwrap(written)
        best[char] = written if written in several else min(several, key=lambda k: (len(k), k))
    return best


def pack(table, best):
    entries = sorted((len(k), k, ord(v)) for k, v in table.items() if v is not None and len(v) == 1)
    entries = [e for e in entries if not 0xE000 <= e[2] <= 0xF8FF or e[0] == 1]
    out = bytearray(varint(len(entries)))
    last_key = last_rune = 0
    for _, key, rune in entries:
        # A leading one keeps the length of the key in its number.
        number = int.from_bytes(b"\x01" + key, "big")
        step = rune - last_rune
        read_only = best.get(chr(rune), key) != key
        out += varint(number - last_key) + varint(abs(step) << 2 | (step < 0) << 1 | read_only)
        last_key, last_rune = number, rune
    return bytes(out), len(entries)


with tempfile.TemporaryDirectory() as work, zipfile.ZipFile("tables.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
    with open(os.path.join(work, "Dump.java"), "w") as f:
        f.write(JAVA)
    for page, source, name, shape in PAGES:
        convert = source(name, 2 if shape not in (single, iscii) else 1)
        table = shape(convert)
        unwrap = lambda raw: raw
        if shape is shifted:
            unwrap = lambda raw: raw.strip(b"\x0e\x0f")
        elif shape is cp20932:
            unwrap = lambda raw: raw if raw[0] != 0x8F else bytes([raw[1], raw[2] & 0x7F])
        best = preferred(table, convert, unwrap)
        if page == "20924":  # Latin 9 in the places of Latin 1
            swap = dict(zip("¤¦¨´¸¼½¾", "€ŠšŽžŒœŸ"))
            table = {k: swap.get(v, v) for k, v in table.items()}
        data, count = pack(table, best)
        info = zipfile.ZipInfo(page, (1980, 1, 1, 0, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(info, data)
        print(page, name, count, len(best), len(data))
