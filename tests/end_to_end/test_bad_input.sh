#!/usr/bin/env bash
# Wrong input, a table of it: each line is refused with its status, the field at fault and the
# reason, and changes nothing.
set -u

export ECOMMERCE_BIN=${ECOMMERCE_BIN:?the program to test}
unset ECOMMERCE_CONFIG
command -v python3 >/dev/null || {
    echo "python3 is not installed" >&2
    exit 77
}
exec python3 - <<'PYTHON'
import json, os, resource, shutil, signal, sqlite3, subprocess, sys, tempfile, time

PROGRAM = os.environ["ECOMMERCE_BIN"]
WORK = tempfile.mkdtemp()
SHOP = os.path.join(WORK, "shop")
NOBODY = 65534
failures = 0


def fail(*what):
    global failures
    failures += 1
    print(*what, file=sys.stderr)


def run(words, stdin=b"", shop=SHOP, **more):
    command = [PROGRAM, "--data", shop, *words]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=120, **more)


def must(words, stdin=b"", shop=SHOP, **more):
    done = run(words, stdin, shop, **more)
    if done.returncode != 0:
        fail(words, "should be accepted:", done.stderr)
    return json.loads(done.stdout or b"null")


def refused(words, status, text, field=None, stdin=b"", shop=SHOP, **more):
    """Ends with the status; its one line has the text and names the field."""
    done = run(words, stdin, shop, **more)
    error = done.stderr.decode("utf-8", "replace")
    if done.returncode != status:
        fail(words, "ends with", done.returncode, "not", status, error)
    if text not in error or (field is not None and "(field %s)" % field not in error):
        fail(words, "does not say", repr(text), "of", field, "but", repr(error))
    if error.count("\n") != 1 or any(ord(c) < 32 or 127 <= ord(c) < 160 for c in error.rstrip("\n")):
        fail(words, "is not refused in one clean line:", repr(error))


def contents():
    """What the shop holds, but for what is for machines to count."""
    rows = []
    for name in ("documents", "live"):
        store = sqlite3.connect(os.path.join(SHOP, name + ".db"))
        for (table,) in store.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall():
            if name == "documents" or "stock" in table or "cart" in table:
                rows.append((table, store.execute('SELECT COUNT(*) FROM "%s"' % table).fetchone()))
        store.close()
    rows.append(must(["stock", "show", "mug"]))
    rows.append(must(["product", "show", "mug"]))
    return rows


must(["product", "put", "mug"], b'{"name": "Mug", "price": 7.50}')
must(["stock", "receive", "mug", "100"])
must(["customer", "put", "ann"], b'{"name": "Ann", "email": "ann@example.org"}')
before = contents()

# ---- documents: (JSON, field, reason)

DOCUMENTS = [
    (b"[1]", "product", "no object"),
    (b'"text"', "product", "no JSON"),
    (b"{", "product", "ends too early"),
    (b'{"name": "a"} {}', "product", "something follows"),
    (b'{"name": "a", "name": "b"}', "product", "twice"),
    (b'{"name": "\xff"}', "product", "UTF-8"),
    ('{"name": "a"}'.encode("utf-16"), "product", "UTF-8"),
    (b'{"name": "a\\u0000b"}', "product", "NUL"),
    (b'{"a":' * 100000, "product", "nested too deep"),
    (b'{"price": NaN}', "product", ""),
    (b'{"price": 1e400}', "product", "too large"),
    (b'{"price": 99999999999999999999}', "product", "too large"),
    (b'{"price": 1.234}', "price", "2 decimals"),
    (b'{"price": -1}', "price", "not negative"),
    (b'{"price": true}', "price", ""),
    (b'{"price": "1,50"}', "price", "no decimal number"),
    (b'{"price": {"$ne": null}}', "product.price.$ne", "$"),
    (b'{"$set": {"price": 0}}', "product.$set", "$"),
    (b'{"name": 5}', "name", "text"),
    (b'{"version": 5}', "version", "cannot be set"),
    (b'{"categories": ["none"]}', None, "none"),
]
for text, field, reason in DOCUMENTS:
    refused(["product", "put", "mug"], 2, reason, field, text)
