//! Shapes that once cost more than their size, or could: nesting, chains, long ladders, lists, lets.

use std::num::NonZeroUsize;

use tierwise::{Budget, Customer, Horizon, Policy, Target};

use crate::{TURN, codes, nested, on_half_a_mebibyte, today};

/// Rules that hold a text `times` times.
fn repeated(text: &str, times: usize) -> String {
    format!("{} => A", text.repeat(times))
}

/// Sizes at which anything quadratic would take minutes.
#[test]
fn large_ladders_sets_and_chains_end() {
    let _turn = TURN.lock();
    let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
    let tiers: Vec<String> = (0..20_000).map(|at| format!("T{at}")).collect();
    let mut ladder = format!("tiers {}\n", tiers.join(" > "));
    for (at, tier) in tiers.iter().enumerate() {
        ladder += &format!(
            "points = {at} => {tier}\ncap {tier} when nps = {}\nfloor {tier} when complaints = {at}\n",
            at % 100
        );
    }
    let members: Vec<String> = (0..90_000).map(|at| format!("m{at}")).collect();
    let members = members.join(", ");
    let set = format!("field k: one of ({members})\nk in ({members}) => A\notherwise => B");
    // Each comparison of two sets that are the same, or the same but for the last, looks at one hash.
    let twins = format!(
        "field a: one of ({members})\nfield b: one of ({members})\nfield k: text\n{}otherwise => B",
        "a = b => A\n".repeat(90_000)
    );
    let unlike = twins.replacen("m89999", "other", 1);
    assert_eq!(codes(&Policy::parse(&unlike)), ["E0401"; 100]);
    let lets: String = (1..60_000).map(|at| format!("let v{at} = v{} + 1\n", at - 1)).collect();
    let lets = format!("{lets}let v0 = points\nv59999 > 3 => A\notherwise => B");
    let wide = format!(
        "{} => A\notherwise => B",
        (0..60_000).map(|at| format!("points = {at}")).collect::<Vec<_>>().join(" or ")
    );
    for source in [ladder, set, twins, lets, wide] {
        let policy = Policy::parse(&source).unwrap_or_else(|error| panic!("{error}"));
        for customer in [Customer::new(), Customer::new().with("points", 5).with("k", "m7")] {
            let outcome = policy.classify(&customer, today).unwrap();
            assert_eq!(outcome.missing().next().is_none(), outcome.is_certain());
            assert_eq!(policy.decide(&customer, today).unwrap().is_certain(), outcome.is_certain());
        }
    }
}

/// Small sources that once cost far more than their size.
#[test]
fn small_sources_stay_small() {
    let _turn = TURN.lock();
    let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
    let nested = |form: &str, depth: usize| {
        let inner = (0..depth).fold("frequency".to_owned(), |inner, _| form.replace("{}", &inner));
        format!("{inner} > 1 => A\notherwise => B")
    };
    for form in ["(if 0 < {} < 9 then 1 else 2)", "(if {} between 0 and 9 then 1 else 2)"] {
        let policy = Policy::parse(&nested(form, 60)).unwrap_or_else(|error| panic!("{error}"));
        for customer in [Customer::new(), Customer::new().with("frequency", 3)] {
            let outcome = policy.classify(&customer, today).unwrap();
            assert_eq!(
                tierwise::reference::classify(&policy, &customer, today).unwrap().tier.as_deref(),
                outcome.tier()
            );
        }
    }
    // What does not compile is compiled once, and as many of them as of those that do.
    let patterns: String = (0..90_000).map(|at| format!("region matches \"(a{{99}}){{{at}}}\" => A\n")).collect();
    let patterns = Policy::parse(&patterns).unwrap_err();
    assert!(patterns.more() > 89_000);
    let same = "region matches \"(a{99}){99}\" => A\n".repeat(90_000);
    assert_eq!(codes(&Policy::parse(&same))[..2], ["E0408", "E0408"]);
    let sets = format!("field x: {}text\nfrequency > 1 => A", "set of ".repeat(20_000));
    assert_eq!(codes(&Policy::parse(&sets)), ["E0309"]);
    let names: String = (0..2_000).map(|at| format!("let {}{at:06} = 1\n", "a".repeat(250))).collect();
    let wrong: String = (0..100).map(|at| format!("{}x{at:05} > 1 => A\n", "a".repeat(250))).collect();
    assert_eq!(Policy::parse(&(names + &wrong)).unwrap_err().diagnostics().len(), 100);
    assert_eq!(codes(&Policy::parse(&"(\n".repeat(400_000))), ["E0603"]);
    let controls = format!("#{}\nfrequency > 1 => A", "\u{1}".repeat(1_000_000));
    assert_eq!(codes(&Policy::parse(&controls)), ["E0101"]);
    let signs = Policy::parse(&"'".repeat(900_000)).unwrap_err();
    assert_eq!((signs.diagnostics().len(), signs.more()), (100, 899_900));
    let members = |from: usize| (from..from + 50_000).map(|at| format!("m{at}")).collect::<Vec<_>>();
    let list = members(0).iter().map(|member| format!("\"{member}\"")).collect::<Vec<_>>().join(", ");
    let policy =
        Policy::parse(&format!("tags contains any ({list}) => A\ntags contains all ({list}) => B\notherwise => C"))
            .unwrap();
    let tier = |tags: Vec<String>| {
        policy.classify(&Customer::new().with("tags", tags), today).unwrap().tier().map(str::to_owned)
    };
    assert_eq!(tier(members(50_000)).as_deref(), Some("C"));
    assert_eq!(tier(members(49_999)).as_deref(), Some("A"));
}

