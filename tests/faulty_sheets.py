"""The sheets of the faulty company: what is good in them, and each kind of fault by its name."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

from faulty_company import CENT, CHECKED, DAY, EMPTIED, EXPECTED, HELD, Export, Odd, blank

Row = dict[str, Any]


def day(n: int) -> dt.date:
    """Return a day of 2024 or 2025."""
    return DAY + dt.timedelta(days=n)


def all_exports(odd: Odd) -> list[Export]:
    """Return every sheet of every file, filled."""
    return [
        regions(odd), customers(odd), aliases(), products(odd), reps(odd), orders(odd),
        extract(odd), *invoices(odd), payments(odd),
        flow(odd), visits(odd), feedback(odd), contracts(odd),
        *others(odd), strategies(odd), *strange_headers(),
    ]  # fmt: skip


def regions(odd: Odd) -> Export:
    names = {"region_id": "区域编码", "region_name": "区域名称", "parent_id": "上级区域"}
    made = Export("区域.csv", "regions", names)
    made.good({"region_id": "E", "region_name": "华东"}, parent_id=blank(odd))
    for n in range(12):
        made.good({"region_id": f"{n:03d}", "region_name": f"第{n}区", "parent_id": "E"})
    row = {"region_name": "某区", "parent_id": "E"}
    made.bad("reserved region id", row, "reserved", region_id="all")
    made.bad("empty required text", {"region_id": "X1"}, "empty", region_name="")
    loop = "within itself"
    made.bad("region circle", {"region_id": "C1", "region_name": "圈一", "parent_id": "C2"}, loop,
             CHECKED, parent_id="C2")  # fmt: skip
    made.bad("region circle", {"region_id": "C2", "region_name": "圈二", "parent_id": "C1"}, loop,
             CHECKED, parent_id="C1")  # fmt: skip
    lost = {"region_id": "013", "region_name": "孤区", "parent_id": "ZZ"}
    made.bad("reference to no region (parent)", lost, "nowhere", CHECKED, parent_id="ZZ")
    made.bad("exact duplicate of a master", {"region_name": "第0区", "parent_id": "E"},
             "exact duplicate", EXPECTED, region_id="000")  # fmt: skip
    made.bad("characters lost in a key text", {"region_id": "X2", "parent_id": "E"}, "lost",
             region_name="锟斤拷锟斤拷")  # fmt: skip
    return made


CUSTOMERS = {
    "customer_id": "客户编码", "region_id": "区域编码", "name": "客户名称",
    "customer_type": "客户类型", "parent_id": "上级单位",
    "hospital_level": "医院等级", "is_sme": "是否中小企业",
    "longitude": "经度", "latitude": "纬度", "beds": "床位数", "potential": "年潜力",
    "influence": "影响力", "credit_limit": "信用额度", "payment_term_days": "账期",
    "first_deal_on": "建档日期",
}  # fmt: skip


def customer(n: int) -> Row:
    """Return a good customer: 1 to 60 hospitals, 61 to 66 distributors, 67 without a term."""
    kind = "distributor" if 60 < n < 67 else "hospital"
    term = None if n == 67 else 30 + n
    return {
        "customer_id": f"{n:04d}", "region_id": f"{n % 12:03d}", "name": f"样例单位{n:04d}",
        "customer_type": kind, "hospital_level": "3A", "is_sme": n % 2 == 0, "longitude": 121.5,
        "latitude": 31.25, "beds": 100 + n, "potential": Decimal(10000 * n), "influence": 3.5,
        "credit_limit": Decimal(5000), "payment_term_days": term, "first_deal_on": day(n),
    }  # fmt: skip


def customers(odd: Odd) -> Export:
    made = Export("客户.xlsx", "customers", CUSTOMERS, "客户", (("客户台账",), ()))
    for n in range(1, 68):
        row = customer(n)
        made.good(
            row, customer_type=odd.one("医院", "hospital") if n <= 60 or n == 67 else "经销商",
            is_sme=odd.one("是", "Y", "√", 1, True) if row["is_sme"] else odd.one("否", "n", 0),
            first_deal_on=odd.day(day(n)), potential=odd.money(row["potential"]),
            hospital_level=odd.one("三甲", "3a", "三级甲等"), parent_id=blank(odd),
            beds=odd.one(row["beds"], float(row["beds"]), f"{row['beds']}.0"),
        )  # fmt: skip
        if n == 30:
            made.empty()
            made.odd("subtotal of a group", ["第一组 小计", *[""] * 9, 100], "subtotal")
    _bad_customers(made)
    made.odd("grand total", ["总计", *[""] * 9, "1,000,000"], "subtotal")
    return made


def _bad_customers(made: Export) -> None:
    def bad(kind: str, says: str, /, where: str = HELD, column: str = "", **written: Any) -> None:
        row = customer(100 + len(made.faults)) | {"name": f"另一单位{len(made.faults):04d}"}
        made.bad(kind, row | (written if where == CHECKED else {}), says, where, column, **written)

    bad("empty key", "empty", customer_id="")
    bad("dash in a required column", "empty", region_id="--")
    bad("reserved region of a customer", "reserved", region_id="all")
    differ = "different content: 区域编码"
    bad("customer of two regions", differ, column="customer_id", customer_id="0500",
        region_id="001", name="两区单位")  # fmt: skip
    bad("customer of two regions", differ, column="customer_id", customer_id="0500",
        region_id="002", name="两区单位")  # fmt: skip
    bad("longitude out of range", "outside", longitude=200)
    bad("latitude and longitude exchanged", "outside", latitude=121.4)
    bad("negative number of beds", "less than 0", beds=-5)
    bad("not a whole number", "whole number", EMPTIED, beds=12.5)
    bad("influence out of range", "outside", influence=9)
    bad("unknown boolean", "neither yes nor no", EMPTIED, is_sme="也许")
    bad("Excel error in a cell", "formula error", EMPTIED, credit_limit="#N/A")
    bad("column too narrow in Excel", "###", EMPTIED, first_deal_on="########")
    bad("text in an amount", "not a number", EMPTIED, potential="待定")
    bad("negative credit limit", "less than 0", credit_limit=-1)
    bad("negative term of payment", "less than 0", payment_term_days=-30)
    bad("code cut to scientific", "cut", customer_id="1.23457E+11")
    bad("characters lost in a code", "lost", customer_id="????")
    bad("reference to no region", "nowhere", CHECKED, region_id="999")
    bad("reference to no parent customer", "nowhere", CHECKED, parent_id="9999")
    bad("customer that is its own parent", "itself", CHECKED, column="parent_id",
        customer_id="0600", parent_id="0600")  # fmt: skip
    bad(
        "ids that differ in case alone",
        "but for case",
        CHECKED,
        customer_id="KA01",
        name="同名单位",
    )
    bad("ids that differ in case alone", "but for case", CHECKED, customer_id="ka 01",
        name="同名单位")  # fmt: skip


def aliases() -> Export:
    names = {"alias": "曾用名", "customer_id": "客户编码", "source": "来源"}
    made = Export("客户.xlsx", "customer_aliases", names, "曾用名")
    for n in range(1, 9):
        made.good({"alias": f"旧单位名{n:04d}", "customer_id": f"{n:04d}", "source": "CRM"})
    made.bad("alias of no customer", {"alias": "孤名", "customer_id": "9998"}, "nowhere", CHECKED,
             customer_id="9998")  # fmt: skip
    made.bad("one alias of two customers", {"source": "CRM", "customer_id": "0001"},
             "different content: 客户编码", alias="重名单位")  # fmt: skip
    made.bad("one alias of two customers", {"source": "CRM", "customer_id": "0002"},
             "different content: 客户编码", alias="重名单位")  # fmt: skip
    return made


def products(odd: Odd) -> Export:
    names = {"product_id": "产品编码", "name": "产品名称", "product_line": "产品线",
             "category": "品类", "list_price": "标准价", "vbp_on": "集采执行日期"}  # fmt: skip
    made = Export("产品.csv", "products", names)

    def row(n: int) -> Row:
        return {"product_id": f"P{n:02d}", "name": f"产品{n}", "product_line": "心内",
                "category": "drug", "list_price": Decimal(n) + CENT, "vbp_on": day(n)}  # fmt: skip

    for n in range(1, 31):
        made.good(row(n), category=odd.one("药品", "Drug", "drug"), vbp_on=odd.day(day(n)),
                  list_price=odd.money(row(n)["list_price"]))  # fmt: skip
    made.good(row(31), name='一次性"特细"针, 0.5mm', product_id="'P31")
    made.truth[-1]["name"] = '一次性"特细"针, 0.5mm'
    made.good(row(32) | {"category": "玩具"})
    made.bad("three decimals of money", row(41), "two decimals", EMPTIED, list_price="12.345")
    made.bad("negative price", row(42), "less than 0", list_price="-3")
    made.bad("bracket without end", row(43), "not a number", EMPTIED, list_price="(12.50")
    made.bad("impossible day", row(44), "no such day", EMPTIED, vbp_on="2024年2月30日")
    made.bad("line break inside a code", row(45), "line break", product_id="P\n45")
    made.bad("character lost in a code", row(46), "lost", product_id="P\ufffd6")
    made.odd("delimiter in an unquoted cell", "P47,产品,三号,心内,药品,5,2024-01-05", "more cells",
             HELD)  # fmt: skip
    made.odd("note under the table", ["备注：价格含税"], "footer")
    return made


def reps(odd: Odd) -> Export:
    names = {"rep_id": "业务员编码", "region_id": "区域编码", "line_type": "条线",
             "manager_id": "上级", "hired_on": "入职日期", "left_on": "离职日期"}  # fmt: skip
    made = Export("业务员.csv", "reps", names)

    def row(n: int, **changed: Any) -> Row:
        meant = {"rep_id": f"R{n:02d}", "region_id": f"{n % 12:03d}", "line_type": "drug",
                 "manager_id": "R01", "hired_on": day(n)}  # fmt: skip
        return meant | changed

    for n in range(1, 21):
        made.good(row(n, manager_id=None if n == 1 else "R01"), hired_on=odd.day(day(n)),
                  left_on=odd.one("", "9999-12-31", "-", "0000-00-00"))  # fmt: skip
    made.good(row(21, left_on=day(60)))
    made.bad("left before hired", row(41, left_on=None), "before hired_on", left_on="2023-01-01")
    made.bad("year of two digits", row(42), "two digits", EMPTIED, hired_on="24-1-5")
    made.bad("manager who is no rep", row(43, manager_id="R99"), "nowhere", CHECKED,
             manager_id="R99")  # fmt: skip
    made.bad("rep who is the own manager", row(44, manager_id="R44"), "itself", CHECKED,
             manager_id="R44")  # fmt: skip
    made.bad("rep of no region", row(45, region_id="ZZ"), "nowhere", CHECKED, region_id="ZZ")
    return made


ORDERS = {
    "order_id": "订单号", "line_no": "行号", "customer_id": "客户编码", "product_id": "产品编码",
    "rep_id": "工号", "ordered_on": "订单日期", "quantity": "数量", "unit_price": "单价",
    "amount": "含税金额", "channel": "渠道",
}  # fmt: skip


def order(n: int, **changed: Any) -> Row:
    """Return a good order line; every 17th is a return (红冲)."""
    price, quantity = Decimal(10 + n % 90) + CENT * 50, (n % 7 + 1) * (-1 if n % 17 == 0 else 1)
    meant = {
        "order_id": f"SO{n // 2:05d}", "line_no": n % 2 + 1, "customer_id": f"{n % 60 + 1:04d}",
        "product_id": f"P{n % 30 + 1:02d}", "rep_id": f"R{n % 20 + 1:02d}",
        "ordered_on": day(n % 600), "quantity": float(quantity), "unit_price": price,
        "amount": price * quantity, "channel": "直销",
    }  # fmt: skip
    return meant | changed


def orders(odd: Odd) -> Export:
    made = Export("订单.csv", "orders", ORDERS)
    for n in range(300):
        row = order(n, channel=odd.one("直销", "直销,含运费", '称"直销"', "直\n销", "#3 仓"))
        made.good(
            row, ordered_on=odd.day(row["ordered_on"]), amount=odd.money(row["amount"]),
            unit_price=odd.money(row["unit_price"]), quantity=odd.one(f"{row['quantity']:g}",
            f"{row['quantity']:.1f}", f" {row['quantity']:g} "),
            customer_id=odd.one(row["customer_id"], f" {row['customer_id']} ",
            row["customer_id"].translate(str.maketrans("0123456789", "０１２３４５６７８９")),
            f'="{row["customer_id"]}"', f"'{row['customer_id']}"),
        )  # fmt: skip
        if n in (100, 200):
            made.odd("header repeated on each page", list(ORDERS.values()), "header row")
            made.empty()
    made.good(order(320, rep_id=None), rep_id=blank(odd))
    made.good(order(321, order_id="#A 0007/红"))
    _bad_orders(made)
    return made


def _bad_orders(made: Export) -> None:
    def bad(kind: str, says: str, /, where: str = HELD, column: str = "", **written: Any) -> None:
        row = order(1001 + 2 * len(made.faults))
        made.bad(kind, row | (written if where == CHECKED else {}), says, where, column, **written)

    bad("ambiguous date", "two things", ordered_on="3/4/2024")
    bad("unreadable date", "not a date", ordered_on="下周三")
    bad("impossible month", "no such day", ordered_on="20241301")
    bad("impossible hour", "no such day", ordered_on="2024-01-05 25:00")
    bad("year out of all range", "outside 1900", ordered_on="3024-01-01")
    bad("month where a day is needed", "month, not a day", ordered_on="2024年3月")
    bad("date without end in a required column", "empty", ordered_on="9999-12-31")
    bad("text in a quantity", "not a number", quantity="一箱")
    bad("endless number", "larger than", quantity="1E+400")
    bad("three decimals of an amount", "two decimals", amount="1.245")
    bad("too large an amount", "sixteen digits", amount="99999999999999999")
    bad("percent in an amount", "not a number", amount="5%")
    bad("thousands cut wrong", "cannot be told apart", amount="1,23")
    bad("two signs in an amount", "not a number", amount="(-5)")
    bad("empty reference that is required", "empty", customer_id="")
    bad("negative line number", "less than 0", line_no="-1")
    bad("return with a positive amount", "return", amount="50", quantity="-2")
    same, row = "different content: 含税金额", order(1501)
    made.bad("same key, other content", row | {"amount": Decimal(8)}, same,
             column="order_id, line_no", unit_price="")  # fmt: skip
    made.bad("same key, other content", row | {"amount": Decimal(9)}, same,
             column="order_id, line_no", unit_price="")  # fmt: skip
    twin = order(3)
    made.bad("exact duplicate, written otherwise", twin | {"channel": made.truth[3]["channel"]},
             "exact duplicate", EXPECTED, "order_id, line_no",
             ordered_on=twin["ordered_on"].strftime("%Y年%m月%d日"))  # fmt: skip
    bad("reference to no customer", "nowhere", CHECKED, customer_id="C999")
    bad("id with a blank inside", "nowhere", CHECKED, customer_id="00 12")
    made.good(order(1441, customer_id="0012"), customer_id="12")  # without its leading zeros
    bad("reference to no product", "nowhere", CHECKED, product_id="P99")
    bad("reference to no rep", "nowhere", CHECKED, rep_id="R99")
    bad("price that does not give the amount", "quantity x unit_price", CHECKED,
        amount=Decimal("9999.00"))  # fmt: skip
    bad("date far in the future", "away from all other", CHECKED, ordered_on=dt.date(2052, 1, 1))
    bad("date far in the past", "away from all other", CHECKED, ordered_on=dt.date(1997, 1, 1))
    made.odd("amount with an unquoted comma",
             "SO90,1,0012,P01,R01,2024-01-05,1,1234,1,234,直销", "more cells", HELD)  # fmt: skip
    made.odd("quote that is never closed",
             'SO89,1,"0012,P01,R01,2024-01-05,1,12,12,直销', "never closed", HELD)  # fmt: skip
    made._plant("line broken in two (first half)", "订单日期", "", "empty", HELD)
    made._line("SO91,1,0012,P01")
    made._plant("line broken in two (second half)", "客户编码", "", "empty", HELD)
    made._line("R01,2024-01-05")
    made.odd("subtotal, spaced out", "合  计：,,,,,,300,,12345.00,", "subtotal")
    made.odd("footer: who made it", "制表人：系统,,,,,审核：系统,,,,", "footer")
    made.odd("footer: printed on", "打印日期:2025-01-05 10:00,,,,,,,,,", "footer")
    made.odd("footer: page", "第 1 页 共 3 页,,,,,,,,,", "footer")


def extract(odd: Odd) -> Export:
    """A typed extract with English headers."""
    names = {"order_id": "Order ID", "line_no": "line_no", "customer_id": "CUSTOMER_ID",
             "ordered_on": "orderedOn", "quantity": "quantity", "amount": "Amount"}  # fmt: skip
    made = Export("orders_2025.parquet", "orders", names)

    def typed(row: Row) -> Row:
        return {"order_id": row["order_id"], "line_no": row["line_no"],
                "customer_id": row["customer_id"], "quantity": row["quantity"],
                "ordered_on": dt.datetime.combine(row["ordered_on"], dt.time(9, 30)),
                "amount": float(row["amount"])}  # fmt: skip

    for n in range(4000, 4200):
        made.good(order(n), **typed(order(n)))
    made.bad("typed amount with three decimals", order(4301), "two decimals",
             **(typed(order(4301)) | {"amount": 1.245}), column="amount")  # fmt: skip
    made.bad("typed null in a required column", order(4303), "empty",
             **(typed(order(4303)) | {"amount": ""}), column="amount")  # fmt: skip
    late = typed(order(4305)) | {"quantity": -1.0, "amount": 5}
    made.bad("typed return with a positive amount", order(4305), "return", **late, column="amount")
    return made


INVOICES = {
    "invoice_id": "发票号", "instalment_no": "期次", "customer_id": "客户编码",
    "order_id": "订单号",
    "issued_on": "开票日期", "due_on": "到期日", "term_days": "账期", "amount": "价税合计",
    "kind": "类型", "credits_invoice_id": "红冲发票号", "disputed_from_on": "争议日期",
    "disputed_to_on": "争议解决日期", "currency": "币种",
}  # fmt: skip


def invoice(n: int, **changed: Any) -> Row:
    """Return a good invoice of 1000 and its number."""
    meant = {
        "invoice_id": f"{n:08d}", "instalment_no": 1, "customer_id": f"{n % 60 + 1:04d}",
        "order_id": f"SO{n % 150:05d}", "issued_on": day(n % 500), "due_on": day(n % 500 + 60),
        "term_days": 60, "amount": Decimal(1000 + n), "kind": "invoice", "currency": "CNY",
    }  # fmt: skip
    return meant | changed


def invoices(odd: Odd) -> list[Export]:
    first = Export("应收发票.xlsx", "invoices", INVOICES, "一月", (("应收明细",), ("单位：元",)))
    second = Export("应收发票.xlsx", "invoices", INVOICES, "二月")
    for n in range(240):
        row = invoice(n)
        if n % 20 == 19:
            credited = {"amount": Decimal(-50 - n), "credits_invoice_id": f"{n - 1:08d}"}
            row = row | {"kind": "credit_note"} | credited
        (first if n < 120 else second).good(
            row, issued_on=odd.day(row["issued_on"]), due_on=odd.day(row["due_on"]),
            amount=odd.one(float(row["amount"]), odd.money(row["amount"])),
            kind="红冲" if row["kind"] == "credit_note" else "invoice",
            currency=odd.one("CNY", "人民币", "RMB", "cny"),
        )  # fmt: skip
    opening = invoice(300, kind="opening", due_on=day(0), issued_on=day(200))
    second.good(opening, kind="期初")
    _bad_invoices(second)
    first.bad("same key in two sheets", invoice(600), "different content: 价税合计",
              column="invoice_id, instalment_no", amount=5)  # fmt: skip
    second.bad("same key in two sheets", invoice(600), "different content: 价税合计",
               column="invoice_id, instalment_no", amount=6)  # fmt: skip
    return [first, second]


def _bad_invoices(made: Export) -> None:
    def bad(kind: str, says: str, /, where: str = HELD, column: str = "", **written: Any) -> None:
        row = invoice(400 + len(made.faults))
        made.bad(kind, row | (written if where == CHECKED else {}), says, where, column, **written)

    bad("due before issue", "before issued_on", due_on="2023-12-01")
    bad("dispute ends before it begins", "before disputed_from_on", column="disputed_to_on",
        disputed_from_on="2024-06-01", disputed_to_on="2024-05-01")  # fmt: skip
    bad("credit note that is positive", "negative", column="amount", kind="红冲", amount=100)
    bad("error of a formula in an amount", "formula error", amount="#DIV/0!")
    bad("instalment that is no whole number", "whole number", instalment_no=1.5)
    bad("negative term of an invoice", "less than 0", term_days=-1)
    bad("unknown currency", "not a currency", currency="比索")
    bad("currency other than CNY", "not in the currency", CHECKED, currency="USD")
    bad("reference to no order", "nowhere", CHECKED, order_id="SO99999")
    bad("credit of no invoice", "nowhere", CHECKED, credits_invoice_id="99999999")
    bad("invoice that credits itself", "itself", CHECKED, column="credits_invoice_id",
        invoice_id="00000700", credits_invoice_id="00000700")  # fmt: skip
    row = invoice(500, customer_id="0067", due_on=None, term_days=None)
    made.bad("no due date and no term", row, "no due date", CHECKED, due_on="", term_days="")
    made.faults[-1] = replace(made.faults[-1], value=row["invoice_id"])


def payments(odd: Odd) -> Export:
    names = {"payment_id": "回款单号", "customer_id": "客户编码", "invoice_id": "发票号",
             "instalment_no": "期次", "paid_on": "回款日期", "amount": "回款金额",
             "method": "付款方式", "bill_matures_on": "承兑到期日"}  # fmt: skip
    made = Export("回款.csv", "payments", names)

    def row(n: int, **changed: Any) -> Row:
        meant = {"payment_id": f"HK{n:05d}", "customer_id": f"{n % 60 + 1:04d}",
                 "invoice_id": f"{n:08d}", "paid_on": day(n % 500 + 30), "method": "transfer",
                 "amount": Decimal(400)}  # fmt: skip
        return meant | changed

    for n in [n for n in range(200) if n % 20 != 19]:
        part = row(n, amount=Decimal(-100)) if n % 20 == 18 else row(n)
        made.good(part, paid_on=odd.day(part["paid_on"]), amount=odd.money(part["amount"]),
                  method=odd.one("转账", "transfer"), instalment_no=blank(odd))  # fmt: skip
    made.good(row(290, invoice_id=None))
    made.good(row(291, customer_id=None, invoice_id="00000150"))
    nobody = row(301, invoice_id=None, customer_id=None)
    made.bad("payment without invoice and customer", nobody, "neither an invoice", invoice_id="")
    early = row(320, invoice_id=None, bill_matures_on=dt.date(2023, 12, 1))
    made.bad("bill that matures before it is paid", early, "before paid_on", CHECKED,
             bill_matures_on="2023-12-01")  # fmt: skip
    made.bad("word in place of an amount", row(161), "not a number", amount="已付清")
    made.bad("payment twice with two amounts", row(900), "different content: 回款金额",
             column="payment_id", amount="1")  # fmt: skip
    made.bad("payment twice with two amounts", row(900), "different content: 回款金额",
             column="payment_id", amount="2")  # fmt: skip
    early = row(302, invoice_id="00000202", paid_on=day(150))
    made.bad("paid before issue", early, "before its invoice", CHECKED, paid_on=str(day(150)))
    over = row(303, invoice_id="00000203", amount=Decimal(99999))
    made.bad("paid more than the invoice", over, "more is paid", CHECKED, amount="99999.00")
    lost = row(304, invoice_id="77777777")
    made.bad("payment of no invoice", lost, "nowhere", CHECKED, invoice_id="77777777")
    part = row(305, invoice_id="00000205", instalment_no=4)
    made.bad("instalment the invoice has not", part, "no such instalment", CHECKED,
             instalment_no="4")  # fmt: skip
    return made


def flow(odd: Odd) -> Export:
    names = {"flow_id": "流向编号", "distributor_id": "经销商编码", "customer_id": "终端编码",
             "raw_name": "购入客户", "product_id": "产品编码", "flowed_on": "流向日期",
             "quantity": "数量", "amount": "金额"}  # fmt: skip
    made = Export("流向.xlsx", "channel_flow", names, "纯销")

    def row(n: int, **changed: Any) -> Row:
        meant = {"flow_id": f"L{n:04d}", "distributor_id": f"{61 + n % 6:04d}",
                 "customer_id": f"{n % 60 + 1:04d}", "raw_name": f"样例单位{n % 60 + 1:04d}",
                 "product_id": f"P{n % 30 + 1:02d}", "flowed_on": day(n), "quantity": float(n + 1),
                 "amount": Decimal(n + 1) * 7}  # fmt: skip
        return meant | changed

    for n in range(200):
        one = row(n, quantity=-1.0, amount=Decimal(-7)) if n % 25 == 24 else row(n)
        written = odd.one(day(n), dt.datetime.combine(day(n), dt.time(8, 5)), odd.day(day(n)))
        made.good(one, flowed_on=written, quantity=one["quantity"], amount=odd.money(one["amount"]))
    made.bad("flow of no distributor", row(301, distributor_id="D9"), "nowhere", CHECKED,
             distributor_id="D9")  # fmt: skip
    made.bad("flow from a hospital", row(302, distributor_id="0005"), "not of type distributor",
             CHECKED, distributor_id="0005")  # fmt: skip
    made.bad("empty quantity", row(303), "empty", quantity="")
    made.bad("empty product", row(304), "empty", product_id="")
    made.bad("return with a positive flow", row(305, quantity=-3.0), "return", amount=21)
    made.bad("serial number that is no date", row(306), "not a date", flowed_on=12)
    made.odd("total of the sheet", ["", "合计", "", "", "", "", 5000], "subtotal")
    return made


def visits(odd: Odd) -> Export:
    names = {"visit_id": "拜访编号", "rep_id": "工号", "customer_id": "客户编码",
             "visited_on": "拜访日期", "starts_at": "开始时间", "ends_at": "结束时间",
             "channel": "拜访方式", "status": "状态", "objective_met": "是否达成",
             "next_on": "下次拜访", "facts": "客观事实", "entered_at": "录入时间"}  # fmt: skip
    made = Export("拜访.csv", "visits", names)

    def row(n: int, **changed: Any) -> Row:
        start = dt.datetime.combine(day(n), dt.time(9, 30))
        meant = {"visit_id": f"V{n:04d}", "rep_id": f"R{n % 20 + 1:02d}",
                 "customer_id": f"{n % 60 + 1:04d}", "visited_on": day(n), "starts_at": start,
                 "ends_at": start + dt.timedelta(minutes=40), "channel": "in_person",
                 "status": "submitted", "objective_met": n % 3 == 0, "next_on": day(n + 14),
                 "facts": "库存正常", "entered_at": start + dt.timedelta(hours=5)}  # fmt: skip
        return meant | changed

    for n in range(150):
        one = row(n, facts=odd.one("库存正常", "库存\n正常", "缺货, 待补", '称"缺货"'))
        made.good(one, channel=odd.one("面对面", "in_person", "In Person"),
                  status=odd.one("提交", "submitted"),
                  objective_met=odd.one("是", "Y", "√") if n % 3 == 0 else odd.one("否", "×"),
                  visited_on=odd.day(day(n)), next_on=odd.day(day(n + 14)),
                  starts_at=f"{day(n):%Y/%m/%d} 9:30")  # fmt: skip
    ended = dt.datetime.combine(day(201), dt.time(8))
    made.bad("visit that ends before it starts", row(201, ends_at=ended), "before starts_at",
             CHECKED, ends_at=str(ended))  # fmt: skip
    made.bad("next visit before this one", row(202, next_on=dt.date(2024, 1, 9)),
             "before visited_on", CHECKED, next_on="2024-01-09")  # fmt: skip
    made.bad("time of day without its date", row(203), "time of day", starts_at="09:30")
    made.bad("word that is no boolean", row(204), "neither yes nor no", objective_met="大概")
    made.bad("visit of no rep", row(205, rep_id="R98"), "nowhere", CHECKED, rep_id="R98")
    made.bad("visit of no customer", row(206, customer_id="0999"), "nowhere", CHECKED,
             customer_id="0999")  # fmt: skip
    early = dt.datetime.combine(day(206), dt.time(9, 0))
    made.bad("submitted before the visit", row(207, entered_at=early), "before the visit", CHECKED,
             entered_at=str(early))  # fmt: skip
    made.bad("visit after the rep had left", row(208, rep_id="R21"), "had left", CHECKED,
             visited_on=str(day(208)))  # fmt: skip
    return made


def feedback(odd: Odd) -> Export:
    names = ["feedback_id", "customer_id", "given_on", "kind", "score", "nps", "wave", "answers_id"]
    made = Export("feedback.csv", "feedback", {name: name for name in names})

    def row(n: int, **changed: Any) -> Row:
        meant = {"feedback_id": f"F{n:03d}", "customer_id": f"{n % 60 + 1:04d}",
                 "given_on": day(n), "kind": "service",
                 "score": float(n % 5 + 1), "nps": n % 11, "wave": 1}  # fmt: skip
        return meant | changed

    for n in range(120):
        made.good(row(n), given_on=odd.day(day(n)), kind=odd.one("服务", "Service"))
    made.bad("score out of range", row(201), "outside", score="7")
    made.bad("nps out of range", row(202), "outside", nps="11")
    made.bad("wave below one", row(203), "less than 1", wave="0")
    made.bad("score in words", row(204), "not a number", score="很满意")
    made.bad("feedback that answers itself", row(205, answers_id="F205"), "itself", CHECKED,
             answers_id="F205")  # fmt: skip
    made.bad("answer to no feedback", row(206, answers_id="F999"), "nowhere", CHECKED,
             answers_id="F999")  # fmt: skip
    made.bad("feedback of no customer", row(207, customer_id="0998"), "nowhere", CHECKED,
             customer_id="0998")  # fmt: skip
    return made


def contracts(odd: Odd) -> Export:
    names = {"distributor_id": "经销商编码", "region_id": "授权区域", "grade": "经销商等级",
             "contract_from_on": "合同开始", "contract_to_on": "合同到期",
             "licence_to_on": "许可证到期"}  # fmt: skip
    made = Export("经销商合同.csv", "distributors", names)

    def row(n: int, **changed: Any) -> Row:
        meant = {"distributor_id": f"{n:04d}", "region_id": "001", "grade": "A",
                 "contract_from_on": day(0), "licence_to_on": day(900)}  # fmt: skip
        return meant | changed

    for n in range(61, 67):
        made.good(row(n), contract_to_on=odd.one("9999-12-31", "99991231", "-"))
    wrong = row(68) | {"distributor_id": "0060"}
    made.bad("contract that ends before it begins", wrong, "before contract_from_on",
             contract_to_on="2023-01-01")  # fmt: skip
    made.bad("licence date in words", row(69), "not a date", EMPTIED, licence_to_on="长期")
    made.bad("contract of no customer", row(70, distributor_id="0997"), "nowhere", CHECKED,
             distributor_id="0997")  # fmt: skip
    made.bad("authorised for no region", row(1, region_id="YY"), "nowhere", CHECKED, region_id="YY")
    return made


def others(odd: Odd) -> list[Export]:
    book = "其他.xlsx"
    own = Export(book, "territories", {"rep_id": "工号", "customer_id": "负责客户",
                 "from_on": "开始日期", "to_on": "结束日期"}, "负责客户")  # fmt: skip
    plans = Export(book, "call_plans", {"rep_id": "工号", "customer_id": "客户编码",
                   "period": "计划月份", "goal": "计划次数"}, "拜访计划")  # fmt: skip
    aims = Export(book, "targets", {"period": "期间", "grain": "周期", "scope": "指标范围",
                  "scope_id": "范围编码", "metric": "指标类型", "target": "任务"},
                  "指标")  # fmt: skip
    calls = Export(book, "dunning", {"dunning_id": "催收编号", "invoice_id": "发票号",
                   "contacted_on": "催收日期", "promised_on": "承诺回款日",
                   "promised_amount": "承诺金额"}, "催收")  # fmt: skip
    lost = Export(book, "writeoffs", {"writeoff_id": "核销单号", "invoice_id": "发票号",
                  "written_off_on": "核销日期", "amount": "核销金额"}, "核销")  # fmt: skip
    held = Export(book, "stock", {"holder_id": "经销商编码", "product_id": "产品编码",
                  "counted_on": "盘点日期", "quantity": "期末库存"}, "库存")  # fmt: skip
    wants = Export(book, "needs", {"need_id": "需求编号", "customer_id": "客户编码",
                   "opened_on": "提出日期", "closed_on": "关闭日期"}, "长期需求")  # fmt: skip
    said = Export(book, "decisions", {"decision_id": "决定编号", "kind": "类型",
                  "subject_id": "对象", "value": "决定", "decided_on": "决定日期",
                  "until_on": "有效期至"}, "决定")  # fmt: skip
    for n in range(1, 21):
        rep, payer = f"R{n:02d}", f"{n:04d}"
        own.good({"rep_id": rep, "customer_id": payer, "from_on": day(n)}, to_on="9999-12-31")
        plans.good({"rep_id": rep, "customer_id": payer, "period": dt.date(2024, 3, 1), "goal": 4},
                   period=odd.one("2024-03", "202403", "2024年3月", "2024/3/1"))  # fmt: skip
        aims.good({"period": dt.date(2024, 1, 1), "grain": "quarter", "scope": "rep",
                   "scope_id": rep, "metric": "sales", "target": 5.0}, metric="销售额",
                  grain="季度",
                  scope="业务员")  # fmt: skip
        calls.good({"dunning_id": f"DN{n}", "invoice_id": f"{n:08d}", "contacted_on": day(n + 70),
                    "promised_on": day(n + 80), "promised_amount": Decimal(5)})  # fmt: skip
        lost.good({"writeoff_id": f"W{n}", "invoice_id": f"{n:08d}", "written_off_on": day(n + 400),
                   "amount": Decimal(-5 if n == 7 else 5)})  # fmt: skip
        held.good({"holder_id": odd.one("own", "0061"), "product_id": f"P{n:02d}",
                   "counted_on": day(n), "quantity": 3.0})  # fmt: skip
        wants.good({"need_id": f"N{n}", "customer_id": payer, "opened_on": day(n)})
        said.good({"decision_id": f"J{n}", "kind": "tier", "subject_id": payer, "value": "A",
                   "decided_on": day(n)})  # fmt: skip
    own.bad("territory that ends before it begins",
            {"rep_id": "R01", "customer_id": "0040", "from_on": day(9)}, "before from_on",
            to_on="2024-01-09")  # fmt: skip
    plan = {"rep_id": "R01", "customer_id": "0041", "period": dt.date(2024, 3, 1), "goal": 4}
    plans.bad("plan for a day, not a month", plan, "first day", period="2024-03-15")
    plans.bad("negative number of calls", plan | {"customer_id": "0042"}, "less than 0", goal=-1)
    aim = {"period": dt.date(2024, 1, 1), "grain": "quarter", "scope": "rep", "scope_id": "R30",
           "metric": "sales", "target": 5.0}  # fmt: skip
    aims.bad("target at the end of a month", aim, "first day", period="2024-03-31")
    aims.bad("negative target", aim | {"scope_id": "R31"}, "less than 0", target=-5)
    call = {"dunning_id": "DN90", "contacted_on": day(90), "promised_on": day(99)}
    calls.bad("promise before the call", call, "before contacted_on", promised_on="2024-01-09")
    calls.bad("negative promise", call | {"dunning_id": "DN91"}, "less than 0", promised_amount=-5)
    loss = {"writeoff_id": "W90", "invoice_id": "00000099", "written_off_on": day(5),
            "amount": Decimal(5)}  # fmt: skip
    lost.bad("written off before issue", loss, "before its invoice", CHECKED,
             written_off_on=str(day(5)))  # fmt: skip
    gone = loss | {"writeoff_id": "W91", "invoice_id": "99999998", "written_off_on": day(400)}
    lost.bad("write-off of no invoice", gone, "nowhere", CHECKED, invoice_id="99999998")
    count = {"holder_id": "0061", "product_id": "P01", "counted_on": day(300)}
    for quantity in (3, 4):
        held.bad("one stock counted twice", count, "different content: 期末库存",
                 column="holder_id, product_id, counted_on", quantity=quantity)  # fmt: skip
    wants.bad("need closed before it was opened",
              {"need_id": "N90", "customer_id": "0001", "opened_on": day(9)}, "before opened_on",
              closed_on="2024-01-09")  # fmt: skip
    said.bad("decision that ends before it begins",
             {"decision_id": "J90", "kind": "tier", "subject_id": "0001", "value": "A",
              "decided_on": day(9)}, "before decided_on", until_on="2024-01-09")  # fmt: skip
    return [own, plans, aims, calls, lost, held, wants, said]


def strategies(odd: Odd) -> Export:
    names = ["strategy_id", "name", "metric", "starts_on", "ends_on", "min_effect",
             "washout_periods"]  # fmt: skip
    made = Export("strategies.csv", "strategies", {name: name for name in names})

    def row(n: int) -> Row:
        return {"strategy_id": f"S{n}", "name": f"策略{n}", "metric": "sales", "starts_on": day(n),
                "min_effect": 0.05, "washout_periods": 1}  # fmt: skip

    for n in range(1, 9):
        made.good(row(n), min_effect=odd.one("5%", "0.05", "５％", "5.0 %"))
    made.bad("percent over 100", row(11), "outside 0", min_effect="150%")
    made.bad("rate that is no share", row(12), "outside 0", min_effect="5")
    made.bad("rate in words", row(13), "not a number", min_effect="较大")
    made.bad("strategy that ends before it starts", row(14), "before starts_on",
             ends_on="2024-01-08")  # fmt: skip
    made.bad("negative washout", row(15), "less than 0", washout_periods="-1")
    return made


def strange_headers() -> list[Export]:
    """Files whose headers are at fault: each row is held back, and says why."""
    cells = ["A1", "0012", "2024-01-05", "5"]
    orders = ["订单号", "客户编码", "订单日期", "金额"]
    both = ["反馈编号", "客户编码", "反馈日期", "需求编号", "提出日期"]
    files = (
        ("two columns for one", "双金额.csv", [*orders, "含税金额"], [*cells, "6"],
         "金额, 含税金额 could each be amount"),
        ("missing required column", "缺列.csv", orders[:3], cells[:3], "amount"),
        ("unknown header", "订单_旧.csv",
        ["订单号码", *orders[1:]], cells, "订单号码 (closest: 订单号"),
        ("headers that fit two tables", "两可.csv", both,
         ["F1", "0001", "2024-01-05", "N1", "2024-01-05"], "name the table"),
        ("one header twice", "重名.csv", [*orders, "金额 "], [*cells, "6"],
         "could each be amount"),
    )  # fmt: skip
    made = []
    for kind, file, headers, line, says in files:
        made.append(Export(file, "", {header: header for header in headers}))
        made[-1].odd(kind, line, says, HELD)
    return made
