"""The Python package, on embedded stores in temporary folders: no server is needed."""
import collections
import datetime
import decimal
import gc
import importlib.util
import inspect
import json
import keyword
import logging
import pathlib
import pickle
import re
import subprocess
import sys
import threading
import time
import types
import typing
import warnings

import pytest
import yaml

import ecommerce_system
from ecommerce_system import EcommerceSystem, _engine_calls, errors
from ecommerce_system._engine import lib

ROOT = pathlib.Path(__file__).resolve().parents[1]
PYTHON = ROOT / "interfaces" / "python"
UTC = datetime.timezone.utc


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "shop"


@pytest.fixture
def shop(folder):
    with EcommerceSystem(folder=folder) as opened:
        opened.put_product("product_123", product={"name": "Lamp", "price": "29.99"})
        opened.put_product("mug", product={"name": "Mug", "price": 7.5})
        opened.put_customer("customer_456", customer={"name": "Ann", "email": "ann@example.com"})
        opened.stock_receive("product_123", 10)
        opened.stock_receive("mug", 10)
        yield opened


@pytest.fixture(scope="module")
def idle_shop(tmp_path_factory):
    """For calls that must not change anything."""
    with EcommerceSystem(folder=tmp_path_factory.mktemp("idle")) as opened:
        yield opened


def available(shop, product_id):
    return shop.get_product_details(product_id)["availability"]["available"]


def run_python(*arguments, **options):
    return subprocess.run([sys.executable, *map(str, arguments)], capture_output=True, text=True,
                          timeout=120, **options)


# ---- the main job ----

def test_an_order_is_processed(shop):
    order = shop.process_order(
        customer_id="customer_456",
        items=[{"product_id": "product_123", "quantity": 2, "price": 29.99}],
    )
    assert order["status"] == "placed"
    assert order["total"] == 59.98
    assert order["items"][0]["quantity"] == 2
    assert available(shop, "product_123") == 8
    assert shop.get_order(order["order_id"])["number"] == order["number"]


def test_product_details_recommend_what_is_bought_together(shop):
    for customer in ("a", "b", "c"):
        shop.put_customer(customer, customer={"name": customer})
        shop.process_order(customer_id=customer, items=[
            {"product_id": "product_123", "quantity": 1}, {"product_id": "mug", "quantity": 1}])
    shop.flush()
    plain = shop.get_product_details(product_id="product_123")
    details = shop.get_product_details(product_id="product_123", with_recommendations=True)
    assert details["name"] == "Lamp" and details["price"] == 29.99
    assert "recommendations" not in plain
    together = details["recommendations"]["bought_together"]
    assert [one["product_id"] for one in together] == ["mug"]


def test_insights_tell_what_a_customer_spent(shop):
    shop.process_order(customer_id="customer_456", items=[{"product_id": "mug", "quantity": 2}])
    shop.process_order(customer_id="customer_456", items=[{"product_id": "mug", "quantity": 1}])
    shop.flush()
    insights = shop.get_customer_insights(customer_id="customer_456")
    assert insights["orders"]["placed"] == 2
    assert insights["spend"]["net"] == 22.5
    assert insights["favourite_products"][0]["product_id"] == "mug"


def test_what_was_sold_is_there_when_the_shop_opens_again(folder):
    with EcommerceSystem(folder=folder) as shop:
        shop.put_product("mug", product={"name": "Mug", "price": 7.5})
        shop.stock_receive("mug", 5)
        order = shop.process_order(items=[{"product_id": "mug", "quantity": 2}])
    with EcommerceSystem(folder=folder) as shop:
        assert available(shop, "mug") == 3
        assert shop.get_order(order["order_id"])["total"] == 15


def test_a_cart_becomes_an_order(shop):
    shop.cart_add("cart-1", "mug", quantity=1, customer_id="customer_456")
    cart = shop.cart_add("cart-1", "mug", quantity=1, customer_id="customer_456")
    with pytest.raises(errors.VersionConflict):
        shop.cart_clear("cart-1", expected_version=cart["version"] + 1)
    with pytest.raises(errors.InvalidArgument):
        shop.cart_clear("cart-1", expected_version=0)
    order = shop.cart_checkout("cart-1", customer_id="customer_456", key="checkout-1")
    assert order["total"] == 15
    assert available(shop, "mug") == 8


