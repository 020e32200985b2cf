"""Oracle for the number and date operators of the policy language.

Prints CSV rows `op,a,b,c,expected` computed from exact rationals and civil dates, independently of the implementation
under test and checked by a second route; deterministic (own generator, fixed seed) and sorted.  To run (Python 3.11):

    python3 operators.py > operators.csv
"""
import calendar
import decimal
from datetime import date, timedelta
from decimal import Decimal as D
from fractions import Fraction as F

MAX, PLACES, TINY, HALF = 2**96 - 1, 28, F(1, 10**28), F(1, 2)
# The second route for numbers: wide enough to be exact, and an error where it would not be.
EXACT = decimal.Context(prec=400, traps=[decimal.Inexact, decimal.InvalidOperation])

def text(x):
    """The canonical spelling of a value, or `undefined` if it is no n / 10**s with |n| <= MAX and s <= PLACES."""
    s = next((s for s in range(PLACES + 1) if 10**s % x.denominator == 0), None)
    fits = s is not None and abs(x * 10**s) <= MAX  # the smallest s has the smallest |n|
    assert fits == any((x * 10**k).denominator == 1 and abs(x * 10**k) <= MAX for k in range(PLACES + 1))
    if not fits:
        return "undefined"
    digits = str(abs(int(x * 10**s))).rjust(s + 1, "0")
    out = "-" * (x < 0) + (digits[:-s] + "." + digits[-s:] if s else digits)
    assert F(*D(out).as_integer_ratio()) == x and not ("." in out and out.endswith("0"))
    return out

def quotient(a, b):
    if F(b) == 0:
        return "undefined"
    q = F(a) / F(b)
    n, s = next(((round(q * 10**s), s) for s in range(PLACES, -1, -1) if abs(round(q * 10**s)) <= MAX), (0, -1))
    # round() of a Fraction is half-even; MAX is odd, so what rounds to a fitting coefficient lies below MAX + 1/2
    assert s == PLACES or abs(q) * 10 ** (s + 1) >= MAX + HALF
    if s < 0:
        return "undefined"
    error = abs(q * 10**s - n)
    assert abs(q) * 10**s < MAX + HALF and (error < HALF or error == HALF and n % 2 == 0)
    return text(F(n, 10**s))