/// Runs of Chinese characters, keywords with and without blanks, up to the source limit: linear, and no panic.
#[test]
fn chinese_runs_of_the_largest_size_end() {
    let _turn = TURN.lock();
    let size = 4 << 20;
    for (head, unit) in [
        ("", "且"),
        ("", "年"),
        ("a > 1 ", "且"),
        ("a ", "不"),
        ("a ", "缺失"),
        ("a ", "且 不 "),
        ("d > 5", "天"),
        ("d 在 ", "最近"),
        ("d 在 ", "最近 30 天 内 且 d 在 "),
        ("5", "且5"),
        ("", "若 a 则 "),
        ("若 a 则 1 ", "否则 "),
        ("", "否则\n"),
        ("", "非\n"),
        ("a", "\n且"),
        ("", "（且"),
        ("", "评分 x {"),
        ("评分 x {", "否则\n"),
        ("表 x 按 y {", "3天 缺失\n"),
        ("状态 {", "连续 3 次未达标"),
        ("", "次数("),
        ("次数(", "订单."),
        ("a 介于 ", "1 和 "),
        ("年消费额", "且频率"),
        ("", "字段 年: 整数 默认 5\n"),
        ("", "\u{3000}不"),
        ("a ", "不\u{3000}"),
    ] {
        let most = if unit.contains(['\n', ' ']) { size / 8 } else { size };
        let times = (most - head.len()) / unit.len();
        let source = format!("{head}{}", unit.repeat(times));
        let error = Policy::parse(&source).expect_err(unit);
        assert!(error.to_string().len() < 2 << 20, "{unit}");
    }
}

#[test]
fn depth_64_fits_half_a_mebibyte_of_stack() {
    let _turn = TURN.lock();
    let work = || {
        let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
        let ifs =
            format!("{}1{} > 0 => A\notherwise => B", "(if frequency > 3 then 1 else ".repeat(64), ")".repeat(64));
        let calls = format!("{}1{} > 0 => A\notherwise => B", "max(1, ".repeat(64), ")".repeat(64));
        let mixed =
            format!("{}nps > 1{} => A\notherwise => B", "not (frequency in (1, 2) or ".repeat(63), ")".repeat(63));
        let dated = format!(
            "{}last_order_on within 90 days{} => A\notherwise => B",
            "not (frequency > 9 or ".repeat(63),
            ")".repeat(63)
        );
        for source in [nested(64), ifs, calls, mixed, dated] {
            let policy = Policy::parse(&source).unwrap_or_else(|error| std::panic::panic_any(error.to_string()));
            policy.classify(&Customer::new().with("frequency", 4), today).unwrap();
            policy.classify(&Customer::new(), today).unwrap();
            let customer = Customer::new().with("frequency", 4).with("last_order_on", "2026-03-01");
            policy.explain(&customer, today).unwrap();
            policy.holds_until(&customer, today, Horizon::default()).unwrap();
            policy.distance(&customer, today, Target::Better, Budget::of(500)).unwrap();
            tierwise::reference::classify(&policy, &Customer::new(), today).unwrap();
            let (_, equal) = Policy::printed(&source);
            assert!(equal);
            assert!(!policy.plan().to_string().is_empty());
        }
    };
    std::thread::Builder::new().stack_size(512 << 10).spawn(work).unwrap().join().unwrap();
}