def test_a_search_finds_by_the_beginning_of_a_word(shop):
    found = shop.search_products(words="lam")
    assert [one["product_id"] for one in found["products"]] == ["product_123"]


def test_the_word_from_is_an_argument_with_an_underscore(shop):
    order = shop.process_order(items=[{"product_id": "mug", "quantity": 1}])
    now = datetime.datetime.now(UTC)
    hour = datetime.timedelta(hours=1)
    inside = shop.list_orders(from_=now - hour, to=now + hour)
    assert [one["order_id"] for one in inside["orders"]] == [order["order_id"]]
    assert shop.list_orders(from_=now + hour)["orders"] == []
    assert len(shop.list_orders(from_=datetime.date(2020, 1, 1))["orders"]) == 1


# ---- keys ----

def test_the_same_key_gives_the_same_order_once(shop):
    arguments = {"customer_id": "customer_456", "key": "k-1",
                 "items": [{"product_id": "mug", "quantity": 3}]}
    first = shop.process_order(**arguments)
    again = shop.process_order(**arguments)
    assert again == first
    assert (first.replayed, again.replayed) == (False, True)
    assert available(shop, "mug") == 7


def test_a_key_of_another_request_is_refused(shop):
    shop.process_order(customer_id="customer_456", key="k-1",
                       items=[{"product_id": "mug", "quantity": 1}])
    with pytest.raises(errors.IdempotencyKeyReused):
        shop.process_order(customer_id="customer_456", key="k-1",
                           items=[{"product_id": "mug", "quantity": 2}])
    assert available(shop, "mug") == 9


# ---- money ----

@pytest.mark.parametrize("price", [29.99, "29.99", decimal.Decimal("29.99"), "29.990"])
def test_money_has_many_forms(shop, price):
    order = shop.process_order(
        items=[{"product_id": "product_123", "quantity": 1, "price": price}])
    assert order["total"] == 29.99


@pytest.mark.parametrize("price", [0.1 + 0.2, "29.991", "1e3", "", "NaN", decimal.Decimal("NaN"),
                                   decimal.Decimal("1E+9999"), float("inf"), True, [], {}, "２９"])
def test_money_that_is_none_is_refused(shop, price):
    with pytest.raises(errors.InvalidArgument) as caught:
        shop.process_order(items=[{"product_id": "mug", "quantity": 1, "price": price}])
    assert caught.value.field == "items[0].price"
    assert available(shop, "mug") == 10


def test_decimals_are_exact(shop, folder):
    shop.put_product("gold", product={"name": "Gold", "price": "90071992547409.93"})
    shop.stock_receive("gold", 1)
    with EcommerceSystem(folder=folder, decimals=True) as exact:
        details = exact.get_product_details("gold")
        assert details["price"] == decimal.Decimal("90071992547409.93")
        assert isinstance(exact.get_product_details("mug")["price"], decimal.Decimal)
        order = exact.process_order(
            items=[{"product_id": "gold", "quantity": 1, "price": details["price"]}])
        assert order["total"] == decimal.Decimal("90071992547409.93")


# ---- errors ----

def test_an_error_says_what_and_where(shop):
    with pytest.raises(errors.OutOfStock) as caught:
        shop.process_order(items=[{"product_id": "mug", "quantity": 1},
                                  {"product_id": "product_123", "quantity": 11}])
    error = caught.value
    assert (error.code, error.error_class, error.http_status, error.exit_status) == (
        "out_of_stock", "refused", 409, 1)
    assert (error.field, error.subject) == ("items[1].quantity", "product_123")
    assert "10" in error.message and error.field in str(error)
    assert available(shop, "mug") == 10


