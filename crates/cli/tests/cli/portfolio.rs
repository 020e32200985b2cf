//! Customers who are linked by the ids of their parents.

#![expect(clippy::indexing_slicing, reason = "a test that cannot run has failed")]

use serde_json::json;

use crate::run::{Done, Folder};

const POLICY: &str = "\
tiers A > B > C
\"group\": sum(group.annual_spend) >= 1000 => A
annual_spend >= 100 => B
otherwise => C
cap parent.tier when overdue_days > 30
";

const CSV: &str = "\
id,parent,annual_spend,overdue_days
plant,holding,400,0
holding,,600,0
stray,gone,100,31
east,west,100,0
west,east,100,0
bad,sound,much,0
sound,,5,0
";

fn folder() -> Folder {
    let objects = CSV.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        let parent = Some(cells[1]).filter(|parent| !parent.is_empty());
        json!({ "id": cells[0], "parent": parent, "annual_spend": cells[2], "overdue_days": cells[3] }).to_string()
    });
    let ndjson = objects.collect::<Vec<_>>().join("\n");
    Folder::new(POLICY).with("c.csv", CSV).with("c.ndjson", ndjson)
}

fn classify(folder: &Folder, customers: &str, more: &[&str]) -> Done {
    let head = ["classify", "p.tier", customers, "--as-of", "2026-03-31", "--format", "ndjson", "--portfolio"];
    folder.run(&[&head, more].concat())
}

#[test]
fn groups_and_parents_are_found_whatever_the_order_of_the_rows() {
    let folder = folder();
    let (csv, ndjson) = (classify(&folder, "c.csv", &[]), classify(&folder, "c.ndjson", &[]));
    let verdicts = ["plant: A", "holding: A", "stray: B", "east: B", "west: B", "bad: D0102", "sound: D0102"];
    assert_eq!((csv.code, csv.verdicts()), (3, verdicts.map(str::to_owned).to_vec()), "{}", csv.stderr);
    assert_eq!(csv.stdout, ndjson.stdout);
    let lines = csv.json();
    assert_eq!((&lines[2]["missing"], &lines[2]["possible"]), (&json!(["parent.tier"]), &json!(["B", "C"])));
    let why = "member `bad` of the group: `group.annual_spend` is money, but `much` is no number";
    assert_eq!(lines[6]["error"]["message"], why);
    let said = [
        "noticed: F0104 of `stray`: the cap in line 5 is unknown and does not lower the tier",
        "noticed: F0116 of `stray`: `parent` is no customer of the portfolio",
        "noticed: F0117 of 2 customers, such as `east`: `parent` leads back to the customer",
        "2 of 7 customers rejected",
    ];
    assert_eq!(csv.stderr.lines().collect::<Vec<_>>(), said);
}

#[test]
fn what_is_computed_from_orders_is_summed_over_the_group() {
    let customers = "id,parent,overdue_days\nplant,holding,0\nholding,,0\nsilent,holding,0\n";
    let orders =
        "id,customer_id,placed_on,amount\n1,plant,2026-01-01,400\n2,holding,2026-02-01,599\n3,holding,2026-03-01,1\n";
    let folder = folder().with("some.csv", customers).with("o.csv", orders);
    let done = classify(&folder, "some.csv", &["--orders", "o.csv", "--show", "annual_spend"]);
    assert_eq!(done.verdicts(), ["plant: A", "holding: A", "silent: A"], "{}", done.stderr);
    let spend: Vec<String> = done.json().iter().map(|line| line["facts"]["annual_spend"].to_string()).collect();
    assert_eq!(spend, ["\"400\"", "\"600\"", "\"0\""]);
}

#[test]
fn a_member_is_explained_with_its_group() {
    let explain =
        |id: &str| folder().run(&["explain", "p.tier", "c.csv", "--portfolio", "--id", id, "--as-of", "2026-03-31"]);
    let done = explain("plant");
    assert!(done.stdout.contains("sum(group.annual_spend) is 1,000, at least 1,000"), "{}{}", done.stdout, done.stderr);
    let done = explain("sound");
    assert_eq!((done.code, done.stdout.as_str()), (3, ""));
    assert!(done.stderr.contains("row 7: D0102: member `bad` of the group"), "{}", done.stderr);
    let done = explain("nobody");
    assert!(done.code == 2 && done.stderr.contains("7 rows were read"), "{}", done.stderr);
}

