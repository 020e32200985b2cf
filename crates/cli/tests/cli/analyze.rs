//! `tierwise analyze` and `tierwise diff`.

use crate::run::{Folder, as_the_readme_says};

#[test]
fn an_analysis_is_as_the_readme_says() {
    let ladder = "# The best last.\nannual_spend > 200K => B\nannual_spend > 1M   => A\notherwise           => C\n";
    as_the_readme_says("Analysis", &Folder::new("otherwise => A\n").with("ladder.tier", ladder));
}

const OLD: &str = "tiers A > B\nannual_spend > 1M and frequency >= 12 => A\notherwise => B\n";
const MEMBERS: &str = "id,annual_spend,frequency\n001,2000000,20\n002,900000,15\n003,900000,3\n";

fn versions() -> Folder {
    let new = OLD.replace("1M", "800K");
    Folder::new("otherwise => A\n").with("old.tier", OLD).with("new.tier", new).with("members.csv", MEMBERS)
}

#[test]
fn a_difference_is_as_the_readme_says() {
    as_the_readme_says("Differences", &versions());
}

#[test]
fn exit_codes_tell_errors_differences_and_what_is_open() {
    let folder = versions().with("gap.tier", "field n: integer 0.. required\nn > 5 => A\n").with(
        "odd.tier",
        "annual_spend * frequency > 5 and annual_spend * frequency < 3 and annual_spend * nps > 2 => A\notherwise => B\n",
    );
    for (args, code) in [
        (&["analyze", "old.tier"][..], 0),
        (&["analyze", "gap.tier"], 5),
        (&["analyze", "gap.tier", "--format", "json"], 5),
        (&["analyze", "old.tier", "--steps", "1"], 4),
        (&["analyze", "none.tier"], 2),
        (&["diff", "old.tier", "old.tier"], 0),
        (&["diff", "old.tier", "new.tier"], 6),
        (&["diff", "old.tier", "new.tier", "--steps", "0"], 4),
        (&["diff", "old.tier", "new.tier", "members.csv"], 6),
        (&["diff", "old.tier", "old.tier", "members.csv"], 0),
        (&["diff", "old.tier", "new.tier", "--format", "csv"], 2),
        (&["diff", "old.tier", "new.tier", "--orders", "members.csv"], 2),
        (&["diff", "old.tier", "new.tier", "-"], 2),
    ] {
        let done = folder.run(args);
        assert_eq!(done.code, code, "{args:?}: {}{}", done.stdout, done.stderr);
    }
    let json = folder.run(&["analyze", "gap.tier", "--format", "json"]).json();
    assert_eq!((&json[0]["complete"], &json[0]["findings"][0]["code"]), (&true.into(), &"A0102".into()));
    assert_eq!(json[0]["findings"][0]["boxes"][0]["n"], "n <= 5");
    let json = folder.run(&["diff", "old.tier", "new.tier", "--format", "ndjson"]).json();
    assert_eq!(json[0]["changes"][0]["customers"]["frequency"], "frequency >= 12");
    let moved = folder.run(&["diff", "old.tier", "new.tier", "members.csv", "--format", "csv"]);
    assert_eq!(moved.stdout, "id,from,to,old_rule,new_rule\n002,B,A,line 3,line 2\n");
}

#[test]
fn who_is_taken_by_one_policy_alone_is_said() {
    let folder = versions().with("strict.tier", OLD.replace("tiers", "field frequency: integer 0..10\ntiers"));
    let done = folder.run(&["diff", "old.tier", "strict.tier", "members.csv"]);
    assert!(done.stderr.starts_with("001: D0105 under the new policy: "), "{}", done.stderr);
    assert_eq!(done.code, 3);
}