@pytest.mark.parametrize("kind, call", [
    (errors.PriceChanged, lambda shop: shop.process_order(
        items=[{"product_id": "mug", "quantity": 1, "price": 7.49}])),
    (errors.UnknownProduct, lambda shop: shop.process_order(
        items=[{"product_id": "nothing", "quantity": 1}])),
    (errors.UnknownProduct, lambda shop: shop.get_product_details("nothing")),
    (errors.UnknownCustomer, lambda shop: shop.get_customer_insights("nobody")),
    (errors.NotFound, lambda shop: shop.get_order("00000000-0000-0000-0000-000000000000")),
    (errors.VersionConflict, lambda shop: shop.patch_product(
        "mug", {"name": "Cup"}, expected_version=7)),
    (errors.UnknownOperation, lambda shop: shop.call("process_orders")),
    (errors.UnknownOperation, lambda shop: shop.call("get_order\0")),
    (errors.UnknownOperation, lambda shop: shop.call("\ud800")),
    (errors.InvalidTransition, lambda shop: shop.ship_order(
        shop.process_order(items=[{"product_id": "mug", "quantity": 1}])["order_id"])),
])
def test_each_error_has_its_class(shop, kind, call):
    with pytest.raises(kind) as caught:
        call(shop)
    assert isinstance(caught.value, errors.Refused)
    assert isinstance(caught.value, ecommerce_system.EcommerceError)
    assert caught.value.message


def test_exceptions_are_the_errors_of_the_engine():
    classes = {1: errors.Refused, 2: errors.Retryable, 3: errors.Unanswered, 4: errors.Fatal}
    assert len(errors.BY_CODE) == lib.ECOMMERCE_ERROR_CODES - 1
    for code, kind in enumerate(errors.BY_CODE, 1):
        assert kind.code == _engine_calls.text_of(lib.error_name(code))
        assert issubclass(kind, classes[lib.error_class_of(code)])
        assert kind.http_status == lib.error_http_status(code)
        assert kind.exit_status == lib.error_exit_status(code)
        assert getattr(ecommerce_system, kind.__name__) is kind


def test_an_error_survives_pickling():
    error = errors.NotPlaced("try again", field="items", subject="o-1", retry_after=1.5)
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is errors.NotPlaced
    assert vars(copy) == vars(error) and str(copy) == "items: try again"


# ---- bad input ----

FITS = {"text": "a", "integer": 1, "number": 1.5, "money": "1.00", "bool": True,
        "time": "2020-01-01", "document": {}, "texts": [], "items": [], "lines": []}
CONTAINERS = [{}, {"a": 1}, [], ["a"]]
WRONG = {
    "text": [1, 1.5, True, *CONTAINERS],
    "integer": ["1", 1.5, True, *CONTAINERS],
    "number": ["1", True, *CONTAINERS],
    "money": [True, *CONTAINERS],
    "bool": ["true", 1, 0, 1.5, *CONTAINERS],
    "time": [1, 1.5, True, *CONTAINERS],
    "document": ["{}", 1, 1.5, True, [], [{}]],
    "texts": ["a", 1, 1.5, True, {}, {"a": 1}],
    "items": ["mug:1", 1, 1.5, True, {}, {"product_id": "mug", "quantity": 1}],
    "lines": ["1:1", 1, 1.5, True, {}, {"line": 1, "quantity": 1}],
}
LOOP: list = []
LOOP.append(LOOP)
DEEP: dict = {}
for _ in range(150):
    DEEP = {"a": DEEP}
UNFIT = [float("nan"), float("inf"), -float("inf"), 2**63, -2**63 - 1, 10**400, "a\0b", "\ud800",
         "\udfff!", b"bytes", {1, 2}, object(), 1j, int, dict, iter("a"), LOOP, DEEP,
         {"": 1}, {"a.b": 1}, {"$set": 1}, {1: 2}, {None: 1}, {"a\0": 1}, {"\ud800": 1}, datetime.datetime(2020, 1, 1),
         decimal.Decimal("Infinity"), datetime.datetime.min.replace(
             tzinfo=datetime.timezone(datetime.timedelta(hours=14)))]
ARGUMENTS = [(operation["name"], argument) for operation in ecommerce_system.operations()
             for argument in operation["arguments"]]


@pytest.mark.parametrize("operation, argument", ARGUMENTS,
                         ids=[f"{name}-{argument['name']}" for name, argument in ARGUMENTS])
