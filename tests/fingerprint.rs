//! The fingerprint of version 1 is pinned: it tells what a policy means, not how it is written, and never changes.

use tierwise::{Field, Policy, Schema, Type};

const WHOLE: &str = r#"policy "Key accounts" version "2026.1" effective 2026-01-01
currency CNY
tiers A "Key account" > B > C
match best
field industry "行业": one of (manufacturing, services, "IN") default services
field nps: integer -100..100 rising cost 2
field margin: number 0..1 scale 4 required
field email: text sensitive
field tags2: set of text fixed
let loyal = tenure_months >= 24 and frequency >= 12
let ratio = annual_spend / 10K CNY
"big": annual_spend > 1M and loyal => A
"odd": at least 2 of (nps > 50, margin between 0.1 and 0.5, industry in (manufacturing, "IN")) or ratio > 3 => B
email matches "@example[.]com$" and email not starts with "x" and lower(email) contains "a" => B
tags2 contains any ("x", "y") and (if last_order_on within 90 days then nps else -1) ?? 0 > 5 => B
customer_since + 12 months <= today and region is missing => B
otherwise => C
"overdue": cap current.tier when overdue_days > 60
floor B when lifetime_value > 10M
assume frequency > 0 or annual_spend = 0
"#;

fn fingerprint(source: &str) -> String {
    Policy::parse(source).unwrap_or_else(|error| panic!("{error}")).fingerprint().to_owned()
}

#[test]
fn the_encoding_of_version_1_is_pinned() {
    assert_eq!(fingerprint(WHOLE), "1:c2ecf0ff4e3e820c19b3eec7699650da");
    assert_eq!(fingerprint("annual_spend > 1M => A\notherwise => B"), "1:cc880e5c89b9252bc4de49f05dfdfb04");
}

#[test]
fn layout_comments_and_spelling_do_not_change_it() {
    let plain = fingerprint("annual_spend > 1M and frequency >= 12 => A\notherwise => B");
    for same in [
        "# a comment\n\nannual_spend > 1_000_000 and frequency >= 12 => A  # why\notherwise => B",
        "tierwise 1\nannual_spend > 100万\n  AND frequency >= 12.0\n  => A; otherwise => B",
        "annual_spend ＞ １M and `frequency` ≥ 12 ＝＞ A\r\notherwise => B",
        "(annual_spend > (1M)) and not not frequency >= 12 => A\notherwise => B",
    ] {
        assert_eq!(fingerprint(same), plain, "{same}");
    }
    assert_eq!(fingerprint(&Policy::printed(WHOLE).0), fingerprint(WHOLE));
}

#[test]
fn meaning_changes_it() {
    let policies = [
        "annual_spend > 1M => A\notherwise => B",
        "annual_spend >= 1M => A\notherwise => B",
        "annual_spend > 2M => A\notherwise => B",
        "annual_spend > 1M => B\notherwise => A",
        "\"x\": annual_spend > 1M => A\notherwise => B",
        "annual_spend > 1M => A",
        "currency EUR\nannual_spend > 1M => A\notherwise => B",
        "tiers B > A\nannual_spend > 1M => A\notherwise => B",
        "tiers A > B\nmatch best\nannual_spend > 1M => A\notherwise => B",
        "field annual_spend: number\nannual_spend > 1M => A\notherwise => B",
        "field annual_spend: money 0..\nannual_spend > 1M => A\notherwise => B",
        "field annual_spend: money default 0\nannual_spend > 1M => A\notherwise => B",
        "let x = 1M\nannual_spend > x => A\notherwise => B",
        "policy \"p\"\nannual_spend > 1M => A\notherwise => B",
        "annual_spend > 1M => A\notherwise => B\nassume frequency > 0",
    ];
    let mut seen: Vec<String> = policies.iter().map(|policy| fingerprint(policy)).collect();
    let schema = Schema::standard().field(Field::new("annual_spend", Type::Money).required());
    let hosts = Policy::builder().schema(schema).parse("annual_spend > 1M => A\notherwise => B").unwrap();
    seen.push(hosts.fingerprint().to_owned());
    let all = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), all);
}