refused(["product", "put", "mug"], 2, "missing", "product")
run(["customer", "put", "ann"])
if must(["customer", "show", "ann"]).get("name") != "Ann":
    fail("a put of nothing erased a profile")
refused(["category", "put", "tea"], 2, "missing", "category")
refused(["product", "put", "mug"], 1, "larger than", "product", b" " * (17 << 20))
refused(["product", "put", "mug", "--file", WORK], 2, "cannot be read", "product")
refused(["product", "put", "mug", "--file", WORK + "/none"], 2, "cannot be opened", "product")
refused(["customer", "put", "bob"], 2, "no e-mail", "email", b'{"email": "nobody"}')

# ---- words: (status, field, reason, words)

PAYLOADS = ["'; DROP TABLE products; --", '"}) DETACH DELETE n //', '{"$ne": null}', "../../etc/x",
            "%s%n", "\u202e", "*"]
WORDS = [
    (2, "product_id", "empty", ["product", "show", ""]),
    (2, "product_id", "begin with '$'", ["product", "show", "$where"]),
    (2, "product_id", "longer than", ["product", "show", "x" * 5000]),
    (2, "product_id", "control", ["product", "show", "a\x1b[31mb"]),
    (2, None, "UTF-8", ["product", "show", b"\xff"]),
    (2, "limit", "'a?b' is not an integer", ["order", "list", "--limit", "a\nb"]),
    (2, "limit", "'?[31m' is not an integer", ["order", "list", "--limit", "\x1b[31m"]),
    (2, "limit", "1 to 10000", ["order", "list", "--limit", "0"]),
    (2, "cursor", "cursor", ["order", "list", "--cursor", "x"]),
    (2, "status", "no status", ["order", "list", "--status", '{"$ne": 1}']),
    (2, "from", "not a time", ["order", "list", "--from", "2020-02-30"]),
    (2, "items[0].quantity", "greater than zero", ["order", "place", "--item", "mug:0"]),
    (2, "items[0].quantity", "greater than zero", ["order", "place", "--item", "mug:-1"]),
    (1, "items[0].quantity", "at most", ["order", "place", "--item", "mug:99999999999"]),
    (2, "items", "not of the form", ["order", "place", "--item", "mug:" + "9" * 30]),
    (2, "items", "not of the form", ["order", "place", "--item", "mug:1.5"]),
    (2, "items[0].price", "2 decimals", ["order", "place", "--item", "mug:1:7.555"]),
    (1, "items[1].product_id", "none", ["order", "place", "--item", "mug:1", "--item", "none:1"]),
    (1, "customer_id", "nobody", ["order", "place", "--item", "mug:1", "--customer", "nobody"]),
    (2, "customer_id", "empty", ["order", "place", "--item", "mug:1", "--customer", ""]),
    (2, "scope", "scope", ["order", "place", "--item", "mug:1", "--key", "k"]),
    (2, "key", "printable ASCII",
     ["order", "place", "--item", "mug:1", "--key", "\u00fc", "--scope", "cart:1"]),
    (2, "delivery_cost", "not negative",
     ["order", "place", "--item", "mug:1", "--delivery-cost", "-1"]),
    (1, "delivery_method", "longer than",
     ["order", "place", "--item", "mug:1", "--delivery-method", "x" * 65]),
    (2, "contact", "ends too early", ["order", "place", "--item", "mug:1", "--contact", "{"]),
    (2, "contact", "cannot be opened",
     ["order", "place", "--item", "mug:1", "--contact", "@" + WORK + "/none"]),
    (2, "contact.email", "text",
     ["order", "place", "--item", "mug:1", "--contact", '{"email": 5}']),
    (2, "contact.shipping", "document",
     ["order", "place", "--item", "mug:1", "--contact", '{"shipping": "here"}']),
    (2, "quantity", "greater than zero", ["stock", "receive", "mug", "0"]),
    (2, "quantity", "greater than zero", ["stock", "receive", "mug", "-5"]),
    (1, "quantity", "at most", ["stock", "receive", "mug", "9223372036854775807"]),
    (2, "quantity", "not an integer", ["stock", "receive", "mug", "9223372036854775808"]),
    (2, "quantity", "not zero", ["stock", "adjust", "mug", "0"]),
    (2, "key", "empty", ["stock", "receive", "mug", "1", "--key", ""]),
    (2, "key", "empty", ["order", "pay", "none", "--key", ""]),
    (2, "quantity", "at least 1", ["cart", "add", "c", "mug", "-3"]),
    (1, "item_id", "none", ["cart", "add", "c", "none"]),
    (2, "from", "empty", ["report", "sales", "--from", "2021-01-01", "--to", "2020-01-01"]),
    (2, "name", "no report", ["report", "none"]),
    (2, "role", "staff or admin", ["staff", "put", "bob"]),
    (2, "role", "staff or admin", ["staff", "put", "bob", "--role", "king"]),
    (2, "password", "cannot be opened",
     ["staff", "put", "bob", "--role", "admin", "--password-file", WORK + "/none"]),
    (1, "key_id", "nothing has the key_id 'k'", ["api-key", "revoke", "k"]),
    (1, None, "no such file", ["import", "retail", WORK + "/none"]),
    (2, None, "name too long", ["import", "retail", "x" * 5000]),
    (2, None, "there is no command 'product serch'", ["product", "serch", "mug"]),
    (2, None, "there is no command 'prodct'", ["prodct", "show"]),
    (2, None, "there is no command 'order shw'", ["help", "order", "shw"]),
    (2, None, "there is no command 'a?b'", ["help", "a\nb"]),
    (2, None, "there is no option '--frobnicate'", ["--frobnicate"]),
    (2, None, "--frobnicate", ["order", "list", "--frobnicate"]),
    (2, "orders.deadlin", "no such setting", ["--set", "orders.deadlin=5 s", "health"]),
    (2, "orders.deadline", "duration", ["--set", "orders.deadline=soon", "health"]),
    (2, "orders.max_lines", "from 1", ["--set", "orders.max_lines=0", "health"]),
    (2, "shop.currency", "ISO 4217", ["--set", "shop.currency=QQQ", "health"]),
    (2, None, "path=value", ["--set", "orders", "health"]),
    (2, None, "no such file", ["--config", WORK + "/none", "health"]),
    (2, None, "not a regular file", ["--config", WORK, "health"]),
]
for payload in PAYLOADS:
    WORDS += [
        (1, "product_id", payload, ["product", "show", "--", payload]),
        (1, "items[0].product_id", payload, ["order", "place", "--item", payload + ":1"]),
        (1, "customer_id", payload, ["customer", "show", "--", payload]),
        (1, "order_id", payload, ["order", "show", "--", payload]),
    ]