/// Every form with brackets, by what stands in it and what it is: a condition or a number.
const BRACKETS: [(&str, char, char); 21] = [
    ("({})", 'c', 'c'),
    ("not ({})", 'c', 'c'),
    ("(b and {})", 'c', 'c'),
    ("({} = b)", 'c', 'c'),
    ("({} ?? b)", 'c', 'c'),
    ("(if {} then b else true)", 'c', 'c'),
    ("(if b then {} else b)", 'c', 'c'),
    ("(if b then true else if {} then b else b)", 'c', 'c'),
    ("at least 1 of (b, {})", 'c', 'c'),
    ("(if {} then 1 else n)", 'c', 'n'),
    ("({} > 1)", 'n', 'c'),
    ("(0 < {} <= n)", 'n', 'c'),
    ("({} not between 1 and n)", 'n', 'c'),
    ("({} in (1, 2))", 'n', 'c'),
    ("({} is missing)", 'n', 'c'),
    ("(n + {} / 2)", 'n', 'n'),
    ("-({})", 'n', 'n'),
    ("max(n, {}, 1)", 'n', 'n'),
    ("round({}, 2)", 'n', 'n'),
    ("({} ?? n ?? 1)", 'n', 'n'),
    ("(if b then n else {})", 'n', 'n'),
];

/// Each of them in each other, as deep as is allowed: no stack overflows, and nothing doubles with every level.
#[test]
fn every_pair_of_brackets_nests_to_the_limit() {
    let _turn = TURN.lock();
    let source = |pair: [&str; 2], innermost: char, outside: char, levels: usize| {
        let inner = if innermost == 'c' { "b" } else { "n" }.to_owned();
        let nested = (0..levels).fold(inner, |inner, level| pair[level % 2].replace("{}", &inner));
        let test = if outside == 'c' { "" } else { " > 1" };
        format!("field n: number\nfield b: boolean\n{nested}{test} => A\notherwise => B")
    };
    let mut pairs = 0;
    for (first, inside, between) in &BRACKETS {
        for (second, _, outside) in BRACKETS.iter().filter(|(_, taken, gives)| taken == between && gives == inside) {
            let count = |levels| {
                let source = source([first, second], *inside, *outside, levels);
                let measured = allocation_counter::measure(|| {
                    let policy = Policy::parse(&source).unwrap_or_else(|error| panic!("{error}"));
                    for customer in [Customer::new(), Customer::new().with("n", 3).with("b", true)] {
                        let outcome = policy.classify(&customer, today()).unwrap();
                        assert_eq!(policy.decide(&customer, today()).unwrap().tier(), outcome.tier_id());
                    }
                });
                assert!(Policy::printed(&source).1, "{source}");
                measured.count_total
            };
            let (half, whole) = on_half_a_mebibyte(|| (count(30), count(60)));
            // Where facts are missing the search cuts once for every level, and looks at the others on the way.
            assert!(whole <= half * 3 + 200, "{first} in {second}: {half} allocations, then {whole}");
            pairs += 1;
        }
    }
    println!("{pairs} pairs of brackets");
    assert_eq!(pairs, 127);
}

/// What is repeated up to the source limit, and whether a deep bracket stack is what it makes.
const HOSTILE: [&str; 14] = [
    "(",
    "not ",
    "-",
    "if ",
    "if a then ",
    "if a then 1 else ",
    "a and ",
    "a + ",
    "a ?? ",
    "a < ",
    "f(",
    "\"",
    "`",
    "{\n",
];

#[test]
fn repetition_up_to_the_source_limit_ends_in_bounded_memory() {
    let _turn = TURN.lock();
    let limit = 4 << 20;
    for text in HOSTILE {
        let source = repeated(text, limit / text.len() - 2);
        let measured = allocation_counter::measure(|| {
            let error = Policy::parse(&source).unwrap_err();
            assert!(error.diagnostics().len() <= 100);
        });
        let factor = measured.bytes_max / source.len() as u64;
        println!("{text:?}: peak {factor} x the source, {} allocations", measured.count_total);
        assert!(factor < 64, "{text:?} takes {factor} times the source");
        let over = repeated(text, limit / text.len() + 1);
        assert_eq!(codes(&Policy::parse(&over)), ["E0601"]);
    }
}

