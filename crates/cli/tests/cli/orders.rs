//! Orders from a file of their own, with rates, in both formats.

#![expect(clippy::indexing_slicing, reason = "a test that cannot run has failed")]

use serde_json::{Value, json};

use crate::run::{Done, Folder};

const POLICY: &str = "\
currency CNY
let recent = sum(orders.amount in last 12 months)
recent >= 1000 and count(orders where channel = \"shop\") >= 1 => A
recent >= 100 => B
otherwise => C
";

const CUSTOMERS: &str = "{\"id\":\"1\"}\n{\"id\":\"2\"}\n{\"id\":\"3\"}\n{\"id\":4}\n";

const CSV: &str = "\
who,order_date,total,currency,channel,id
1,2026-03-01,1000.00,,shop,a
2,2026-02-01,20,USD,web,b
2,2026-02-01,20,USD,web,b
,2026-02-01,20,USD,web,c
9,2026-02-01,20,USD,web,d
3,,500,,web,e
";

const NDJSON: &str = r#"{"who":1,"order_date":"2026-03-01","total":1000.00,"channel":"shop","id":"a"}
{"who":"2","order_date":"2026-02-01","total":20,"currency":"USD","channel":"web","id":"b"}
{"who":"2","order_date":"2026-02-01","total":20,"currency":"USD","channel":"web","id":"b"}
{"who":"","order_date":"2026-02-01","total":20}
{"who":"9","order_date":"2026-02-01","total":20}
{"who":"3","order_date":null,"total":500,"channel":"web","id":"e"}
"#;

const RATES: &str = "from,to,date,rate\nUSD,CNY,2026-01-31,7.1\nUSD,CNY,2026-02-02,8\n";

const MAPPED: [&str; 6] = ["--customer-column", "who", "--map", "placed_on=order_date", "--map", "amount=total"];

fn folder() -> Folder {
    let files = [("c.ndjson", CUSTOMERS), ("o.csv", CSV), ("o.ndjson", NDJSON), ("r.csv", RATES)];
    files.into_iter().fold(Folder::new(POLICY), |folder, (name, content)| folder.with(name, content))
}

fn classify(folder: &Folder, orders: &str, more: &[&str]) -> Done {
    let head = ["classify", "p.tier", "c.ndjson", "--as-of", "2026-03-31", "--format", "ndjson", "--orders", orders];
    folder.run(&[&head, &MAPPED[..], more].concat())
}

#[test]
fn both_formats_say_the_same() {
    let folder = folder();
    let of = |orders| classify(&folder, orders, &["--rates", "r.csv", "--show", "recent"]);
    let (csv, ndjson) = (of("o.csv"), of("o.ndjson"));
    assert_eq!((csv.code, ndjson.code), (0, 0), "{}{}", csv.stderr, ndjson.stderr);
    assert_eq!(csv.verdicts(), ["1: A", "2: B", "3: C", "4: C"]);
    assert_eq!(csv.stdout, ndjson.stdout);
    let lines = csv.json();
    // The rate is the latest on or before the day of the order.
    assert_eq!(lines[1]["facts"], json!({"recent": "142"}));
    assert_eq!(lines[1]["findings"][0]["code"], "F0111");
    assert_eq!((&lines[2]["certain"], &lines[2]["possible"]), (&json!(false), &json!(["B", "C"])));
    assert_eq!((&lines[2]["missing"], &lines[2]["facts"]), (&json!(["orders.placed_on"]), &json!({"recent": null})));
    assert_eq!(lines[3]["certain"], true, "whoever has no order in the file has none");
}

#[test]
fn nothing_of_the_orders_is_lost_without_a_word() {
    let folder = folder();
    let short = classify(&folder, "o.csv", &["--rates", "r.csv"]);
    let noticed = [
        "noticed: F0111 of `2`: `orders` holds 1 more with the id and the values of an earlier one; each counts once",
        "noticed: F0115 of `4`: `orders` is empty",
    ];
    let left = "orders left out: 1 without a customer, 1 of customers who are not in the file of customers\n";
    assert_eq!(short.stderr, noticed.join("\n") + "\n" + left);
    let long = classify(&folder, "o.ndjson", &["--rates", "r.csv", "--findings"]);
    let lines: Vec<&str> = long.stderr.lines().collect();
    let expected = [
        "2: F0111: `orders` holds 1 more with the id and the values of an earlier one; each counts once",
        "4: F0115: `orders` is empty",
        noticed[0],
        noticed[1],
        "missing: `orders.placed_on` of 1 of 4 customers classified; the tier of 1 hangs on it",
        left.trim_end(),
        "orders row 4: it names no customer",
        "orders of `9`: 1, and no such customer",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_row_that_cannot_be_read_refuses_its_customer_or_the_file() {
    let ragged = folder().with("ragged.csv", "id,who,order_date,total\na,1,2026-03-01,5\nb,2\n");
    let done = classify(&ragged, "ragged.csv", &[]);
    assert_eq!(done.code, 2, "a short row may be anyone's");
    assert!(
        done.stderr.contains("row 2 of the orders cannot be read: it has 2 cells, the header 4"),
        "{}",
        done.stderr
    );
    for (line, why) in [
        ("{\"who\":", "line 1 of the orders cannot be read: the line is not readable JSON"),
        ("[1]", "line 1 of the orders cannot be read: the line is no object; write `{…}` with the facts of one order"),
        ("{\"who\":[1]}", "line 1 of the orders cannot be read: `who` is neither a text nor a number"),
    ] {
        let done = classify(&folder().with("bad.ndjson", line), "bad.ndjson", &[]);
        assert_eq!(done.code, 2);
        assert!(done.stderr.contains(why), "{}", done.stderr);
    }
    let twice = "{\"who\":\"1\",\"order_date\":null,\"total\":1,\"total\":2}\n{\"who\":\"2\",\"total\":{\"value\":1}}\n{\"who\":\"3\",\"channel\":[\"a\"]}";
    let done = classify(&folder().with("bad.ndjson", twice), "bad.ndjson", &["--rates", "r.csv"]);
    assert_eq!(done.verdicts()[3..], ["4: C"], "{}", done.stdout);
    let errors: Vec<String> = done.json().iter().take(3).map(error).collect();
    assert!(errors[0].contains("line 1 of the file of orders: `total` is given twice"), "{errors:?}");
    assert!(errors[1].contains("`orders.amount`") && errors[1].contains("an object"), "{errors:?}");
    assert!(errors[2].contains("`orders.channel`"), "{errors:?}");
}

/// What is said of a row that is refused.
fn error(row: &Value) -> String {
    row["error"]["message"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn columns_that_are_not_there_are_named() {
    let folder = folder();
    let run =
        |args: &[&str]| folder.run(&[&["classify", "p.tier", "c.ndjson", "--as-of", "2026-03-31"], args].concat());
    let done = run(&["--orders", "o.csv"]);
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("has no column `customer_id`") || done.stderr.contains("has no column `customer`"));
    assert!(done.stderr.contains("--customer-column"), "{}", done.stderr);
    let done = run(&["--orders", "o.csv", "--customer-column", "who", "--map", "amount=sum"]);
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("the header of `o.csv` has no column `sum`"), "{}", done.stderr);
    let done = run(&["--orders", "o.csv", "--customer-column", "who"]);
    let warning = "warning: `o.csv` has no column `amount`, which the policy uses: it is missing for every order";
    assert!(done.stderr.contains(warning), "{}", done.stderr);
    let done = run(&["--orders", "o.ndjson", "--customer-column", "who"]);
    let warning = "warning: `o.ndjson` has no key `amount`, which the policy uses: it is missing for every order";
    assert!(done.stderr.contains(warning), "{}", done.stderr);
    let done = run(&["--orders", "c.txt", "--customer-column", "who"]);
    assert!(done.code == 2 && done.stderr.contains("`c.txt` is no file of orders by its name"), "{}", done.stderr);
}

#[test]
fn a_key_that_no_line_has_is_no_key() {
    let folder = folder();
    let done = classify(&folder, "o.ndjson", &["--map", "currency=curr"]);
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("no line of `o.ndjson` has the key `curr`"), "{}", done.stderr);
    let run =
        |args: &[&str]| folder.run(&[&["classify", "p.tier", "c.ndjson", "--as-of", "2026-03-31"], args].concat());
    let done = run(&["--orders", "o.ndjson"]);
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("no line of `o.ndjson` has the key `customer_id`"), "{}", done.stderr);
    for (map, why) in [
        ("amout=total", "`--map` names the field `amout`, which orders do not have"),
        ("amount=id", "`--map` gives two columns for `amount`"),
    ] {
        let done = classify(&folder, "o.csv", &["--map", map]);
        assert!(done.code == 2 && done.stderr.contains(why), "{}", done.stderr);
    }
    let empty = self::folder().with("empty.ndjson", "");
    let done = empty.run(&["classify", "p.tier", "c.ndjson", "--as-of", "2026-03-31", "--orders", "empty.ndjson"]);
    assert_eq!(
        (done.code, done.stderr.as_str()),
        (0, "noticed: F0115 of 4 customers, such as `1`: `orders` is empty\n")
    );
}

#[test]
fn the_column_of_the_customer_is_no_id_of_an_order() {
    let policy = "frequency >= 2 => A\notherwise => B\n";
    let orders = "id,placed_on,amount\n1,2026-03-01,600\n1,2026-03-02,700\n";
    let folder = Folder::new(policy).with("c.csv", "id\n1\n").with("o.csv", orders);
    let head = ["classify", "p.tier", "c.csv", "--as-of", "2026-03-31", "--format", "ndjson", "--orders", "o.csv"];
    let done = folder.run(&[&head[..], &["--customer-column", "id"]].concat());
    assert_eq!(done.verdicts(), ["1: A"], "{}", done.stdout);
    let warning = "warning: `o.csv` has no column for the id of an order: one that is given twice counts twice\n";
    assert_eq!(done.stderr, warning);
    let done = folder.run(&[&head[..], &["--customer-column", "id", "--map", "id=id"]].concat());
    assert_eq!(done.verdicts(), ["1: B"], "{}", done.stdout);
}

#[test]
fn a_currency_that_is_no_code_is_never_the_own_one() {
    for currency in ["[\"USD\"]", "5", "{}", "true", "\"\"", "\"XXQ\""] {
        let line = format!("{{\"who\":\"1\",\"order_date\":\"2026-03-01\",\"total\":100,\"currency\":{currency}}}");
        let done =
            classify(&folder().with("one.ndjson", line), "one.ndjson", &["--rates", "r.csv", "--show", "recent"]);
        let row = &done.json()[0];
        assert_eq!(row["facts"], json!({"recent": null}), "{currency}: {row}");
        assert_eq!(row["findings"][0]["code"], "F0114", "{currency}: {row}");
    }
}

#[test]
fn strictness_looks_at_what_the_policy_does_not_use() {
    let policy = "field orders.brand: one of (acme, bolt)\nfrequency >= 1 => A\notherwise => B\n";
    let orders = "customer_id,id,placed_on,amount,brand\n1,a,2026-03-01,600,acme\n2,b,2026-03-02,700,WRONG\n";
    let customers = "id,nps\n1,9\n2,9\n3,9999\n";
    let lines = "{\"id\":\"1\"}\n{\"id\":\"2\"}\n{\"id\":\"3\",\"nps\":9999}\n";
    let folder = Folder::new(policy).with("c.csv", customers).with("c.ndjson", lines).with("o.csv", orders);
    for file in ["c.csv", "c.ndjson"] {
        let head = ["classify", "p.tier", file, "--as-of", "2026-03-31", "--format", "ndjson", "--orders", "o.csv"];
        assert_eq!(folder.run(&head).verdicts(), ["1: A", "2: A", "3: B"]);
        let strict = folder.run(&[&head[..], &["--strict"]].concat());
        assert_eq!(strict.verdicts(), ["1: A", "2: D0108", "3: D0105"], "{}", strict.stdout);
        assert!(error(&strict.json()[1]).contains("WRONG"), "{}", strict.stdout);
    }
}

#[test]
fn the_orders_of_a_rejected_customer_are_not_of_an_unknown_one() {
    let folder = Folder::new("frequency >= 2 => A\notherwise => B\n")
        .with("c.csv", "id,nps\n1,5,9\n")
        .with("o.csv", "customer_id,id,placed_on,amount\n1,a,2026-03-01,600\n,b,2026-03-01,600\n");
    let args = ["p.tier", "c.csv", "--as-of", "2026-03-31", "--orders", "o.csv"];
    let done = folder.run(&[&["classify"], &args[..]].concat());
    assert_eq!((done.code, done.stderr.as_str()), (3, "orders left out: 1 without a customer\n"));
    let done = folder.run(&[&["explain"], &args[..], &["--id", "1"]].concat());
    assert!(done.stderr.contains("orders left out: 1 without a customer\n"), "{}", done.stderr);
}

#[test]
fn rates_are_read_or_refused() {
    let folder = folder();
    let done = classify(&folder, "o.csv", &[]);
    assert_eq!(done.code, 3, "an amount in a foreign currency without rates is an error");
    assert!(error(&done.json()[1]).contains("USD"), "{}", done.stdout);
    for (rates, why) in [
        ("from,to,rate\n", "the header of `bad.csv` has no column `date`"),
        ("from,to,date,rate\nUSD,CNY,2026-01-31,0\n", "row 1 of `bad.csv`: `0` is no rate above 0"),
        ("from,to,date,rate\nUSD,CNY,2026-1-31,7\n", "row 1 of `bad.csv`: `2026-1-31` is no date"),
        ("from,to,date,rate\nUSD,XXQ,2026-01-31,7\n", "row 1 of `bad.csv`: `XXQ` is no currency code of ISO 4217"),
        (
            "from,to,date,rate\nUSD,CNY,2026-01-31,7\nUSD,CNY,2026-01-31,8\n",
            "row 2 of `bad.csv`: USD to CNY has two rates on 2026-01-31",
        ),
    ] {
        let folder = self::folder().with("bad.csv", rates);
        let done = classify(&folder, "o.csv", &["--rates", "bad.csv"]);
        assert_eq!(done.code, 2);
        assert!(done.stderr.contains(why), "{}", done.stderr);
    }
}

#[test]
fn strictness_refuses_what_is_noticed() {
    let orders = "who,order_date,total,currency,channel,id\n1,2026-03-01,5,,web,a\n1,2026-03-02,6,,web,a\n2,2026-03-01,7,,web,b\n";
    let folder = folder().with("conflict.csv", orders);
    let mild = classify(&folder, "conflict.csv", &[]);
    assert_eq!((mild.code, mild.verdicts()[0].as_str()), (0, "1: C"));
    let strict = classify(&folder, "conflict.csv", &["--strict"]);
    assert_eq!((strict.code, strict.verdicts()[0].as_str()), (3, "1: D0115"), "{}", strict.stdout);
    assert!(error(&strict.json()[0]).contains("F0112"), "{}", strict.stdout);
    assert_eq!(strict.verdicts()[1..], mild.verdicts()[1..]);
}

#[test]
fn facts_and_lets_are_shown_on_request() {
    let folder = Folder::new("let big = annual_spend > 100\nbig => A\notherwise => B\n")
        .with("c.ndjson", "{\"id\":\"1\",\"annual_spend\":\"120.50\"}\n{\"id\":\"2\"}\n");
    let run =
        |args: &[&str]| folder.run(&[&["classify", "p.tier", "c.ndjson", "--as-of", "2026-03-31"], args].concat());
    let done = run(&["--format", "ndjson", "--show", "annual_spend,big"]);
    let lines = done.json();
    assert_eq!(lines[0]["facts"], json!({"annual_spend": "120.5", "big": true}));
    assert_eq!(lines[1]["facts"], json!({"annual_spend": null, "big": null}));
    let done = run(&["--format", "ndjson", "--show", "spend"]);
    assert_eq!(done.code, 2);
    assert!(
        done.stderr.contains("that is called `spend`") && done.stderr.contains("`annual_spend`"),
        "{}",
        done.stderr
    );
    let done = run(&["--show", "big"]);
    assert!(done.code == 2 && done.stderr.contains("--format ndjson"), "{}", done.stderr);
}

#[test]
fn check_names_the_records_that_are_needed() {
    let done = folder().run(&["check", "p.tier", "--needs"]);
    let needed = "\nrecords of orders: id text, placed_on date, amount money, channel text\n";
    assert!(done.stdout.contains(needed), "{}", done.stdout);
    let done = Folder::new(crate::run::POLICY).run(&["check", "p.tier", "--needs"]);
    let needed = "\nrecords of orders, to compute absent facts: id text, placed_on date, amount money\n";
    assert!(done.stdout.contains(needed), "{}", done.stdout);
}

#[test]
fn an_explanation_reads_the_orders_as_well() {
    let folder = folder();
    let head = ["explain", "p.tier", "c.ndjson", "--as-of", "2026-03-31", "--orders", "o.ndjson", "--rates", "r.csv"];
    let done = folder.run(&[&head, &MAPPED[..], &["--id", "2"]].concat());
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stdout.contains("recent is 142 CNY, at least 100 CNY"), "{}", done.stdout);
}

#[test]
fn what_is_not_used_or_can_be_computed_is_said_so() {
    let folder = Folder::new("tenure_months >= 24 => A\notherwise => B\n")
        .with("c.csv", "id,customer_since\n1,1999-07-07\n")
        .with("n.tier", "nps > 5 => A\notherwise => B\n")
        .with("n.csv", "id,nps\n1,7\n")
        .with("o.csv", "id,customer_id,placed_on,amount\n1,1,2026-01-01,5\n");
    let run =
        |args: &[&str]| folder.run(&[&["classify"], args, &["--as-of", "2026-03-31", "--format", "ndjson"]].concat());
    let done = run(&["p.tier", "c.csv", "--show", "tenure_months,tenure_months"]);
    assert_eq!((done.verdicts(), done.stderr.as_str()), (vec!["1: A".to_owned()], ""));
    assert!(done.stdout.contains("\"facts\":{\"tenure_months\":\"320\"}"), "{}", done.stdout);
    let done = run(&["n.tier", "n.csv", "--orders", "o.csv"]);
    let said = "warning: the policy does not look at orders: nothing of `o.csv` is used";
    assert_eq!((done.verdicts(), done.stderr.lines().next()), (vec!["1: A".to_owned()], Some(said)));
}