for status, field, reason, words in WORDS:
    refused(words, status, reason, field)

if contents() != before:
    fail("something was changed by what was refused:", before, contents())

# ---- payloads are ids and texts like any others

for payload in PAYLOADS:
    must(["product", "put", "--", payload], json.dumps({"name": payload, "price": 1}).encode())
    if must(["product", "show", "--", payload])["name"] != payload:
        fail("the id is not taken literally:", payload)
must(["product", "search", "--", "' OR 1=1 --"])

# ---- CSV

HEADER = b"InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
for content, reason in [(b"", "empty"), (b"a,b\n1,2\n", "no column"), (b"\x1f\x8b\x08\x00", "gzip"),
                        (HEADER.decode().encode("utf-16"), ""),
                        (HEADER + b'1,2,"never closed', "")]:
    path = os.path.join(WORK, "bad.csv")
    with open(path, "wb") as stream:
        stream.write(content)
    done = run(["import", "retail", path])
    if done.returncode == 0 and must(["order", "list"])["orders"]:
        fail("a bad CSV became orders:", content)
    if reason and (done.returncode != 2 or reason not in done.stderr.decode()):
        fail("a bad CSV is not refused:", content, done)

pipe = os.path.join(WORK, "pipe")
os.mkfifo(pipe)
refused(["export", "products", pipe], 2, "no regular file", "path")
refused(["export", "products", WORK], 2, "no regular file", "path")
refused(["export", "products", ""], 2, "empty", "path")
refused(["export", "products", os.path.join(WORK, "none", "x")], 2, "No such file", "path")
if not os.path.exists(pipe) or os.path.isfile(pipe):
    fail("an export replaced what is no file")

