use tierwise::Tier;

#[derive(Clone, Copy, Tier)]
#[tier(rename_all = "snake_case")]
enum Level {
    Premium,
    Basic,
}

fn main() {}
