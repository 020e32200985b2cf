use tierwise::Tier;

#[derive(Tier)]
enum Level {
    Gold,
}

fn main() {}