# ---- folders and files of the shop


def copy(name):
    to = os.path.join(WORK, name)
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(SHOP, to)
    return to


PLACE = ["order", "place", "--item", "mug:1"]
with open(os.path.join(WORK, "file"), "w"):
    pass
refused(["health"], 3, "a file, not a folder", shop=os.path.join(WORK, "file"))
refused(["health"], 2, "1 to 4000 bytes", "stores.embedded.folder", shop="")
for name in ("documents", "live", "timeseries", "graph"):
    other = copy("other")
    store = sqlite3.connect(os.path.join(other, name + ".db"))
    store.execute("PRAGMA user_version = 99")
    store.close()
    refused(PLACE, 3, name + ".db has version 99", shop=other)
    other = copy("other")
    with open(os.path.join(other, name + ".db"), "r+b") as stream:
        stream.write(os.urandom(4096))
    refused(PLACE, 3, name + ".db: the file is damaged", shop=other)


def as_nobody():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


if os.geteuid() == 0:
    os.chmod(WORK, 0o755)
    other, become = copy("locked"), as_nobody
    os.chmod(other, 0o755)
    for name in os.listdir(other):
        os.chmod(os.path.join(other, name), 0o644)
else:
    other, become = copy("locked"), None
    for name in os.listdir(other):
        os.chmod(os.path.join(other, name), 0o400)
# The program itself may lie where nobody may go: a copy beside the shop does not.
PROGRAM = shutil.copy(os.environ["ECOMMERCE_BIN"], WORK)
os.chmod(PROGRAM, 0o755)
refused(PLACE, 3, "this user may not read and write", shop=other, preexec_fn=become)
PROGRAM = os.environ["ECOMMERCE_BIN"]


def small_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))


full = copy("full")
refused(PLACE, 3, "the disk or a quota is full", shop=full, preexec_fn=small_files)
if must(["order", "list"], shop=full)["orders"] or not must(["check"], shop=full)["clean"]:
    fail("an order was half placed on a full disk")

# ---- standard streams that are closed


def closed(*streams):
    return lambda: [os.close(stream) for stream in streams]


for streams, status in [((1,), 3), ((0, 1, 2), 3), ((2,), 0), ((0,), 0)]:
    command = [PROGRAM, "--data", SHOP, "stock", "show", "mug"]
    found = subprocess.run(command, preexec_fn=closed(*streams), stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, timeout=120, check=False).returncode
    if found != status:
        fail("streams", streams, "closed: status", found, "not", status)

# ---- together, and interrupted

fresh = os.path.join(WORK, "fresh")
words = [PROGRAM, "--data", fresh, "health"]
crowd = [subprocess.Popen(words, stdout=subprocess.DEVNULL) for _ in range(8)]
if any(one.wait(120) != 0 for one in crowd):
    fail("a shop cannot be made by several at once")
words = [PROGRAM, "--data", SHOP, *PLACE, "--key", "one", "--scope", "cart:1"]
crowd = [subprocess.Popen(words, stdout=subprocess.PIPE) for _ in range(6)]
orders = {json.loads(one.communicate(timeout=120)[0])["order_id"] for one in crowd}
if len(orders) != 1 or len(must(["order", "list"])["orders"]) != 1:
    fail("one key became several orders:", orders)
words = [PROGRAM, "--data", fresh, "demo", "--products", "50", "--customers", "50", "--orders", "2000"]
interrupted = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
time.sleep(1)
interrupted.send_signal(signal.SIGINT)
if interrupted.wait(60) not in (0, -signal.SIGINT):
    fail("an interrupt gives status", interrupted.returncode)
must(["health"], shop=fresh)

if not must(["check"])["clean"]:
    fail("the shop is not clean in the end")
shutil.rmtree(WORK)
if failures:
    sys.exit("%d failures" % failures)
PYTHON
