//! Scores, segments, tables and benefits as large as a source may be: linear to load, bounded to evaluate.

use tierwise::{Customer, Policy};

use crate::{TURN, codes, on_half_a_mebibyte, today};

fn many(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}

/// A policy of so many entries, by the name of what there is much of.
fn sources(n: usize) -> Vec<(&'static str, String)> {
    let rule = "v >= 3 => A\notherwise => B\n";
    let bins = many(n, |at| format!("= {at} => {}, ", at % 7));
    let ranges = many(n, |at| format!(">= {} => {}, ", n - at, at % 7));
    let texts = many(n, |at| format!("= \"r{at}\" => {}, ", at % 7));
    let lines = many(n, |at| format!("points: >= {at} => 1, otherwise => 0\n"));
    let segment = many(n, |at| format!("points = {at} => m{at}\n"));
    let rows = many(n, |at| format!("\"k{at}\" {at}\n"));
    let columns = many(n, |at| format!(" c{at}"));
    let cells = many(n, |at| format!(" {at}"));
    let lookups = many(n, |at| format!("points > t.c{at} => A\n"));
    let scores = many(n, |at| format!("score s{at} {{ s{}: >= 3 => 5, otherwise => 1 }}\n", at + 1));
    let segments = many(n, |at| format!("segment g{at} {{ g{} = a => a; otherwise => b }}\n", at + 1));
    let many_scores = many(n, |at| format!("score s{at} {{ points: >= {at} => 5, otherwise => 1 }}\n"));
    let benefits = many(n, |at| format!("b{at}: {at}\n"));
    vec![
        ("bins", format!("score v {{ points: {bins}otherwise => 0 }}\n{rule}")),
        ("ranges", format!("score v {{ points: {ranges}otherwise => 0 }}\n{rule}")),
        ("texts", format!("score v {{ region: {texts}otherwise => 0 }}\n{rule}")),
        ("lines", format!("score v {{ {lines} }}\n{rule}")),
        ("segment", format!("segment v {{ {segment} otherwise => rest }}\nv = m3 => A\nv = m4 => A\notherwise => B\n")),
        ("rows", format!("table t by region {{ region c\n{rows} }}\npoints > t.c => A\notherwise => B\n")),
        ("columns", format!("table t by region {{ region{columns}\n\"x\"{cells}\n }}\n{lookups}otherwise => B\n")),
        (
            "scores",
            format!("{scores}score s{n} {{ points: >= 3 => 5, otherwise => 1 }}\ns0 >= 3 => A\notherwise => B\n"),
        ),
        (
            "segments",
            format!("{segments}segment g{n} {{ points > 3 => a; otherwise => b }}\ng0 = a => A\notherwise => B\n"),
        ),
        ("scores beside", format!("{many_scores}s0 >= 3 => A\notherwise => B\n")),
        ("benefits", format!("tiers A > B\nbenefits A {{ {benefits} }}\npoints >= 3 => A\notherwise => B\n")),
    ]
}

/// Loads and classifies; the allocations and bytes of loading, and the seconds of both.
fn measured(name: &str, source: &str) -> (u64, u64, u64, std::time::Duration) {
    let begin = std::time::Instant::now();
    let mut policy = None;
    let info = allocation_counter::measure(|| policy = Some(Policy::parse(source)));
    let policy = policy.unwrap().unwrap_or_else(|error| std::panic::panic_any(format!("{name}: {error}")));
    for customer in [Customer::new(), Customer::new().with("points", 5).with("region", "k7")] {
        let outcome = policy.classify(&customer, today()).unwrap();
        assert_eq!(outcome.missing().next().is_none(), outcome.is_certain(), "{name}");
    }
    (info.count_total, info.bytes_total, info.bytes_max, begin.elapsed())
}

#[test]
fn large_blocks_take_linear_work() {
    let _turn = TURN.lock();
    for ((name, half), (_, whole)) in sources(2_000).into_iter().zip(sources(4_000)) {
        let (before, now) = on_half_a_mebibyte(|| (measured(name, &half), measured(name, &whole)));
        println!("{name}: {} bytes, {now:?}", whole.len());
        assert!(now.0 <= before.0 * 5 / 2 + 2_000, "{name}: {} allocations, then {}", before.0, now.0);
        assert!(now.1 <= before.1 * 5 / 2 + (256 << 10), "{name}: {} bytes, then {}", before.1, now.1);
        assert!(now.2 <= whole.len() as u64 * 128 + (1 << 20), "{name}: {} bytes at once for {}", now.2, whole.len());
    }
}

/// Sizes at which anything quadratic would take minutes.
#[test]
fn blocks_at_the_limits_end() {
    let _turn = TURN.lock();
    let large = sources(40_000)
        .into_iter()
        .chain(sources(100_000).into_iter().filter(|(name, _)| matches!(*name, "bins" | "rows")));
    for (name, source) in large {
        let measured = on_half_a_mebibyte(|| measured(name, &source));
        println!("{name}: {} bytes, {measured:?}", source.len());
    }
}

/// Brackets count in bins, lines and benefits as they do in rules.
#[test]
fn blocks_keep_the_depth_limit() {
    let _turn = TURN.lock();
    let nested = |depth: usize| format!("{}points{}", "(".repeat(depth), ")".repeat(depth));
    for form in
        ["score v { {}: >= 3 => 5, otherwise => 0 }", "score v { nps: >= {} => {} }", "segment v { {} > 3 => a }"]
    {
        let source = |depth: usize| format!("{}\nnps > 3 => A", form.replace("{}", &nested(depth)));
        assert!(Policy::parse(&source(62)).is_ok(), "{form}: {:?}", codes(&Policy::parse(&source(62))));
        assert_eq!(codes(&Policy::parse(&source(70))), ["E0603"], "{form}");
    }
}
