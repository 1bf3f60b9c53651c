"""The engine's operations as methods. Written by interfaces/python/generate.py; do not edit."""
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Optional

from ._values import Answer, Item, Line, Money, Time


class Operations(ABC):
    """One method for each operation of the engine, with its named arguments."""

    @abstractmethod
    def call(
        self, operation: str, arguments: Optional[Mapping[str, Any]] = None, /
    ) -> Answer:
        """Runs an operation by its name. Arguments that are None count as not given."""

    def process_order(
        self,
        *,
        customer_id: Optional[str] = None,
        items: Sequence[Item],
        key: Optional[str] = None,
        scope: Optional[str] = None,
        contact: Optional[Mapping[str, Any]] = None,
        country: Optional[str] = None,
        delivery_method: Optional[str] = None,
        delivery_cost: Optional[Money] = None,
    ) -> Answer:
        """Place an order: check prices and stock, take the goods, record it.

        customer_id: Who orders; absent: a guest.
        items: What is ordered; a price is what the customer expects to pay for one.
        key: Idempotency key: repeated, it gives the same order again.
        scope: Whose key it is, for guests: cart:ID, session:ID, api:ID.
        contact: E-mail, shipping and billing address; erasable.
        country: Where it goes; absent: from the shipping address.
        delivery_method: How it is sent, in the shop's words.
        delivery_cost: Added to the total.
        """
        return self.call(
            "process_order",
            {
                "customer_id": customer_id,
                "items": items,
                "key": key,
                "scope": scope,
                "contact": contact,
                "country": country,
                "delivery_method": delivery_method,
                "delivery_cost": delivery_cost,
            },
        )

    def get_order(self, order_id: str) -> Answer:
        """Show an order with its history, payments and what is due back.

        order_id: Id of the order.
        """
        return self.call("get_order", {"order_id": order_id})

    def list_orders(
        self,
        *,
        customer_id: Optional[str] = None,
        status: Optional[str] = None,
        number: Optional[str] = None,
        email: Optional[str] = None,
        from_: Optional[Time] = None,
        to: Optional[Time] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
    ) -> Answer:
        """List orders, newest first.

        customer_id: Of this customer.
        status: Placed, paid, shipped, delivered, cancelled or returned.
        number: With this order number.
        email: With this e-mail address.
        from_: Placed at this time or later.
        to: Placed before this time.
        limit: Orders in one answer.
        cursor: Where the answer before ended.
        """
        return self.call(
            "list_orders",
            {
                "customer_id": customer_id,
                "status": status,
                "number": number,
                "email": email,
                "from": from_,
                "to": to,
                "limit": limit,
                "cursor": cursor,
            },
        )

    def change_order(
        self,
        order_id: str,
        kind: str,
        *,
        reference: Optional[str] = None,
        reason: Optional[str] = None,
        refund: Optional[Money] = None,
        key: Optional[str] = None,
    ) -> Answer:
        """Record what happened to an order.

        order_id: Id of the order.
        kind: Paid, shipped, delivered, cancelled, returned or refunded.
        reference: Of the payment, the parcel or the refund.
        reason: Why, for the order's history.
        refund: Refunded: how much; absent: all that is due.
        key: Idempotency key: repeated, it changes nothing more.
        """
        return self.call(
            "change_order",
            {
                "order_id": order_id,
                "kind": kind,
                "reference": reference,
                "reason": reason,
                "refund": refund,
                "key": key,
            },
        )

    def pay_order(
        self,
        order_id: str,
        *,
        reference: Optional[str] = None,
        reason: Optional[str] = None,
        key: Optional[str] = None,
    ) -> Answer:
        """Record that an order was paid.

        order_id: Id of the order.
        reference: Of the payment.
        reason: Why, for the order's history.
        key: Idempotency key: repeated, it changes nothing more.
        """
        return self.call(
            "pay_order",
            {
                "order_id": order_id,
                "reference": reference,
                "reason": reason,
                "key": key,
            },
        )

    def ship_order(
        self,
        order_id: str,
        *,
        reference: Optional[str] = None,
        reason: Optional[str] = None,
        key: Optional[str] = None,
    ) -> Answer:
        """Record that an order was sent.

        order_id: Id of the order.
        reference: Of the parcel.
        reason: Why, for the order's history.
        key: Idempotency key: repeated, it changes nothing more.
        """
        return self.call(
            "ship_order",
            {
                "order_id": order_id,
                "reference": reference,
                "reason": reason,
                "key": key,
            },
        )

    def deliver_order(
        self,
        order_id: str,
        *,
        reference: Optional[str] = None,
        reason: Optional[str] = None,
        key: Optional[str] = None,
    ) -> Answer:
        """Record that an order arrived.

        order_id: Id of the order.
        reference: Of the delivery.
        reason: Why, for the order's history.
        key: Idempotency key: repeated, it changes nothing more.
        """
        return self.call(
            "deliver_order",
            {
                "order_id": order_id,
                "reference": reference,
                "reason": reason,
                "key": key,
            },
        )

    def cancel_order(
        self,
        order_id: str,
        *,
        reference: Optional[str] = None,
        reason: Optional[str] = None,
        key: Optional[str] = None,
    ) -> Answer:
        """Cancel an order that was not sent: goods back into stock, payments due back.

        order_id: Id of the order.
        reference: Of the cancellation.
        reason: Why, for the order's history.
        key: Idempotency key: repeated, it changes nothing more.
        """
        return self.call(
            "cancel_order",
            {
                "order_id": order_id,
                "reference": reference,
                "reason": reason,
                "key": key,
            },
        )

    def refund_order(
        self,
        order_id: str,
        *,
        refund: Optional[Money] = None,
        reference: Optional[str] = None,
        reason: Optional[str] = None,
        key: Optional[str] = None,
    ) -> Answer:
        """Record that money which was due went back to the customer.

        order_id: Id of the order.
        refund: How much; absent: all that is due.
        reference: Of the refund.
        reason: Why, for the order's history.
        key: Idempotency key: repeated, it changes nothing more.
        """
        return self.call(
            "refund_order",
            {
                "order_id": order_id,
                "refund": refund,
                "reference": reference,
                "reason": reason,
                "key": key,
            },
        )

    def return_order(
        self,
        order_id: str,
        *,
        items: Optional[Sequence[Line]] = None,
        no_restock: Optional[bool] = None,
        reference: Optional[str] = None,
        reason: Optional[str] = None,
        key: Optional[str] = None,
    ) -> Answer:
        """Take goods of an order back, all that is left or some lines.

        order_id: Id of the order.
        items: What comes back; absent: all that is left.
        no_restock: The goods do not go back into stock.
        reference: Of the return.
        reason: Why, for the order's history.
        key: Idempotency key: repeated, it changes nothing more.
        """
        return self.call(
            "return_order",
            {
                "order_id": order_id,
                "items": items,
                "no_restock": no_restock,
                "reference": reference,
                "reason": reason,
                "key": key,
            },
        )

    def return_unlinked(
        self,
        item_id: str,
        quantity: int,
        *,
        refund: Optional[Money] = None,
        customer_id: Optional[str] = None,
        country: Optional[str] = None,
        key: str,
        no_restock: Optional[bool] = None,
        at: Optional[Time] = None,
    ) -> Answer:
        """Take goods back whose order the shop does not know.

        item_id: Id of the product or variant.
        quantity: How many came back.
        refund: What was paid back for all of it.
        customer_id: Who brought it back.
        country: Where it came from.
        key: Idempotency key: names this return for good.
        no_restock: The goods do not go back into stock.
        at: When; absent: now.
        """
        return self.call(
            "return_unlinked",
            {
                "item_id": item_id,
                "quantity": quantity,
                "refund": refund,
                "customer_id": customer_id,
                "country": country,
                "key": key,
                "no_restock": no_restock,
                "at": at,
            },
        )

    def get_product_details(
        self,
        product_id: str,
        *,
        with_recommendations: Optional[bool] = None,
        limit: Optional[int] = None,
    ) -> Answer:
        """Show a product with price, availability and, on request, recommendations.

        product_id: Id of the product.
        with_recommendations: Also what is bought together with it, and what is similar.
        limit: Recommendations of each kind.
        """
        return self.call(
            "get_product_details",
            {
                "product_id": product_id,
                "with_recommendations": with_recommendations,
                "limit": limit,
            },
        )

    def put_product(
        self,
        product_id: str,
        product: Mapping[str, Any],
        *,
        expected_version: Optional[int] = None,
        must_be_new: Optional[bool] = None,
    ) -> Answer:
        """Create a product or replace it as a whole.

        product_id: Id of the product.
        product: Name, price, description, categories, attributes, variants, and fields of the
            shop's own.
        expected_version: Only if it still has the version that was read.
        must_be_new: Refuse when the product exists.
        """
        return self.call(
            "put_product",
            {
                "product_id": product_id,
                "product": product,
                "expected_version": expected_version,
                "must_be_new": must_be_new,
            },
        )

    def patch_product(
        self,
        product_id: str,
        patch: Mapping[str, Any],
        *,
        expected_version: Optional[int] = None,
    ) -> Answer:
        """Change some fields of a product (RFC 7396: null removes a field).

        product_id: Id of the product.
        patch: The fields that change.
        expected_version: Only if it still has the version that was read.
        """
        return self.call(
            "patch_product",
            {
                "product_id": product_id,
                "patch": patch,
                "expected_version": expected_version,
            },
        )

    def retire_product(self, product_id: str, *, expected_version: Optional[int] = None) -> Answer:
        """Sell a product no longer; orders that have it keep it.

        product_id: Id of the product.
        expected_version: Only if it still has the version that was read.
        """
        return self.call(
            "retire_product",
            {
                "product_id": product_id,
                "expected_version": expected_version,
            },
        )

    def search_products(
        self,
        *,
        words: Optional[str] = None,
        category: Optional[str] = None,
        price_from: Optional[Money] = None,
        price_to: Optional[Money] = None,
        attributes: Optional[Sequence[str]] = None,
        in_stock: Optional[bool] = None,
        with_retired: Optional[bool] = None,
        with_facets: Optional[bool] = None,
        sort: Optional[str] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
    ) -> Answer:
        """Search products by words, category, price and attributes.

        words: All must match; the last may be the beginning of a word.
        category: In this category or any below it.
        price_from: At this price or above.
        price_to: At this price or below.
        attributes: Name=value; all must hold.
        in_stock: Only what can be bought now.
        with_retired: Also products that are sold no longer.
        with_facets: Also how many there are by category, attribute and price.
        sort: Relevance, price, price_descending, name or newest.
        limit: Products in one answer.
        cursor: Where the answer before ended.
        """
        return self.call(
            "search_products",
            {
                "words": words,
                "category": category,
                "price_from": price_from,
                "price_to": price_to,
                "attributes": attributes,
                "in_stock": in_stock,
                "with_retired": with_retired,
                "with_facets": with_facets,
                "sort": sort,
                "limit": limit,
                "cursor": cursor,
            },
        )

    def put_category(self, category_id: str, category: Mapping[str, Any]) -> Answer:
        """Create a category or replace it.

        category_id: Id of the category.
        category: Name and parent.
        """
        return self.call("put_category", {"category_id": category_id, "category": category})

    def list_categories(self) -> Answer:
        """Show the tree of categories."""
        return self.call("list_categories")

    def retire_category(self, category_id: str) -> Answer:
        """Take a category out of the tree.

        category_id: Id of the category.
        """
        return self.call("retire_category", {"category_id": category_id})

    def stock_receive(
        self,
        item_id: str,
        quantity: int,
        *,
        reason: Optional[str] = None,
        movement_id: Optional[str] = None,
        key: Optional[str] = None,
        at: Optional[Time] = None,
    ) -> Answer:
        """Take goods into stock.

        item_id: Id of the product or variant, or its sku.
        quantity: How many came.
        reason: Where from, for the history.
        movement_id: The delivery note's id; the same again changes nothing.
        key: Idempotency key: repeated, it changes nothing more.
        at: When it happened; absent: now.
        """
        return self.call(
            "stock_receive",
            {
                "item_id": item_id,
                "quantity": quantity,
                "reason": reason,
                "movement_id": movement_id,
                "key": key,
                "at": at,
            },
        )

    def stock_adjust(
        self,
        item_id: str,
        quantity: int,
        *,
        reason: Optional[str] = None,
        movement_id: Optional[str] = None,
        key: Optional[str] = None,
        at: Optional[Time] = None,
    ) -> Answer:
        """Correct a stock level after a count, loss or find.

        item_id: Id of the product or variant, or its sku.
        quantity: How many more (5) or fewer (-5) there are.
        reason: Why, for the history.
        movement_id: The delivery note's id; the same again changes nothing.
        key: Idempotency key: repeated, it changes nothing more.
        at: When it happened; absent: now.
        """
        return self.call(
            "stock_adjust",
            {
                "item_id": item_id,
                "quantity": quantity,
                "reason": reason,
                "movement_id": movement_id,
                "key": key,
                "at": at,
            },
        )

    def stock_show(self, item_id: str) -> Answer:
        """Show what is available and what is held for orders being placed.

        item_id: Id of the product or variant, or its sku.
        """
        return self.call("stock_show", {"item_id": item_id})

    def stock_low(self, *, limit: Optional[int] = None, cursor: Optional[str] = None) -> Answer:
        """List what is at or below its threshold.

        limit: Items in one answer.
        cursor: Where the answer before ended.
        """
        return self.call("stock_low", {"limit": limit, "cursor": cursor})

    def stock_history(
        self,
        item_id: str,
        *,
        from_: Optional[Time] = None,
        to: Optional[Time] = None,
    ) -> Answer:
        """Show the movements of a stock level.

        item_id: Id of the product or variant, or its sku.
        from_: At this time or later.
        to: Before this time.
        """
        return self.call("stock_history", {"item_id": item_id, "from": from_, "to": to})

    def stock_as_of(self, item_id: str, at: Time) -> Answer:
        """Show a stock level as it was at a time.

        item_id: Id of the product or variant, or its sku.
        at: When.
        """
        return self.call("stock_as_of", {"item_id": item_id, "at": at})

    def put_customer(
        self,
        customer_id: str,
        *,
        customer: Optional[Mapping[str, Any]] = None,
        expected_version: Optional[int] = None,
        must_be_new: Optional[bool] = None,
    ) -> Answer:
        """Create a customer or replace the profile as a whole.

        customer_id: Id of the customer.
        customer: Name, email, phone, country, addresses, and fields of the shop's own; none: an
            empty profile, unless there is one.
        expected_version: Only if it still has the version that was read.
        must_be_new: Refuse when the customer exists.
        """
        return self.call(
            "put_customer",
            {
                "customer_id": customer_id,
                "customer": customer,
                "expected_version": expected_version,
                "must_be_new": must_be_new,
            },
        )

    def patch_customer(
        self,
        customer_id: str,
        patch: Mapping[str, Any],
        *,
        expected_version: Optional[int] = None,
    ) -> Answer:
        """Change some fields of a customer (RFC 7396: null removes a field).

        customer_id: Id of the customer.
        patch: The fields that change.
        expected_version: Only if it still has the version that was read.
        """
        return self.call(
            "patch_customer",
            {
                "customer_id": customer_id,
                "patch": patch,
                "expected_version": expected_version,
            },
        )

    def get_customer(self, customer_id: str) -> Answer:
        """Show a customer's profile.

        customer_id: Id of the customer.
        """
        return self.call("get_customer", {"customer_id": customer_id})

    def find_customer(self, email: str) -> Answer:
        """Find the customer who has an e-mail address.

        email: The address, however it is written.
        """
        return self.call("find_customer", {"email": email})

    def erase_customer(self, customer_id: str) -> Answer:
        """Take a customer's personal data out of all stores; orders stay, without a name.

        customer_id: Id of the customer.
        """
        return self.call("erase_customer", {"customer_id": customer_id})

    def export_customer(self, customer_id: str) -> Answer:
        """Give all that is known of a customer in one document.

        customer_id: Id of the customer.
        """
        return self.call("export_customer", {"customer_id": customer_id})

    def cart_show(self, cart_id: str, *, customer_id: Optional[str] = None) -> Answer:
        """Show a cart at today's prices.

        cart_id: Id of the cart.
        customer_id: Whose cart it is: another's is not found; absent: whoever it belongs to.
        """
        return self.call("cart_show", {"cart_id": cart_id, "customer_id": customer_id})

    def cart_add(
        self,
        cart_id: str,
        item_id: str,
        *,
        quantity: Optional[int] = None,
        customer_id: Optional[str] = None,
        expected_version: Optional[int] = None,
    ) -> Answer:
        """Add to a cart.

        cart_id: Id of the cart.
        item_id: Id of the product or variant.
        quantity: How many; absent: one.
        customer_id: Whose cart it is: another's is not found; absent: whoever it belongs to.
        expected_version: Only if it still has the version that was read.
        """
        return self.call(
            "cart_add",
            {
                "cart_id": cart_id,
                "item_id": item_id,
                "quantity": quantity,
                "customer_id": customer_id,
                "expected_version": expected_version,
            },
        )

    def cart_set(
        self,
        cart_id: str,
        item_id: str,
        quantity: int,
        *,
        customer_id: Optional[str] = None,
        expected_version: Optional[int] = None,
    ) -> Answer:
        """Set the quantity of an item in a cart; 0 removes it.

        cart_id: Id of the cart.
        item_id: Id of the product or variant.
        quantity: How many there shall be.
        customer_id: Whose cart it is: another's is not found; absent: whoever it belongs to.
        expected_version: Only if it still has the version that was read.
        """
        return self.call(
            "cart_set",
            {
                "cart_id": cart_id,
                "item_id": item_id,
                "quantity": quantity,
                "customer_id": customer_id,
                "expected_version": expected_version,
            },
        )

    def cart_remove(
        self,
        cart_id: str,
        item_id: str,
        *,
        customer_id: Optional[str] = None,
        expected_version: Optional[int] = None,
    ) -> Answer:
        """Remove an item from a cart.

        cart_id: Id of the cart.
        item_id: Id of the product or variant.
        customer_id: Whose cart it is: another's is not found; absent: whoever it belongs to.
        expected_version: Only if it still has the version that was read.
        """
        return self.call(
            "cart_remove",
            {
                "cart_id": cart_id,
                "item_id": item_id,
                "customer_id": customer_id,
                "expected_version": expected_version,
            },
        )

    def cart_clear(
        self,
        cart_id: str,
        *,
        customer_id: Optional[str] = None,
        expected_version: Optional[int] = None,
    ) -> Answer:
        """Empty a cart.

        cart_id: Id of the cart.
        customer_id: Whose cart it is: another's is not found; absent: whoever it belongs to.
        expected_version: Only if it still has the version that was read.
        """
        return self.call(
            "cart_clear",
            {
                "cart_id": cart_id,
                "customer_id": customer_id,
                "expected_version": expected_version,
            },
        )

    def cart_merge(
        self,
        cart_id: str,
        guest_cart_id: str,
        customer_id: str,
        *,
        expected_version: Optional[int] = None,
    ) -> Answer:
        """Move a guest's cart into a customer's.

        cart_id: Id of the cart.
        guest_cart_id: The guest's cart, empty afterwards.
        customer_id: Whose cart it becomes.
        expected_version: Only if it still has the version that was read.
        """
        return self.call(
            "cart_merge",
            {
                "cart_id": cart_id,
                "guest_cart_id": guest_cart_id,
                "customer_id": customer_id,
                "expected_version": expected_version,
            },
        )

    def cart_checkout(
        self,
        cart_id: str,
        *,
        customer_id: Optional[str] = None,
        expected_version: Optional[int] = None,
        key: Optional[str] = None,
        contact: Optional[Mapping[str, Any]] = None,
        country: Optional[str] = None,
        delivery_method: Optional[str] = None,
        delivery_cost: Optional[Money] = None,
    ) -> Answer:
        """Order what is in a cart.

        cart_id: Id of the cart.
        customer_id: Whose cart it is: another's is not found; absent: whoever it belongs to.
        expected_version: Only if it still has the version that was read.
        key: Idempotency key: repeated, it gives the same order.
        contact: E-mail, shipping and billing address; erasable.
        country: Where it goes; absent: from the address.
        delivery_method: How it is sent, in the shop's words.
        delivery_cost: Added to the total.
        """
        return self.call(
            "cart_checkout",
            {
                "cart_id": cart_id,
                "customer_id": customer_id,
                "expected_version": expected_version,
                "key": key,
                "contact": contact,
                "country": country,
                "delivery_method": delivery_method,
                "delivery_cost": delivery_cost,
            },
        )

    def session_begin(
        self,
        *,
        customer_id: Optional[str] = None,
        data: Optional[Mapping[str, Any]] = None,
    ) -> Answer:
        """Begin a session; its token is shown this once.

        customer_id: Whose it is; absent: a guest's.
        data: What to remember in it.
        """
        return self.call("session_begin", {"customer_id": customer_id, "data": data})

    def session_show(self, token: str) -> Answer:
        """Show a session without using it.

        token: What session_begin gave.
        """
        return self.call("session_show", {"token": token})

    def session_touch(self, token: str) -> Answer:
        """Use a session, so that it goes on.

        token: What session_begin gave.
        """
        return self.call("session_touch", {"token": token})

    def session_set_data(
        self,
        token: str,
        data: Mapping[str, Any],
        *,
        merge: Optional[bool] = None,
    ) -> Answer:
        """Replace what a session remembers, or change it by a merge patch.

        token: What session_begin gave.
        data: What to remember.
        merge: Only the fields given change; null removes one.
        """
        return self.call("session_set_data", {"token": token, "data": data, "merge": merge})

    def session_end(self, token: str) -> Answer:
        """End a session.

        token: What session_begin gave.
        """
        return self.call("session_end", {"token": token})

    def session_end_all(self, customer_id: str) -> Answer:
        """End all sessions of a customer.

        customer_id: Id of the customer.
        """
        return self.call("session_end_all", {"customer_id": customer_id})

    def register(
        self,
        email: str,
        password: str,
        *,
        profile: Optional[Mapping[str, Any]] = None,
    ) -> Answer:
        """Make a customer with a log-in.

        email: The address, however it is written.
        password: At least eight characters.
        profile: Further fields of the customer.
        """
        return self.call("register", {"email": email, "password": password, "profile": profile})

    def verify_email(self, token: str) -> Answer:
        """Take the token that was mailed as proof of the address.

        token: What was mailed.
        """
        return self.call("verify_email", {"token": token})

    def log_in(self, email: str, password: str) -> Answer:
        """Begin a session of the customer who has this e-mail address and password.

        email: The address, however it is written.
        password: At least eight characters.
        """
        return self.call("log_in", {"email": email, "password": password})

    def log_out(self, token: str) -> Answer:
        """End a session.

        token: Of the session.
        """
        return self.call("log_out", {"token": token})

    def log_out_everywhere(self, token: str) -> Answer:
        """End all sessions of the one whose session this is.

        token: Of the session.
        """
        return self.call("log_out_everywhere", {"token": token})

    def request_password_reset(self, email: str) -> Answer:
        """Make a token that lets a forgotten password be set, to be mailed.

        email: The address, however it is written.
        """
        return self.call("request_password_reset", {"email": email})

    def reset_password(self, token: str, password: str) -> Answer:
        """Set a password by the token that was mailed, and end all sessions.

        token: What was mailed.
        password: At least eight characters.
        """
        return self.call("reset_password", {"token": token, "password": password})

    def staff_put(
        self,
        staff_id: str,
        *,
        name: Optional[str] = None,
        role: Optional[str] = None,
        password: Optional[str] = None,
    ) -> Answer:
        """Create or change a staff account.

        staff_id: Id of the account.
        name: Who it is.
        role: Staff or admin.
        password: Absent: it stays as it is.
        """
        return self.call(
            "staff_put",
            {
                "staff_id": staff_id,
                "name": name,
                "role": role,
                "password": password,
            },
        )

    def staff_disable(self, staff_id: str) -> Answer:
        """Close a staff account and end its sessions.

        staff_id: Id of the account.
        """
        return self.call("staff_disable", {"staff_id": staff_id})

    def staff_list(self) -> Answer:
        """List the staff accounts."""
        return self.call("staff_list")

    def staff_log_in(self, staff_id: str, password: str) -> Answer:
        """Begin a session of a staff account.

        staff_id: Id of the account.
        password: At least eight characters.
        """
        return self.call("staff_log_in", {"staff_id": staff_id, "password": password})

    def api_key_create(
        self,
        name: str,
        role: str,
        *,
        scopes: Optional[Sequence[str]] = None,
    ) -> Answer:
        """Make an API key; it is shown this once.

        name: What it is for.
        role: Customer, staff or admin.
        scopes: What it may; none: all that the role may.
        """
        return self.call("api_key_create", {"name": name, "role": role, "scopes": scopes})

    def api_key_list(self) -> Answer:
        """List the API keys, without the keys themselves."""
        return self.call("api_key_list")

    def api_key_revoke(self, key_id: str) -> Answer:
        """Make an API key worthless.

        key_id: Id of the key, not the key.
        """
        return self.call("api_key_revoke", {"key_id": key_id})

    def get_customer_insights(self, customer_id: str, *, as_of: Optional[Time] = None) -> Answer:
        """Say what a customer bought, how often, and what may come next.

        customer_id: Id of the customer.
        as_of: Look at the shop as it was then.
        """
        return self.call("get_customer_insights", {"customer_id": customer_id, "as_of": as_of})

    def report(
        self,
        name: str,
        *,
        from_: Optional[Time] = None,
        to: Optional[Time] = None,
        as_of: Optional[Time] = None,
        by: Optional[str] = None,
        limit: Optional[int] = None,
        category: Optional[str] = None,
        country: Optional[str] = None,
        product_id: Optional[str] = None,
        with_services: Optional[bool] = None,
    ) -> Answer:
        """Report on sales, products, customers or stock.

        name: Sales, top-products, top-customers, categories, countries, stock-outs, slow-movers,
            repeat-rate or trending.
        from_: Beginning of the range, included.
        to: End of the range, left out.
        as_of: Look at the shop as it was then.
        by: Sales: hour, day, week, month or year.
        limit: Rows of a ranking at most.
        category: Only this category.
        country: Only this country.
        product_id: Only this product.
        with_services: Rank services, such as delivery, too.
        """
        return self.call(
            "report",
            {
                "name": name,
                "from": from_,
                "to": to,
                "as_of": as_of,
                "by": by,
                "limit": limit,
                "category": category,
                "country": country,
                "product_id": product_id,
                "with_services": with_services,
            },
        )

    def recommend(
        self,
        kind: str,
        *,
        id: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> Answer:
        """Recommend products that can be bought now.

        kind: Bought-together, similar, for-customer, buy-again or trending.
        id: The product, or the customer, it is about.
        limit: Recommendations at most.
        """
        return self.call("recommend", {"kind": kind, "id": id, "limit": limit})

    def record_event(
        self,
        kind: str,
        *,
        customer_id: Optional[str] = None,
        product_id: Optional[str] = None,
        session: Optional[str] = None,
        text: Optional[str] = None,
        at: Optional[Time] = None,
        key: Optional[str] = None,
    ) -> Answer:
        """Record that a customer viewed, searched or chose something.

        kind: Viewed, searched, added_to_cart, removed_from_cart or a name of your own.
        customer_id: Who; a guest without.
        product_id: Product or variant.
        session: Hash of the session's token.
        text: The words that were searched.
        at: When; default: now.
        key: Id of the event: the same one again is not counted.
        """
        return self.call(
            "record_event",
            {
                "kind": kind,
                "customer_id": customer_id,
                "product_id": product_id,
                "session": session,
                "text": text,
                "at": at,
                "key": key,
            },
        )

    def import_retail(self, path: str) -> Answer:
        """Fill the shop with the trade of an Online Retail file (CSV, plain or gzip).

        path: The file; its amounts are pounds, and so must the shop's be.
        """
        return self.call("import_retail", {"path": path})

    def import_products(self, path: str) -> Answer:
        """Put the products of a CSV file.

        path: Columns: product_id, name, price, description, categories, images (a;b), sku, tracked,
            retired, low_stock_threshold, attribute.NAME; of variants, a line each: variant_id,
            variant_sku, variant_name, variant_price, variant.NAME. Empty: stays as it is.
        """
        return self.call("import_products", {"path": path})

    def import_customers(self, path: str) -> Answer:
        """Put the customers of a CSV file.

        path: Columns: customer_id, name, email, phone, country. Empty: stays as it is.
        """
        return self.call("import_customers", {"path": path})

    def import_stock(self, path: str, *, key: Optional[str] = None) -> Answer:
        """Record the stock movements of a CSV file.

        path: Columns: product_id (or variant or sku), quantity (negative: a loss), reason,
            movement_id, at.
        key: Names the delivery: lines without a movement_id are taken once under it.
        """
        return self.call("import_stock", {"path": path, "key": key})

    def export_products(self, path: str) -> Answer:
        """Write all products to a CSV file that import products takes.

        path: The file to write; one that is there is replaced.
        """
        return self.call("export_products", {"path": path})

    def export_customers(self, path: str) -> Answer:
        """Write all customers to a CSV file that import customers takes.

        path: The file to write; one that is there is replaced.
        """
        return self.call("export_customers", {"path": path})

    def export_orders(self, path: str) -> Answer:
        """Write the lines of all orders to a CSV file.

        path: The file to write; one that is there is replaced.
        """
        return self.call("export_orders", {"path": path})

    def export_stock(self, path: str) -> Answer:
        """Write the stock levels to a CSV file.

        path: The file to write; one that is there is replaced.
        """
        return self.call("export_stock", {"path": path})

    def demo(
        self,
        *,
        seed: Optional[int] = None,
        products: Optional[int] = None,
        customers: Optional[int] = None,
        orders: Optional[int] = None,
        carts: Optional[int] = None,
        days: Optional[int] = None,
        now: Optional[Time] = None,
    ) -> Answer:
        """Fill the shop with an invented trade: products, customers, orders, behaviour.

        seed: Which one (1); the same seed again changes nothing, or does the rest.
        products: How many products (400).
        customers: How many customers (800).
        orders: How many orders (6000).
        carts: How many open carts at the end (12).
        days: Length of the history (548).
        now: End of the history; absent: now.
        """
        return self.call(
            "demo",
            {
                "seed": seed,
                "products": products,
                "customers": customers,
                "orders": orders,
                "carts": carts,
                "days": days,
                "now": now,
            },
        )

    def health(self) -> Answer:
        """Ask every store whether it answers, and what waits to be delivered."""
        return self.call("health")

    def metrics(self) -> Answer:
        """Show counters and latencies of this process."""
        return self.call("metrics")

    def errors(
        self,
        *,
        kind: Optional[str] = None,
        from_: Optional[Time] = None,
        to: Optional[Time] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
    ) -> Answer:
        """Show the error log, newest first.

        kind: Entries of this kind only.
        from_: At this time or later.
        to: Before this time.
        limit: Entries in one answer.
        cursor: Where the answer before ended.
        """
        return self.call(
            "errors",
            {
                "kind": kind,
                "from": from_,
                "to": to,
                "limit": limit,
                "cursor": cursor,
            },
        )

    def audit(
        self,
        *,
        kind: Optional[str] = None,
        from_: Optional[Time] = None,
        to: Optional[Time] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
    ) -> Answer:
        """Show the audit log, newest first: who repaired or erased what.

        kind: Entries of this kind only.
        from_: At this time or later.
        to: Before this time.
        limit: Entries in one answer.
        cursor: Where the answer before ended.
        """
        return self.call(
            "audit",
            {
                "kind": kind,
                "from": from_,
                "to": to,
                "limit": limit,
                "cursor": cursor,
            },
        )

    def check(
        self,
        *,
        repair: Optional[bool] = None,
        dry_run: Optional[bool] = None,
        limit: Optional[int] = None,
    ) -> Answer:
        """Compare the stores with the facts and each other, and mend on request.

        repair: Mend what can be mended.
        dry_run: With repair: only say what would be done.
        limit: Findings listed; all are counted.
        """
        return self.call("check", {"repair": repair, "dry_run": dry_run, "limit": limit})

    def rebuild(self, what: str) -> Answer:
        """Build a derived store again from the facts, while the shop sells.

        what: Analytics, graph or stock.
        """
        return self.call("rebuild", {"what": what})

    def flush(self) -> Answer:
        """Wait until all that is placed is in analytics and recommendations."""
        return self.call("flush")

    def parked_list(self, *, limit: Optional[int] = None) -> Answer:
        """List what could not be delivered and waits for an operator.

        limit: Entries in one answer.
        """
        return self.call("parked_list", {"limit": limit})

    def parked_replay(self, id: str) -> Answer:
        """Try to deliver a parked order, change or movement again.

        id: Id of the order, change or movement.
        """
        return self.call("parked_replay", {"id": id})

    def parked_drop(self, id: str, reason: str) -> Answer:
        """Give up delivering a parked order, change or movement.

        id: Id of the order, change or movement.
        reason: Why, for the audit log.
        """
        return self.call("parked_drop", {"id": id, "reason": reason})
