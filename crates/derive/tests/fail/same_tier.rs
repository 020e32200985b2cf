use tierwise::Tier;

#[derive(Clone, Copy, Tier)]
enum Level {
    Gold,
    #[tier(rename = "Gold")]
    Silver,
    #[tier(name = "Bronze")]
    Bronze,
}

fn main() {}
