"""Northlight as HubSpot and Shopify export it."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from .northlight_world import GROUPS, draw
from .shapes import COMMA

NEW_YORK = ZoneInfo("America/New_York")
BLENDS = ("House Blend 12 oz", "Ethiopia Guji 12 oz", "Decaf 12 oz", "Espresso Roast 2 lb")
SHOPIFY_HEADINGS = [
    "Name",
    "Email",
    "Financial Status",
    "Paid at",
    "Fulfillment Status",
    "Fulfilled at",
    "Accepts Marketing",
    "Currency",
    "Subtotal",
    "Shipping",
    "Taxes",
    "Total",
    "Discount Code",
    "Discount Amount",
    "Shipping Method",
    "Created at",
    "Lineitem quantity",
    "Lineitem name",
    "Lineitem price",
    "Lineitem compare at price",
    "Lineitem sku",
    "Lineitem requires shipping",
    "Lineitem taxable",
    "Lineitem fulfillment status",
    *(
        f"{side} {part}"
        for side in ("Billing", "Shipping")
        for part in ("Name", "Street", "Address1", "Address2", "Company", "City", "Zip", "Province", "Country", "Phone")
    ),
    "Notes",
    "Note Attributes",
    "Cancelled at",
    "Payment Method",
    "Payment Reference",
    "Refunded Amount",
    "Vendor",
    "Outstanding Balance",
    "Employee",
    "Location",
    "Device ID",
    "Id",
    "Tags",
    "Risk Level",
    "Source",
    "Lineitem discount",
    *(f"Tax {n} {part}" for n in range(1, 6) for part in ("Name", "Value")),
    "Phone",
    "Receipt Number",
    "Duties",
    "Billing Province Name",
    "Shipping Province Name",
    "Payment ID",
    "Payment Terms Name",
    "Next Payment Due At",
    "Payment References",
]


def deal_stage(qualified: bool | None, won: bool | None, share_of_cycle: float) -> str:
    if qualified is None:
        return "Appointment Scheduled"
    if not qualified or won is False:
        return "Closed Lost"
    return "Closed Won" if won else "Contract Sent" if share_of_cycle > 0.6 else "Qualified To Buy"


def write_deals(leads: pd.DataFrame, path: Path) -> None:
    minute = lambda at: "" if pd.isna(at) else f"{at:%Y-%m-%d %H:%M}"  # noqa: E731
    rows = [
        [
            lead.lead_id,
            f"Office {lead.company}",
            deal_stage(lead.qualified, lead.won, lead.share_of_cycle),
            f"{lead.value:.2f}" if lead.qualified is True else "",
            minute(lead.created_at),
            minute(lead.closed_at),
            lead.owner,
            next(group.hubspot for group in GROUPS if group.channel == lead.channel),
            lead.campaign,
            minute(lead.decided_at) if lead.qualified is True else "",
            minute(lead.answered_at),
            lead.company,
        ]
        for lead in leads.itertuples()
    ]
    COMMA.write(
        path,
        [
            "Record ID",
            "Deal Name",
            "Deal Stage",
            "Amount",
            "Create Date",
            "Close Date",
            "Deal owner",
            "Original Traffic Source",
            "Original Traffic Source Drill-Down 1",
            'Date entered "Qualified To Buy (Sales Pipeline)"',
            "First response date",
            "Associated Company ID",
        ],
        rows,
    )


def _shop_time(at: datetime) -> str:
    return f"{at.replace(tzinfo=NEW_YORK):%Y-%m-%d %H:%M:%S %z}"


def write_orders(orders: pd.DataFrame, path: Path) -> None:
    """Newest first, as Shopify does; every tenth order has a second line item."""
    rng = draw("line items")
    rows = []
    for order in orders[::-1].itertuples():
        deal = not pd.isna(order.lead_id)
        blend, quantity = BLENDS[rng.choice(4)], int(rng.choice([1, 2, 3], p=[0.6, 0.3, 0.1]))
        filters = 6.0 if rng.random() < 0.1 and not deal else 0.0
        goods = round(order.subtotal / (0.9 if order.discounted else 1.0), 2)
        price = round((goods - filters) / quantity, 2)
        quantity, price = (
            (quantity, price) if round(price * quantity + filters, 2) == goods else (1, round(goods - filters, 2))
        )
        first = _order_cells(order, deal) | {
            "Lineitem quantity": quantity,
            "Lineitem name": "Office delivery" if deal else blend,
            "Lineitem price": f"{price:.2f}",
        }
        if order.discounted:
            first |= {"Discount Code": "WELCOME10", "Discount Amount": f"{goods - order.subtotal:.2f}"}
        rows.append(first)
        if filters:
            rows.append(
                {
                    "Name": order.number,
                    "Email": order.customer,
                    "Created at": first["Created at"],
                    "Lineitem quantity": 1,
                    "Lineitem name": "Paper filters",
                    "Lineitem price": "6.00",
                }
            )
    COMMA.write(path, SHOPIFY_HEADINGS, ([row.get(heading, "") for heading in SHOPIFY_HEADINGS] for row in rows))


def _order_cells(order: Any, deal: bool) -> dict[str, object]:
    """The order's own fields, which Shopify writes on its first line item only."""
    utm = {group.channel: group.utm for group in GROUPS}[order.channel]
    created = _shop_time(order.ordered_at)
    notes = (
        f"hubspot_deal_id: {int(order.lead_id)}"
        if deal
        else f"utm_source: {utm[0]}\nutm_medium: {utm[1]}"
        if order.tagged
        else ""
    )
    return {
        "Name": order.number,
        "Email": order.customer,
        "Financial Status": order.status,
        "Paid at": "" if order.status == "voided" else created,
        "Fulfillment Status": "unfulfilled" if order.status == "voided" else "fulfilled",
        "Currency": "USD",
        "Subtotal": f"{order.subtotal:.2f}",
        "Shipping": f"{order.shipping:.2f}",
        "Taxes": "0.00",
        "Total": f"{order.paid:.2f}",
        "Created at": created,
        "Note Attributes": notes,
        "Refunded Amount": f"{order.refunded:.2f}",
        "Source": "shopify_draft_order" if deal else "web",
    }