def test_wrong_types_are_refused_by_name(idle_shop, operation, argument):
    for wrong in WRONG[argument["type"]]:
        with pytest.raises(errors.InvalidArgument) as caught:
            idle_shop.call(operation, {argument["name"]: wrong})
        assert caught.value.field == argument["name"], repr(wrong)
    for unfit in UNFIT:
        with pytest.raises(errors.InvalidArgument) as caught:
            idle_shop.call(operation, {argument["name"]: unfit})
        assert re.match(re.escape(argument["name"]) + r"($|[.\[])", caught.value.field)


@pytest.mark.parametrize("operation", ecommerce_system.operations(), ids=lambda row: row["name"])
def test_missing_and_unknown_arguments_are_refused(idle_shop, operation):
    required = [one for one in operation["arguments"] if one["required"]]
    for missing in required:
        rest = {one["name"]: FITS[one["type"]] for one in required if one is not missing}
        with pytest.raises(errors.InvalidArgument) as caught:
            idle_shop.call(operation["name"], rest)
        assert caught.value.field == missing["name"]
    with pytest.raises(errors.InvalidArgument, match="no argument 'surprise'"):
        idle_shop.call(operation["name"], {"surprise": 1})


@pytest.mark.parametrize("items, field", [
    ([{}], "items[0].product_id"),
    ([{"product_id": "mug"}], "items[0].quantity"),
    ([{"quantity": 1}], "items[0].product_id"),
    ([{"product_id": "mug", "quantity": 0}], "items[0].quantity"),
    ([{"product_id": "mug", "quantity": -1}], "items[0].quantity"),
    ([{"product_id": "mug", "quantity": 1.0}], "items[0].quantity"),
    ([{"product_id": "mug", "quantity": "1"}], "items[0].quantity"),
    ([{"product_id": "mug", "quantity": True}], "items[0].quantity"),
    ([{"product_id": "mug", "quantity": 2**62}], "items[0].quantity"),
    ([{"product_id": "mug", "quantity": 1, "prise": 1}], "items[0].prise"),
    ([{"product_id": "mug", "quantity": 1}, {"product_id": 1, "quantity": 1}],
     "items[1].product_id"),
    ([{"product_id": "mug", "quantity": 1}, {"product_id": "a\0", "quantity": 1}],
     "items[1].product_id"),
    ([None], "items[0]"),
    (["mug"], "items[0]"),
    ([], "items"),
])
def test_wrong_items_are_refused_by_place(shop, items, field):
    with pytest.raises((errors.InvalidArgument, errors.LimitExceeded)) as caught:
        shop.process_order(items=items)
    assert caught.value.field == field
    assert available(shop, "mug") == 10


def test_values_like_the_common_ones_are_fine(shop):
    class Count:
        def __index__(self):
            return 2

    class Name(str):
        pass

    item = types.MappingProxyType({"product_id": Name("mug"), "quantity": Count()})
    order = shop.process_order(items=collections.deque([item]))
    assert order["total"] == 15
    when = datetime.datetime(2020, 2, 29, 12, 30, 0, 5,
                             datetime.timezone(datetime.timedelta(hours=2)))
    shop.put_product("odd", product={
        "name": "Odd", "price": 1, "extra": {
            "when": when, "day": when.date(), "path": pathlib.Path("a/b"),
            "weight": decimal.Decimal("1.50"), "most": 2**63 - 1, "least": -2**63, "tuple": (1,)}})
    assert shop.get_product_details("odd")["extra"] == {
        "when": "2020-02-29T10:30:00.000005Z", "day": "2020-02-29", "path": "a/b",
        "weight": "1.50", "most": 2**63 - 1, "least": -2**63, "tuple": [1]}


def test_whatever_a_text_holds_comes_back(shop):
    name = "Tasse \u00e4 \U0001f600 \"\\ \\u0000 \x7f \u2028"
    shop.put_product("odd", product={"name": name, "price": 1, "attributes": {"note": name}})
    details = shop.get_product_details("odd")
    assert details["name"] == name and details["attributes"]["note"] == name


# ---- configuration ----

def test_the_example_configuration_opens_a_shop(folder):
    example = ROOT / "config" / "ecommerce_config.yaml.example"
    config = yaml.safe_load(example.read_text(encoding="utf-8"))
    for given in (config, example, str(example)):
        with EcommerceSystem(given, folder=folder) as shop:
            assert shop.health()["status"] == "up"


