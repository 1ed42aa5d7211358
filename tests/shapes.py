#!/usr/bin/env python3
"""Writes shapes.tsv beside itself: the shapes of lists whose plans bar 4 walks at a million rows (storage.md, "Lists").

Columns: role, scope, class, index, sort, q, filter. Class and index stand where storage.md promises class A: an index
answers every clause but ranges of price and beds, in the order asked for. Elsewhere they are "-": such a list may take
any way that examines at most 50,000 rows. Values in braces are filled in from a listing of the data.
"""

import itertools
import os

ROLES = [("guest", "public"), ("agent", "own"), ("admin", "all")]
NUMBERS = {"price": "400000", "original_price": "400000", "close_price": "400000", "beds": "3", "baths": "2.5",
           "sqft": "2000", "lot_sqft": "5000", "year_built": "1990", "days_on_market": "30", "latitude": "{latitude}",
           "longitude": "{longitude}"}
ENUMS = {"status": "active", "standard_status": "Pending", "property_type": "condo", "property_subtype": "Townhouse"}
TEXTS = {"city": "{city}", "state": "{state}", "zip_code": "{zip}", "country": "US", "address": "{address}",
         "title": "{title}", "listing_id": "MLS-1"}
TIMES = {"created_at": "{created}", "updated_at": "{created}", "list_date": "2025-06-01", "close_date": "2025-06-01",
         "status_changed_at": "{created}", "price_changed_at": "{created}"}
COMPARE = ["eq", "ne", "gt", "ge", "lt", "le"]
SORTS = ["price", "beds", "baths", "sqft", "price_per_sqft", "created_at", "updated_at", "list_date", "days_on_market"]
CLAUSES = {"city": "city eq '{city}'", "state": "state eq '{state}'", "zip": "zip_code eq '{zip}'",
           "type": "property_type eq 'house'", "status": "status eq 'pending'", "agent_id": "agent_id eq {agent}",
           "near": "geo.near({latitude},{longitude},5000)", "bbox": "geo.bbox({west},{south},{east},{north})"}
RANGES = "price ge 300000 and price le 900000 and beds ge 2 and beds le 5"
# What stands before the sort key in each index, status always among it.
INDEXES = {("price", frozenset()): "price", ("created_at", frozenset()): "created",
           ("list_date", frozenset()): "listed", ("price", frozenset(["city"])): "city_price_beds",
           ("created_at", frozenset(["city"])): "city_created_beds",
           ("price", frozenset(["zip"])): "zip_price",
           ("created_at", frozenset(["agent_id"])): "agent_created"}


def promised(scope, clauses, sort):
    """The index of class A, or None. `clauses` are equalities; public scope has a status, own an agent."""
    equal = set(clauses)
    if scope == "own":
        equal.add("agent_id")
    if scope == "public":
        equal.add("status")
    if "status" not in equal:
        return None
    return INDEXES.get((sort.lstrip("-"), frozenset(equal - {"status"})))


def alone():
    for field, value in NUMBERS.items():
        for op in COMPARE:
            yield f"{field} {op} {value}"
        yield f"{field} in ({value}, 1)"
    for field, value in ENUMS.items():
        for op in ("eq", "ne", "has"):
            yield f"{field} {op} '{value}'"
        yield f"{field} in ('{value}')"
    for field, value in TEXTS.items():
        for op in ("eq", "ne"):
            yield f"{field} {op} '{value}'"
        yield f"{field} in ('{value}', 'none')"
        yield f"startswith({field}, '{value}')"
        yield f"contains({field}, '{value}')"
    yield "contains(description, 'melca')"
    for field, value in TIMES.items():
        for op in COMPARE:
            yield f"{field} {op} {value}"
    for field, value in (("id", "{id}"), ("agent_id", "{agent}")):
        yield f"{field} eq {value}"
        yield f"{field} in ({value})"
    for field in ("price_reduced", "display_ok"):
        yield f"{field} eq true"
    for field in sorted({**NUMBERS, **ENUMS, **TEXTS, **TIMES}):
        yield f"{field} eq null"
    yield CLAUSES["near"]
    yield CLAUSES["bbox"]
    yield "geo.polygon('POLYGON(({west} {south},{east} {south},{east} {north},{west} {south}))')"


def names_of(text):
    """The clause of CLAUSES that a filter is, for promised(); None for others."""
    if text in ("status eq 'active'", "status has 'active'"):
        return "status"
    return next((name for name, clause in CLAUSES.items() if clause == text), None)


def shapes():
    for role, scope in ROLES:
        for text in alone():
            name = names_of(text)
            index = promised(scope, [name], "-created_at") if name else None
            yield role, scope, index, "-created_at", "", text
        for one, other in itertools.combinations(CLAUSES, 2):
            for sort in ("price", "-created_at"):
                index = promised(scope, [one, other], sort)
                yield role, scope, index, sort, "", f"{CLAUSES[one]} and {CLAUSES[other]} and {RANGES}"
        for name in CLAUSES:
            for sort in ("price", "-price", "-created_at", "-list_date"):
                yield role, scope, promised(scope, [name], sort), sort, "", f"{CLAUSES[name]} and {RANGES}"
        for sort in SORTS:
            for sign in ("", "-"):
                yield role, scope, promised(scope, [], sign + sort), sign + sort, "", ""
        for sign in ("", "-"):
            yield role, scope, None, sign + "distance", "", CLAUSES["near"]
            yield role, scope, None, sign + "relevance", "{word}", ""
            yield role, scope, None, sign + "relevance", "{common}", ""
        yield role, scope, None, "-created_at", "{word}", ""
        yield role, scope, None, "-created_at", "{common}", ""
        yield role, scope, None, "price", "{word} {common}", CLAUSES["city"]


def main():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "shapes.tsv")
    with open(path, "w", encoding="ascii", newline="\n") as file:
        print("role\tscope\tclass\tindex\tsort\tq\tfilter", file=file)
        for role, scope, index, sort, q, text in shapes():
            print(role, scope, "A" if index else "-", index or "-", sort, q or "-", text or "-", sep="\t", file=file)


if __name__ == "__main__":
    main()