def rounded(op, a, places=0):
    x = F(a) * 10**places
    n, mode = {"floor": (x // 1, decimal.ROUND_FLOOR), "ceil": (-(-x // 1), decimal.ROUND_CEILING),
               "round": (int(abs(x) + HALF) * (-1 if x < 0 else 1), decimal.ROUND_HALF_UP)}[op]
    assert int(D(a).scaleb(places, EXACT).to_integral_value(mode)) == n
    return text(F(n, 10**places))

def ordinal(d):
    """Days since 0000-12-31 by counting; the second route is the datetime module."""
    y, leap_day = d.year - 1, d.month > 2 and calendar.isleap(d.year)
    return 365 * y + y // 4 - y // 100 + y // 400 + sum(calendar.mdays[: d.month]) + leap_day + d.day

def plus_days(d, n):
    """d + n days, or None outside 0001-01-01..9999-12-31."""
    if not 1 <= ordinal(d) + n <= ordinal(date.max):
        return None
    assert date.fromordinal(ordinal(d) + n) == d + timedelta(days=n)
    return d + timedelta(days=n)

def plus_months(d, n):
    """d + n months, clamped to the end of the month, or None outside the range."""
    y, m = divmod(d.year * 12 + d.month - 1 + n, 12)
    if not 1 <= y <= 9999:
        return None
    last = calendar.monthrange(y, m + 1)[1]
    assert last == (28 + (y % 4 == 0 and (y % 100 != 0 or y % 400 == 0)) if m == 1 else 30 + (m + (m > 6) + 1) % 2)
    return date(y, m + 1, min(d.day, last))

def months_between(a, b):
    if a > b:
        return -months_between(b, a)
    n = (b.year - a.year) * 12 + b.month - a.month
    n -= plus_months(a, n) > b
    after = plus_months(a, n + 1)
    assert n >= 0 and plus_months(a, n) <= b and (after is None or after > b)
    return n

def evaluate(op, a, b, c):
    if op in ("add", "sub", "mul"):
        x = {"add": F.__add__, "sub": F.__sub__, "mul": F.__mul__}[op](F(a), F(b))
        again = {"add": EXACT.add, "sub": EXACT.subtract, "mul": EXACT.multiply}[op](D(a), D(b))
        assert F(*again.as_integer_ratio()) == x
        return text(x)
    if op == "div":
        return quotient(a, b)
    if op in ("round", "floor", "ceil"):
        return rounded(op, a, int(b or 0))
    if op in ("abs", "neg", "min", "max"):
        values = [F(v) for v in (a, b, c) if v]
        return text({"abs": lambda v: abs(v[0]), "neg": lambda v: -v[0], "min": min, "max": max}[op](values))
    if op == "cmp":
        result = "less" if F(a) < F(b) else "greater" if F(a) > F(b) else "equal"
        assert EXACT.compare(D(a), D(b)) == ["less", "equal", "greater"].index(result) - 1
        return result
    d = date.fromisoformat(a)
    if op in ("year", "month"):
        return str(getattr(d, op))
    if op.startswith(("date_add", "date_sub")):
        result = (plus_days if op.endswith("days") else plus_months)(d, int(b) if "add" in op else -int(b))
        return result.isoformat() if result else "undefined"
    e = date.fromisoformat(b)
    if op in ("date_diff", "days_between"):
        assert ordinal(d) - ordinal(e) == (d - e).days
        return str((d - e).days if op == "date_diff" else (e - d).days)
    if op == "months_between":
        return str(months_between(d, e))
    lower = (plus_days if op == "within_days" else plus_months)(e, -int(c))
    inside = d <= e and (lower is None or lower < d)
    assert inside == (ordinal(d) in range(ordinal(lower) + 1 if lower else 1, ordinal(e) + 1))
    return str(inside).lower()

NUMERIC = "add sub mul div round floor ceil abs neg min max cmp".split()
ROWS, STATE = set(), 20240229

def row(op, *args):
    args = [v if isinstance(v, str) else v.isoformat() if isinstance(v, date) else text(v) for v in args]
    for v in args if op in NUMERIC else ():  # an input fits as written, and is canonical except for cmp
        assert text(F(v)) == v or op == "cmp" and abs(int(v.replace(".", ""))) <= MAX and len(v.partition(".")[2]) <= 28
    a, b, c = args + [""] * (3 - len(args))
    ROWS.add((op, a, b, c, evaluate(op, a, b, c)))

def rows(ops, listing):
    """For each operator the rows "a b,a b", as given and with the arguments reversed."""
    for op in ops.split():
        for args in listing.replace("MAX", str(MAX)).replace("TINY", text(TINY)).split(","):
            row(op, *args.split())
            row(op, *args.split()[::-1])

def rnd(low, high):
    """Integer in low..high from a 128-bit linear congruential generator."""
    global STATE
    STATE = (STATE * 0x2360ED051FC65DA44385DF649FCCF645 + 1) % 2**128
    return low + (STATE >> 20) % (high - low + 1)

def number(digits=29, places=PLACES):
    n = rnd(0, min(10 ** rnd(1, digits) - 1, MAX))
    return F(n if rnd(0, 2) else -n, 10 ** rnd(0, places))

def some_date(low=date(1890, 1, 1), high=date(2110, 12, 31)):
    d = date.fromordinal(rnd(low.toordinal(), high.toordinal()))
    return d if rnd(0, 1) else d.replace(day=calendar.monthrange(d.year, d.month)[1])

def number_rows():
    corners = [F(0), TINY, F(MAX), -F(MAX), F(-1), -TINY, F(MAX, 10), F(-1, 2), F(5, 2), F(-99, 100), F(MAX, 10**28)]
    for a in corners:
        for op in ("floor", "ceil", "abs", "neg"):
            row(op, a)
        for b, places in zip(corners, (0, 1, 27, 28)):
            row("round", a, places)
            for op in ("add", "sub", "mul", "div", "cmp"):
                row(op, a, b)
    rows("add sub", """0.1 0.2,7922816251426433759354395033.5 0.5,7922816251426433759354395033.5 0.1,10 TINY,7 TINY,
        8 TINY,-7922816251426433759354395033.5 0.5,0.9999999999999999999999999999 TINY,
        10000000000 0.0000000000000000001,7.9228162514264337593543950335 0.0000000000000000000000000005,-8 TINY,
        39614081257132168796771975168 39614081257132168796771975167,-39614081257132168796771975168 0.1,
        39614081257132168796771975168 39614081257132168796771975168""")
    # 2**i / 10**s * 5**j / 10**t: the zeros of the raw product cancel against the decimal places
    for i, s, j, t in ((90, 19, 38, 19), (95, 28, 41, 28), (95, 28, 41, 13), (29, 28, 28, 28), (28, 28, 29, 28),
                       (60, 28, 41, 28), (94, 28, 40, 27), (14, 14, 14, 15), (0, 14, 0, 14), (0, 14, 0, 15)):
        row("mul", F(2**i, 10**s), F(5**j, 10**t))
        row("mul", F(5**j, 10**t), F(-(2**i), 10**s))
    rows("mul", f"""{2**48} -{2**48},{2**48 - 1} {2**48 + 1},{MAX // 5} 5,{MAX // 3} -3,{10**28} 8,{10**28} 7,MAX 0.1,
        7922816251426433759354395033.5 10,7.9228162514264337593543950335 {10**28},{10**28} TINY""")
    for k in range(28):
        for op in ("add", "sub", "mul"):
            row(op, number(14, 10), number(14, 10))
        row("mul", F(2 ** rnd(0, 90), 10 ** rnd(0, 28)), F(5 ** rnd(0, 40), 10 ** rnd(0, 28)))
        row("div", number(12, 8), number(8, 6))
        row("round", number(), rnd(0, 28))
        row("round", F(rnd(-10**9, 10**9) * 10 + 5, 10 ** (k + 1)), k)  # a tie
        if k % 2:
            for op in ("add", "sub", "mul", "div", "cmp", "min", "max"):
                row(op, number(), number())
            row("div", F(rnd(-10**9, 10**9) * 2 + 1, 10**28), 2)  # a tie at 28 places
            row("div", MAX - 2 * rnd(0, 10**28), 2 * 10**k)  # a tie at k places, the most that fit
            row("div", number(20, 10), 2 ** rnd(1, 40))
            for op in ("floor", "ceil", "abs", "neg"):
                row(op, number())
    rows("min max", """0 -1,MAX -MAX,-TINY 0,TINY -TINY,7922816251426433759354395033.5 MAX,1 2 3,2 3 1,2 1 3,-1 -1 -1,
        1 1.0000000000000000000000000001,MAX 0 TINY,0.5 0.5 0.05""")
    rows("cmp", """1.10 1.1,0 0.00,0.0000000000000000000000000000 0,-1.50 -1.5,100 100.0,2.50 2.500,1.10 1.11,9.90 10,
        7.0000000000000000000000000000 7,-1.10 -1.11,0.50 0.05,0.10 0.1000000000000000000000000001,12345.6700 12345.67,
        7922816251426433759354395033.0 7922816251426433759354395033,MAX 7.9228162514264337593543950335,-0.10 0.1,
        7922816251426433759354395033.5 7922816251426433759354395034,7922816251426433759354395033.5 MAX""")

def division_rows():
    rows("div", f"""1 3,2 3,-1 3,-2 3,1 -3,-2 -3,MAX 3,MAX 7,1 7,1 8,22 7,0 -3,6 0.3,TINY 2,TINY 3,TINY -2,{10**28} 3,
        {2 * 10**28} 3,1 {2**28},1 {2**29},3 {2**29},MAX {MAX - 1},7 TINY,8 TINY,MAX 100,MAX 0.9,MAX 1.1,MAX 2,
        0.0000000000000000000000000003 2,0.0000000000000000000000000005 2,-0.0000000000000000000000000003 2,
        0.0000000000000000000000000002 3,0.0000000000000000000000000007 -2,MAX 7922816251426433759354395033.5,
        1 {2 * 10**28},3 {2 * 10**28},5 -{2 * 10**28}""")
    # Quotients (MAX + r/c) / 10**p: below 1/2 they round to MAX, above it one place fewer is used (or undefined).
    # The dividend fits only if c * MAX + r sheds zeros; exactly MAX + 1/2 cannot occur, 2**97 - 1 being prime to 10.
    below, above = [], []
    for c in range(2, 1000):
        shed = 10 ** len(str(c))
        r = -c * MAX % shed
        if 0 < r < c:
            (above if 2 * r > c else below).append((F(c * MAX + r, shed), F(c, shed)))
    for a, b in below[:3] + above[:3]:
        for divisor in (b, -b, b * 10, -b * 10, b * 10**28):
            row("div", a, divisor)
    for k in range(4, 29, 2):  # a hair above and below a tie at 28 places: 10**28 * a = (b +- 1) / 2 modulo b
        b = 10**k - rnd(1, 10 ** (k - 1)) * 10 - 1
        for remainder in (b // 2, b // 2 + 1):
            row("div", remainder * pow(10**28, -1, b) % b, b)

def date_rows():
    corners = ("0001-01-01 1900-01-31 1900-02-28 1900-03-01 2000-02-29 2023-01-31 2023-02-28 2023-12-31 2024-01-31 "
               "2024-02-29 2024-03-31 9999-12-31").split()
    for d in corners:
        for op in ("year", "month"):
            row(op, d)
            row(op, some_date(date.min, date.max))
        for sign in ("add", "sub"):
            for n in (1, -1, 12, 366):
                row(f"date_{sign}_days", d, n)
                row(f"date_{sign}_months", d, n if n < 366 else 13)
        rows("date_diff days_between months_between", f"{d} {corners[0]},{d} {corners[4]}")
    for d, unit, n in ((date.min, "days", 3652058), (date.min, "months", 119987), (date.max, "months", 119987)):
        for m in (0, n, n + 1, -n, -n - 1, 2**31, 2**63 - 1, -2**63):
            row(f"date_add_{unit}", d, m)
            row(f"date_sub_{unit}", d, m)
    rows("months_between", """2024-01-31 2024-02-29,2023-01-31 2023-02-28,2024-02-29 2025-02-28,2024-02-29 2025-02-27,
        2024-03-31 2024-02-29,2024-03-30 2024-02-29,2024-01-30 2024-02-29,2024-01-15 2024-02-14,2024-01-15 2024-02-15,
        2023-12-31 2024-01-01,2024-05-31 2024-06-30,2000-02-29 1900-02-28,2024-12-31 2025-02-28""")
    for _ in range(12):
        d = some_date()
        rows("date_diff days_between months_between", f"{d} {some_date()}")
        row("months_between", d, plus_months(d, rnd(-40, 40)))
        for sign in ("add", "sub"):
            row(f"date_{sign}_days", d, rnd(-3000, 3000))
            row(f"date_{sign}_months", d, rnd(-300, 300))
    windows = [(date(2024, 2, 29), n) for n in (0, 1, 12, 10**7, 2**63 - 1)] + [(date(2024, 3, 31), 1), (date.min, 0)]
    windows += [(date(2024, 12, 31), 90), (date(1, 1, 31), 30), (date(1, 1, 15), 1), (date.max, 3652058)]
    for as_of, n in windows + [(some_date(), rnd(1, 36)) for _ in range(4)]:
        for op, shift in (("within_days", plus_days), ("within_months", plus_months)):
            lower = shift(as_of, -n)
            near = [plus_days(lower, k) for k in (-1, 0, 1)] if lower else [date.min]
            for d in filter(None, near + [as_of, plus_days(as_of, 1)]):
                row(op, d, as_of, n)

if __name__ == "__main__":
    number_rows()
    division_rows()
    date_rows()
    print("op,a,b,c,expected", *map(",".join, sorted(ROWS)), sep="\n")