def test_a_dict_configures(tmp_path):
    config = {"shop": {"currency": "CHF"}, "orders": {"deadline": "5 s", "max_lines": 1},
              "stores": {"embedded": {"folder": str(tmp_path / "by-config")}}}
    with EcommerceSystem(config) as shop:
        assert shop.health()["currency"] == "CHF"
        with pytest.raises(errors.LimitExceeded):
            shop.process_order(items=[{"product_id": "a", "quantity": 1}] * 2)
    assert (tmp_path / "by-config").is_dir()


def test_overrides_go_before_the_configuration(tmp_path):
    config = {"shop": {"currency": "GBP"}}
    for overrides in ({"shop.currency": "JPY"}, ["shop.currency=JPY"]):
        with EcommerceSystem(config, folder=tmp_path / "a", overrides=overrides) as shop:
            assert shop.health()["currency"] == "JPY"


@pytest.mark.parametrize("config, field", [
    ({"orders": {"deadlin": "5 s"}}, "orders.deadlin"),
    ({"orders": {"deadline": "5 apples"}}, "orders.deadline"),
    ({"orders": {"deadline": float("nan")}}, "orders.deadline"),
    ({"orders": {"max_lines": 2**70}}, "orders.max_lines"),
    ({"orders.deadline": "5 s"}, "orders.deadline"),
    ({"shop": {"name": "a\0b"}}, "shop.name"),
    ({"shop": {"currency": "XYZ"}}, "shop.currency"),
    ({1: 2}, ""),
])
def test_a_wrong_setting_is_named(folder, config, field):
    with pytest.raises(errors.InvalidConfiguration) as caught:
        EcommerceSystem(config, folder=folder)
    assert caught.value.field == field
    assert isinstance(caught.value, errors.Fatal) and isinstance(caught.value, ValueError)


def test_an_unknown_setting_gets_a_suggestion(folder):
    with pytest.raises(errors.InvalidConfiguration, match="did you mean 'orders.deadline'"):
        EcommerceSystem({"orders": {"deadlin": "5 s"}}, folder=folder)


def test_a_configuration_that_cannot_be_one_is_refused(folder, tmp_path):
    for wrong in (5, [], b"x", True):
        with pytest.raises(TypeError):
            EcommerceSystem(wrong)
    with pytest.raises(TypeError):
        EcommerceSystem(folder=folder, overrides="shop.currency=EUR")
    for overrides in (["shop.currency"], {"shop.currency": "a\0"}, {"shop.name": "\ud800"}):
        with pytest.raises(errors.InvalidConfiguration):
            EcommerceSystem(folder=folder, overrides=overrides)
    with pytest.raises(errors.InvalidConfiguration):
        EcommerceSystem(tmp_path / "missing.yaml")
    with pytest.raises(errors.InvalidConfiguration):
        EcommerceSystem(folder="a\0b")


# ---- life ----

def test_a_shop_closes_with_its_block(folder):
    with EcommerceSystem(folder=folder) as shop:
        assert not shop.closed and "open" in repr(shop)
    assert shop.closed and "closed" in repr(shop)
    shop.close()
    with pytest.raises(ValueError, match="closed"):
        shop.health()


def test_a_block_that_fails_closes_too(folder):
    with pytest.raises(KeyError):
        with EcommerceSystem(folder=folder) as shop:
            raise KeyError
    assert shop.closed


def test_a_forgotten_shop_is_closed_with_a_warning(folder):
    shop = EcommerceSystem(folder=folder)
    handle = shop._handle
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del shop
        gc.collect()
    assert [one.category for one in caught] == [ResourceWarning]
    assert handle.closed


def test_a_shop_left_open_is_closed_at_exit(folder):
    script = ("import sys; from ecommerce_system import EcommerceSystem\n"
              "shop = EcommerceSystem(folder=sys.argv[1])\n"
              "shop.put_product('mug', product={'name': 'Mug', 'price': 1})\n")
    run = run_python("-c", script, folder)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    with EcommerceSystem(folder=folder) as shop:
        assert shop.get_product_details("mug")["name"] == "Mug"