#[test]
fn a_row_that_is_rejected_is_a_member_of_whom_nothing_is_known() {
    let rows = r#"{"id":"head","parent":null,"annual_spend":1,"overdue_days":0}
{"id":"below","parent":"broken","annual_spend":1,"overdue_days":0}
{"id":"broken","parent":"top","annual_spend":"\ud800","overdue_days":0}
{"id":"top","annual_spend":5000,"overdue_days":0}
{"id":5,"annual_spend":1,"overdue_days":0}
{"id":"of five","parent":5,"annual_spend":999,"overdue_days":0}"#;
    let done = classify(&folder().with("rows.ndjson", rows), "rows.ndjson", &[]);
    let verdicts = ["head: C", "below: D0112", "broken: R0101", "top: D0112", "5: A", "of five: A"];
    assert_eq!(done.verdicts(), verdicts, "{}", done.stderr);
    let why = "member `broken` of the group: `group.annual_spend` cannot be read: row 3 is rejected: `annual_spend` is not readable: unexpected end of hex escape";
    assert_eq!(done.json()[1]["error"]["message"], why);
}

/// Whose member a row is that cannot be read, nobody knows: no group is looked at as if it were not there.
#[test]
fn a_row_without_a_readable_parent_ends_the_run_where_groups_matter() {
    let ragged = "id,parent,annual_spend,overdue_days\n1,,300,0\n2,1,900,0,\n";
    let odd = "{\"id\":1,\"annual_spend\":300,\"overdue_days\":0}\n{\"id\":2,\"parent\":[1],\"annual_spend\":900,\"overdue_days\":0}\n";
    let files = folder().with("ragged.csv", ragged).with("odd.ndjson", odd);
    for (file, why) in [
        ("ragged.csv", "error: row 2 of `ragged.csv` cannot be linked: the row has 5 cells, the header 4"),
        ("odd.ndjson", "error: row 2 of `odd.ndjson` cannot be linked: `parent` is neither a text nor a number"),
    ] {
        let done = classify(&files, file, &[]);
        assert_eq!((done.code, done.stdout.as_str()), (2, ""));
        assert_eq!(done.stderr.lines().next(), Some(why));
    }
    // Without groups it is a row like others, and its children do not know the tier of their parent.
    let policy = "tiers A > B\nannual_spend >= 100 => A\notherwise => B\ncap parent.tier when overdue_days > 30\n";
    let rows = "id,parent,annual_spend,overdue_days\n1,,30,0,\n2,1,900,31\n";
    let folder = Folder::new(policy).with("c.csv", rows);
    let done = classify(&folder, "c.csv", &[]);
    assert_eq!((done.code, done.verdicts()), (3, vec!["1: R0105".to_owned(), "2: A".to_owned()]));
    assert_eq!(done.json()[1]["possible"], json!(["A", "B"]));
}

#[test]
fn links_that_are_not_there_are_said_so() {
    let without = folder().with("plain.csv", "id,annual_spend,overdue_days\n1,5,0\n");
    let done = classify(&without, "plain.csv", &[]);
    assert_eq!((done.code, done.stdout.as_str()), (2, ""));
    assert!(done.stderr.contains("the header of `plain.csv` has no column `parent`"), "{}", done.stderr);
    let alone = folder().with(
        "alone.ndjson",
        "{\"id\":1,\"annual_spend\":1,\"overdue_days\":0}\n{\"id\":2,\"annual_spend\":1,\"overdue_days\":0}\n",
    );
    let done = classify(&alone, "alone.ndjson", &[]);
    assert_eq!(done.stderr, "warning: no customer names a `parent`: each is a group of its own\n");
    let unlinked = folder().classify("c.csv", "ndjson");
    let says =
        "warning: the policy looks at the `group` of a customer, which `--portfolio` builds from the column `parent`";
    assert!(unlinked.stderr.lines().any(|line| line == says), "{}", unlinked.stderr);
}

/// The sample data of the project, as the README has it.
#[test]
fn the_sample_accounts_are_classified_as_the_readme_says() {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data");
    let readme = include_str!("../../README.md");
    let (_, session) = readme.split_once("$ tierwise classify group_accounts.tier").unwrap();
    let (command, rest) = session.split_once('\n').unwrap();
    let (shown, _) = rest.split_once("```").unwrap();
    let args: Vec<&str> = ["classify", "group_accounts.tier"].into_iter().chain(command.split_whitespace()).collect();
    let done = folder().command(&args).current_dir(data).output().unwrap();
    let text = [done.stdout, done.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    let plain = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    assert_eq!(plain(&text), plain(shown));
}