#[test]
fn flat_chains_up_to_the_token_limit_are_policies() {
    let _turn = TURN.lock();
    let start = "field a: number\nfield b: boolean\n";
    let fitting = |head: &str, part: &str, times: usize, tail: &str| {
        format!("{start}{head}{}{tail} => A\notherwise => B", part.repeat(times))
    };
    for (head, part, times, tail) in [
        ("", "a + ", 490_000, "a > 0"),
        ("", "b and ", 490_000, "b"),
        ("", "not ", 900_000, "b"),
        ("0 < ", "-", 900_000, "a"),
        ("", "if b then a > 1 else ", 120_000, "b"),
        ("", "a ?? ", 490_000, "a > 0"),
        ("0 ", "< a ", 490_000, ""),
    ] {
        let source = fitting(head, part, times, tail);
        let mut result = None;
        let measured = allocation_counter::measure(|| result = Some(Policy::parse(&source)));
        let policy = result.unwrap().unwrap_or_else(|error| std::panic::panic_any(format!("{part}: {error}")));
        let factor = measured.bytes_max / source.len() as u64;
        println!("{part:?} x {times}: parsing, checking and compiling peak at {factor} x the source");
        assert!(factor < 128, "{part:?} takes {factor} times the source");
        let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
        policy.classify(&Customer::new(), today).unwrap();
    }
}

/// Doubling the input may at most double the work and a little.
fn doubles(name: &str, source: impl Fn(usize) -> String, sizes: &[usize]) {
    let mut last: Option<(u64, u64)> = None;
    for size in sizes {
        let source = source(*size);
        let measured = allocation_counter::measure(|| drop(Policy::parse(&source)));
        let now = (measured.count_total, measured.bytes_total);
        if let Some(before) = last {
            println!("{name} {size}: {} allocations, {} bytes", now.0, now.1);
            assert!(
                now.0 <= before.0 * 5 / 2 + 100 && now.1 <= before.1 * 5 / 2 + 20_000,
                "{name} {size}: {before:?} to {now:?}"
            );
        }
        last = Some(now);
    }
}

#[test]
fn doubling_the_input_doubles_the_work() {
    let _turn = TURN.lock();
    doubles("nesting", nested, &[8, 16, 32, 64]);
    doubles("calls", |n| format!("{}1{} > 0 => A", "max(1, ".repeat(n), ")".repeat(n)), &[8, 16, 32, 64]);
    doubles("chain", |n| format!("{}points > 0 => A", "points + ".repeat(n)), &[1_000, 2_000, 4_000, 8_000]);
    doubles("and", |n| format!("{}points > 0 => A", "points > 1 and ".repeat(n)), &[1_000, 2_000, 4_000, 8_000]);
    doubles(
        "else if",
        |n| format!("{}true => A", "if points > 1 then false else ".repeat(n)),
        &[500, 1_000, 2_000, 4_000],
    );
    doubles("rules", |n| "points > 1 and nps > 2 => A\n".repeat(n), &[1_000, 2_000, 4_000, 8_000]);
    doubles("errors", |n| "pionts > 1 & nps > 2 => A\n".repeat(n), &[1_000, 2_000, 4_000, 8_000]);
    doubles(
        "lets",
        |n| {
            (0..n)
                .map(|at| {
                    format!("let v{at} = {}\n", if at == 0 { "points".into() } else { format!("v{} + 1", at - 1) })
                })
                .collect::<String>()
                + &format!("v{} > 0 => A", n - 1)
        },
        &[500, 1_000, 2_000, 4_000],
    );
    doubles("comments", |n| format!("{}points > 1 => A", "# a comment\n".repeat(n)), &[1_000, 2_000, 4_000, 8_000]);
    doubles(
        "comments inside",
        |n| format!("(points > 1 and{}\n points > 2) => A", "\n# a comment".repeat(n)),
        &[1_000, 2_000, 4_000],
    );
}

#[test]
fn the_grammar_takes_a_bounded_number_of_calls_for_each_byte() {
    let _turn = TURN.lock();
    let sources = [
        nested(64),
        format!("{}1{} > 0 => A", "max(1, ".repeat(64), ")".repeat(64)),
        format!("{}points > 0 => A", "points + ".repeat(4_000)),
        format!("{}true => A", "if points > 1 then false else ".repeat(2_000)),
        format!("{}(true){} => A", "(if true then ".repeat(63), " else false)".repeat(63)),
        format!("points in ({}1) => A", "1, ".repeat(4_000)),
        format!("(points > 1 and{}\n points > 2) => A", "\n# a comment".repeat(2_000)),
        format!("{}points > 0 => A", "not not ".repeat(2_000)),
    ];
    for source in sources {
        // A parse that needed more calls than this would fail.
        pest::set_call_limit(NonZeroUsize::new(source.len() * 40 + 2_000));
        let parsed = Policy::parse(&source);
        pest::set_call_limit(None);
        assert!(parsed.is_ok(), "{}…: {:?}", &source[..40], codes(&parsed));
    }
}