def test_a_child_process_must_open_its_own(folder):
    script = """
import os, sys
from ecommerce_system import EcommerceSystem
with EcommerceSystem(folder=sys.argv[1]) as shop:
    child = os.fork()
    if child == 0:
        try:
            shop.health()
        except RuntimeError:
            shop.close()
            os._exit(7)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert shop.health()["status"] == "up"
sys.exit(os.WEXITSTATUS(status))
"""
    run = run_python("-W", "ignore", "-c", script, folder)
    assert run.returncode == 7, run.stderr


def test_closing_waits_for_running_calls(shop):
    outcomes = []

    def buy():
        try:
            while True:
                shop.process_order(items=[{"product_id": "mug", "quantity": 1}])
        except errors.OutOfStock:
            outcomes.append("sold out")
        except ValueError:
            outcomes.append("closed")

    shop.stock_receive("mug", 100000)
    threads = [threading.Thread(target=buy) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    shop.close()
    for thread in threads:
        thread.join(30)
    assert outcomes == ["closed"] * 4


def test_a_log_handler_may_close_the_shop_during_a_call(folder):
    shop = EcommerceSystem(folder=folder)
    handle = shop._handle
    handle.enter()
    shop.close()
    assert shop.closed and handle._system is not None
    handle.leave()
    assert handle._system is None


def test_the_log_goes_to_logging(folder, caplog):
    with caplog.at_level(logging.INFO, "ecommerce"):
        with EcommerceSystem(folder=folder):
            pass
    records = [one for one in caplog.records if one.name == "ecommerce"]
    assert records and all(one.levelno == logging.INFO for one in records)
    assert all(one.getMessage().startswith(one.component + ": ") for one in records)


# ---- threads and processes ----

def test_one_unit_is_sold_once_to_many_threads(shop):
    shop.put_product("last", product={"name": "Last", "price": 1})
    shop.stock_receive("last", 1)
    start = threading.Barrier(8)
    outcomes = []

    def buy():
        start.wait()
        try:
            shop.process_order(items=[{"product_id": "last", "quantity": 1}])
            outcomes.append("sold")
        except errors.OutOfStock:
            outcomes.append("out")

    threads = [threading.Thread(target=buy) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["out"] * 7 + ["sold"]
    assert available(shop, "last") == 0


def test_one_key_from_many_threads_is_one_order(shop):
    start = threading.Barrier(6)
    orders = []

    def buy():
        start.wait()
        for _ in range(200):
            try:
                orders.append(shop.process_order(
                    customer_id="customer_456", key="once",
                    items=[{"product_id": "mug", "quantity": 1}])["order_id"])
                return
            except errors.Retryable as error:
                time.sleep(error.retry_after or 0.01)

    threads = [threading.Thread(target=buy) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(orders) == 6 and len(set(orders)) == 1
    assert available(shop, "mug") == 9


BUYER = """
import sys
from ecommerce_system import EcommerceSystem, OutOfStock
sold = 0
with EcommerceSystem(folder=sys.argv[1]) as shop:
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        for _ in range(100):
            shop.process_order(items=[{"product_id": "mug", "quantity": 1}])
            sold += 1
    except OutOfStock:
        pass
print(sold)
"""


def test_two_processes_sell_from_one_stock(shop, folder):
    shop.stock_receive("mug", 20)
    buyers = [subprocess.Popen([sys.executable, "-c", BUYER, str(folder)], text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(2)]
    for buyer in buyers:
        assert buyer.stdout.readline() == "ready\n"
    for buyer in buyers:
        buyer.stdin.write("go\n")
        buyer.stdin.flush()
    sold = [int(buyer.communicate(timeout=120)[0]) for buyer in buyers]
    assert sum(sold) == 30
    assert available(shop, "mug") == 0


def test_other_threads_run_during_a_call(shop):
    """With so long an interval a thread gives way only where it releases Python's lock itself."""
    steps = [0]
    done = threading.Event()

    def step():
        while not done.is_set():
            steps[0] += 1
            time.sleep(0)

    def compute():
        until = time.perf_counter() + 0.02
        while time.perf_counter() < until:
            pass

    def steps_during(call):
        before = steps[0]
        call()
        return steps[0] - before

    interval = sys.getswitchinterval()
    thread = threading.Thread(target=step)
    give_up = time.monotonic() + 60
    during_calls = 0
    sys.setswitchinterval(1000)
    try:
        thread.start()
        during_python = [steps_during(compute) for _ in range(3)]
        while during_calls == 0 and time.monotonic() < give_up:
            during_calls = steps_during(lambda: shop.stock_receive("mug", 1))
    finally:
        done.set()
        sys.setswitchinterval(interval)
        thread.join()
    assert during_python == [0, 0, 0]
    assert during_calls > 0


# ---- what is generated, typed and documented ----

def load_generator():
    spec = importlib.util.spec_from_file_location("generate", PYTHON / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_generated_is_up_to_date():
    generate = load_generator()
    package = PYTHON / "ecommerce_system"
    advice = "run interfaces/python/generate.py build/libecommerce.so"
    operations = generate.render_operations(ecommerce_system.operations())
    assert (package / "_operations.py").read_text(encoding="utf-8") == operations, advice
    assert (package / "errors.py").read_text(encoding="utf-8") == generate.render_errors(), advice


@pytest.mark.parametrize("operation", ecommerce_system.operations(), ids=lambda row: row["name"])
def test_each_operation_is_a_method_with_its_arguments(operation):
    method = getattr(EcommerceSystem, operation["name"])
    parameters = list(inspect.signature(method).parameters.values())[1:]
    names = {one["name"] + "_" * keyword.iskeyword(one["name"]): one["required"]
             for one in operation["arguments"]}
    assert {one.name: one.default is inspect.Parameter.empty for one in parameters} == names
    assert typing.get_type_hints(method)["return"] is ecommerce_system.Answer
    assert operation["summary"] in " ".join(method.__doc__.split())


def test_methods_pass_their_arguments_on(shop, monkeypatch):
    """Each method once, with a mark for each argument."""
    for operation in ecommerce_system.operations():
        passed = {}
        monkeypatch.setattr(EcommerceSystem, "call", lambda self, name, arguments=None:
                            passed.update(name=name, arguments=arguments or {}))
        marks = {one["name"]: object() for one in operation["arguments"]}
        getattr(shop, operation["name"])(
            **{name + "_" * keyword.iskeyword(name): mark for name, mark in marks.items()})
        assert passed == {"name": operation["name"], "arguments": marks}


USER = """
from decimal import Decimal
from ecommerce_system import EcommerceSystem, Item, OutOfStock

def buy(shop: EcommerceSystem, items: list[Item]) -> str:
    try:
        order = shop.process_order(customer_id="ann", items=items)
        shop.process_order(items=[{"product_id": "mug", "quantity": 1, "price": Decimal("7.50")}])
        number: str = order["number"]
        return number
    except OutOfStock as error:
        return error.subject
"""
MISUSER = """
from ecommerce_system import EcommerceSystem

def buy(shop: EcommerceSystem) -> None:
    shop.process_order(customer_id=5, items=[{"product_id": "mug", "quantity": "1"}])
"""


def test_types_are_strict(tmp_path):
    pytest.importorskip("mypy")
    (tmp_path / "user.py").write_text(USER)
    (tmp_path / "misuser.py").write_text(MISUSER)
    options = ["-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", tmp_path / "cache"]
    package = run_python(*options, PYTHON / "ecommerce_system", PYTHON / "generate.py", cwd=ROOT)
    assert (package.returncode, package.stdout) == (0, "")
    used = run_python(*options, "user.py", "misuser.py", cwd=tmp_path)
    found = re.findall(r"^(\w+)\.py:5: error: .*\[([\w-]+)\]$", used.stdout, re.M)
    assert found == [("misuser", "arg-type"), ("misuser", "typeddict-item")], used.stdout


def test_the_examples_of_the_documentation_run(tmp_path, monkeypatch):
    text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)
    assert len(examples) >= 5
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ecommerce_config.yaml").write_text("stores:\n  embedded:\n    folder: shop-data\n")
    names: dict = {"__name__": "example"}
    for number, example in enumerate(examples, 1):
        exec(compile(example, f"docs/python.md, example {number}", "exec"), names)
    if "shop" in names:
        names["shop"].close()


def test_answers_are_plain_json(shop):
    answer = shop.get_product_details("mug")
    assert json.loads(json.dumps(answer)) == answer
    assert shop.call("get_product_details", {"product_id": "mug", "limit": None}) == answer
