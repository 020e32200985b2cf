//! `--lang`.

use crate::run::{Done, Folder};

const CUSTOMERS: &str = "id,annual_spend\n007,1500000\n008,980000\n009,much\n";

fn run(policy: &str, args: &[&str]) -> Done {
    Folder::new(policy).with("c.csv", CUSTOMERS).run(args)
}

#[test]
fn diagnostics_are_chinese_on_demand() {
    for command in [&["check"][..], &["check", "--needs"], &["fmt", "--check"]] {
        let done = run("annual_spend > 1m => A\n", &[command, &["p.tier", "--lang", "zh"]].concat());
        assert_eq!(done.code, 1);
        assert!(done.stderr.starts_with("错误[E0107]：`1m` 有两种可能的含义\n"), "{}", done.stderr);
        assert!(done.stderr.contains("  = 帮助：百万写作 `1M`，时长写作 `1 month`"), "{}", done.stderr);
    }
    let done = run("tiers A > B > C\nnps > 300 => A\notherwise => B\n", &["check", "p.tier", "--lang", "zh"]);
    assert!(done.code == 0 && done.stderr.contains("警告[W0101]：没有规则、封顶或保底给出等级 `C`"), "{}", done.stderr);
}

#[test]
fn explanations_are_chinese_on_demand() {
    let args = ["--lang", "zh", "explain", "p.tier", "c.csv", "--as-of", "2026-03-31", "--id", "008"];
    let done = run("currency CNY\nannual_spend > 1M => A\notherwise => B\n", &args);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    assert_eq!(
        done.stdout,
        "008\n截至 2026-03-31，等级为 B\n前面的规则均不成立，由第 3 行的“否则”决定\n未达到 A：\n  - 第 2 行的规则：年消费额为 \
         980,000 CNY，须超过 1,000,000 CNY，还差 20,000.01 CNY\n"
    );
}

#[test]
fn rejections_are_chinese_on_demand() {
    for (format, shown) in
        [("table", "D0102: `annual_spend`"), ("csv", "D0102,`annual_spend`"), ("ndjson", "\"`annual_spend`")]
    {
        let args = ["classify", "p.tier", "c.csv", "--as-of", "2026-03-31", "--lang", "zh", "--format", format];
        let done = run("annual_spend > 1M => A\notherwise => B\n", &args);
        assert_eq!(done.code, 3);
        let text = format!("{shown} 应为金额，而 `much` 不是数字");
        assert!(done.stdout.contains(&text), "{}", done.stdout);
    }
}

#[test]
fn an_unknown_language_is_refused() {
    let done = run("nps > 3 => A\n", &["check", "p.tier", "--lang", "de"]);
    assert!(done.code == 2 && done.stderr.contains("[possible values: en, zh]"), "{}", done.stderr);
}
