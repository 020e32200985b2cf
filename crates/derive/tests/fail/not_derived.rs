//! What derives neither is neither.

use tierwise::Policy;

struct Account {
    annual_spend: i64,
}

enum Level {
    A,
    B,
}

#[derive(tierwise::Facts)]
struct Customer {
    address: Account,
}

fn main() {
    let policy = Policy::parse("annual_spend > 1M => A\notherwise => B").unwrap();
    let _ = policy.bind::<Account, Level>();
}