const BLOCKS: &str = r#"currency CNY
tiers A > B > C
field sector: one of (manufacturing, "public hands")
segment stage { frequency = 0 => prospect; not last_order_on within 365 days => "long gone"; otherwise => repeat }
table size by sector { sector staff since; manufacturing 1000 2026-01-01; "public hands" missing 2025-06-30 }
score value {
    annual_spend: >= 1M => 40, >= 200K => 20, otherwise => 0 weight 40%
    "word of mouth": nps: between 50 and 100 => 10, missing => 5, otherwise => -1.5
    points / 1000
} min 0 max 100
benefits A { discount: 10%, response: 4 hours, manager: "dedicated", credit: annual_spend * 2 }
value >= 40 and stage in (repeat, prospect) and employees >= size.staff => A
otherwise => C
"#;

#[test]
fn scores_segments_tables_and_benefits_are_pinned() {
    assert_eq!(fingerprint(BLOCKS), "1:3f1f4ad03287f1e8383278c57407307c");
    assert_eq!(fingerprint(&Policy::printed(BLOCKS).0), fingerprint(BLOCKS));
    let mut seen = vec![fingerprint(BLOCKS)];
    for (from, to) in [
        ("=> 40", "=> 41"),
        (">= 1M", "> 1M"),
        ("missing => 5, ", ""),
        (" weight 40%", " weight 41%"),
        ("\"word of mouth\": ", ""),
        ("min 0 max 100", "max 100"),
        ("max 100\n", "\n"),
        ("365 days", "364 days"),
        ("\"long gone\"", "gone"),
        ("\"public hands\" missing", "\"public hands\" 5"),
        ("1000 2026", "1001 2026"),
        ("10%,", "11%,"),
        ("4 hours", "240 minutes"),
        ("benefits A", "benefits B"),
        ("score value", "score worth"),
        ("points / 1000", "points / 1001"),
    ] {
        let changed = BLOCKS.replace(from, to);
        let changed = if from == "score value" { changed.replace("value >= 40", "worth >= 40") } else { changed };
        assert_ne!(changed, BLOCKS, "{from}");
        seen.push(fingerprint(&changed));
    }
    let all = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), all);
}

const HISTORIES: &str = r#"currency CNY
tiers A > B > C
collection stays "Stays" { nights: integer 0.., from: date, to: date } dated by to
field orders.brand: text
sum(orders.amount in last 12 months where brand = "own") >= 100 => A
all(months in previous 6 months where count(orders) > 0) => A
streak(quarters in previous 8 quarters where sum(orders.amount) >= 10) >= 2 => A
max(stays.nights in this year from 04-01) > 3 => B
count(stays in since 2026-01-01) > 3 or count(refunds in 2025-01-01..2025-12-31) > 2 => B
average(group.annual_spend) > 5 => B
otherwise => C
"#;

#[test]
fn collections_and_windows_are_pinned() {
    assert_eq!(fingerprint(HISTORIES), "1:9faa7db79e286404b59a25d5564dc239");
    assert_eq!(fingerprint(&Policy::printed(HISTORIES).0), fingerprint(HISTORIES));
    let mut seen = vec![fingerprint(HISTORIES)];
    for (from, to) in [
        ("last 12 months", "last 1 year"),
        ("last 12 months", "last 11 months"),
        ("previous 6 months", "previous 5 months"),
        ("previous 8 quarters", "previous 8 years"),
        ("all(months", "all(quarters"),
        ("this year from 04-01", "this year from 04-02"),
        ("this year from 04-01", "this year"),
        ("since 2026-01-01", "since 2026-01-02"),
        ("2025-12-31", "2025-12-30"),
        ("dated by to", "dated by from"),
        ("refunds", "orders"),
        ("max(stays", "min(stays"),
        (" where brand = \"own\"", ""),
        ("nights: integer 0..", "nights: integer"),
        ("group.annual_spend", "group.lifetime_value"),
    ] {
        let changed = HISTORIES.replace(from, to);
        assert_ne!(changed, HISTORIES, "{from}");
        seen.push(fingerprint(&changed));
    }
    // Twelve months are a year.
    let year = seen.remove(1);
    assert_eq!(seen[0], year);
    let all = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), all);
}
