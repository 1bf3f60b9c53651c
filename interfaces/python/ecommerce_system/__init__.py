"""An e-commerce engine over four kinds of database, inside of your process.

    from ecommerce_system import EcommerceSystem

    with EcommerceSystem(folder="shop-data") as shop:
        shop.put_product("mug", product={"name": "Mug", "price": "7.50"})
        shop.stock_receive("mug", 10)
        order = shop.process_order(
            customer_id=None, items=[{"product_id": "mug", "quantity": 2, "price": 7.50}])

Without a configuration everything is in a folder of SQLite files. See docs/python.md.
"""
from . import errors
from ._engine_calls import operations, version
from ._error import EcommerceError
from ._system import EcommerceSystem
from ._values import Answer, Item, Line, Money, Time
from .errors import *  # noqa: F403

__version__ = version()

__all__ = [
    "Answer", "EcommerceError", "EcommerceSystem", "Item", "Line", "Money", "Time",
    "errors", "operations", "version",
]
__all__ += errors.__all__
