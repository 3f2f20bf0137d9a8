"""Texts that are meant to hang, to fill the memory or to crash whoever evaluates them."""

DOUBLING = "for i in 1..60 return if i = 1 then [1, 1] else [partial[-1], partial[-1]]"

refused = [
    "for i in 1..1000000000 return i",
    "for i in 1..100000, j in 1..100000 return i * j",
    "some i in 1..1000000000 satisfies i < 0",
    "for i in 1E14..9E14 return 1",
    "(" * 10_000 + "1" + ")" * 10_000,
    "[" * 10_000,
    "{a:" * 3_000 + "1" + "}" * 3_000,
    "-" * 5_000 + "1",
    "not(" * 3_000,
    "a" + ".b" * 5_000,
    "a" + "[1]" * 5_000,
    "1+" * 49_000 + "1",
    "1+" * 500_000 + "1",
    '"' + "a" * 1_000_000 + '"',
    "function(a) " * 5_000 + "1",
    "1 instance of " + "list<" * 5_000,
    "{f: function(n) f(n + 1), r: f(1)}.r",
    "(function(f) f(f))(function(f) f(f))",
    DOUBLING,
    f"flatten({DOUBLING})",
    f"string({DOUBLING})",
    f"{{a: {DOUBLING}, b: a[-1] = a[-1]}}.b",
    'for i in 1..60 return if i = 1 then "aaaaaaaaaaaaaaaaaa" else partial[-1] + partial[-1]',
    f'for i in 1..1000 return replace("{"a" * 5000}", "a", "bbbbbbbbbbbbb")',
    f'string join(for i in 1..50000 return "a", "{"b" * 40000}")',
    "sort(for i in 1..90000 return -i)",
    "distinct values(for i in 1..90000 return i)",
    "9" * 400 + "E9999",
    "/*" + "*" * 90_000,
]
"""These end in an error of FEEL."""

borne = [
    "10 ** 10 ** 10 ** 10 ** 10",
    "exp(1E6000)",
    'duration("P1Y") * 1E6000',
    'duration("P1D") * 1E6000',
    "for i in 1E6000..1E6001 return i",
    "[1][1E6000]",
    "modulo(1E6000, 3)",
    "round up(1E-6100, 5)",
    f'matches("{"a" * 50_000}b", "(a+)+$")',
    'matches("a", "((a{1,100}){1,100}){1,100}")',
    "f(" + "1," * 20_000 + "1)",
    "a " * 40_000,
]
"""These end in a value, null as a rule."""
