use tierwise::Tier;

#[derive(Clone, Copy, Tier)]
enum Level {
    Gold,
    Silver { since: u32 },
}

fn main() {}
