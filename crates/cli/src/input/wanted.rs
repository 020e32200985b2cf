//! What is read of a row: the id, and the facts that the policy uses.

use std::collections::HashMap;

use tierwise::{NeededField, Policy, Type};

use crate::args::OrdersArgs;

/// The column, or key, by which customers are linked.
pub(super) const PARENT: &str = "parent";

/// The id's column and the facts that a policy uses.
pub(super) struct Wanted {
    /// The column, or key, of the id.
    pub(super) id: String,
    /// That of the parent's id, where customers are linked.
    pub(super) parent: Option<&'static str>,
    groups: bool,
    facts: HashMap<String, Type>,
    hoped_for: Vec<String>,
    /// Those of them that may be computed from others, and these others.
    computed: Vec<String>,
    parts: Vec<String>,
    /// Every key of a row's object under which such facts lie.
    keys: HashMap<String, Key>,
}

/// What is wanted under a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Key {
    /// The key is the name of a fact.
    pub(super) fact: bool,
    /// What comes behind the key and a dot in the names of facts.
    pub(super) inner: Vec<String>,
}

impl Wanted {
    /// What a policy uses.
    pub(super) fn new(policy: &Policy, id: &str, orders: &OrdersArgs) -> Self {
        let needs = policy.needs();
        // An id need not be a text.
        let unused = needs.unused().filter(|(name, _)| orders.strict && *name != id);
        let all = needs.fields().map(|field| (field.name(), field.ty())).chain(unused);
        let facts: HashMap<String, Type> = all.map(|(name, ty)| (name.to_owned(), ty.clone())).collect();
        let mut keys: HashMap<String, Key> = HashMap::new();
        for name in facts.keys() {
            keys.entry(name.to_owned()).or_default().fact = true;
            for (dot, _) in name.match_indices('.') {
                let (key, rest) = (name.get(..dot).unwrap_or_default(), name.get(dot + 1..).unwrap_or_default());
                keys.entry(key.to_owned()).or_default().inner.push(rest.to_owned());
            }
        }
        for collection in needs.collections() {
            keys.entry(collection.name().to_owned()).or_default().fact = true;
        }
        let names = |wanted: fn(&NeededField<'_>) -> bool| {
            needs.fields().filter(wanted).map(|field| field.name().to_owned()).collect::<Vec<_>>()
        };
        let (computed, parts) = (names(|field| field.is_computed()), names(|field| field.serves_others()));
        let hoped_for = needs.fields().filter(|field| !(field.has_default() || field.serves_others()));
        let hoped_for = hoped_for
            .filter(|field| !(orders.portfolio && field.name() == "parent.tier"))
            .filter(|field| !(orders.orders.is_some() && field.is_computed()))
            .map(|field| field.name().to_owned());
        let parent = orders.portfolio.then_some(PARENT);
        let groups = needs.collections().any(|collection| collection.name() == "group");
        Self { id: id.to_owned(), parent, groups, facts, hoped_for: hoped_for.collect(), computed, parts, keys }
    }

    /// Whether the policy looks at groups, which nobody links.
    pub(super) fn lacks_groups(&self) -> bool {
        self.parent.is_none() && self.groups
    }

    /// Whether a fact that a file does not have can be computed from what it has.
    pub(super) fn can_compute(&self, name: &str, has: impl Fn(&str) -> bool) -> bool {
        self.computed.iter().any(|known| known == name) && self.parts.iter().any(|part| has(part))
    }

    /// The facts that the policy uses and has no default for, in its order.
    pub(super) fn hoped_for(&self) -> &[String] {
        &self.hoped_for
    }

    /// The type of a fact that the policy uses.
    pub(super) fn fact(&self, name: &str) -> Option<&Type> {
        self.facts.get(name)
    }

    /// What the policy uses under a key.
    pub(super) fn key(&self, key: &str) -> Option<&Key> {
        self.keys.get(key)
    }
}

impl Key {
    /// What is wanted under a key of the object that stands under this key; everything, where the object is a fact.
    pub(super) fn under(&self, key: &str) -> Option<Self> {
        let rest = |name: &String| name.strip_prefix(key)?.strip_prefix('.').map(str::to_owned);
        let found = Self {
            fact: self.fact || self.inner.iter().any(|name| name == key),
            inner: self.inner.iter().filter_map(rest).collect(),
        };
        (found.fact || !found.inner.is_empty()).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotted_names_are_wanted_under_each_of_their_heads() {
        let policy =
            Policy::parse("field a.b.c: number\nfield a: text\na.b.c > 1 and a = \"x\" => A\notherwise => B").unwrap();
        let wanted = Wanted::new(&policy, "id", &OrdersArgs::default());
        let key = |fact, inner: &[&str]| Key { fact, inner: inner.iter().map(|name| (*name).to_owned()).collect() };
        assert_eq!(wanted.key("a"), Some(&key(true, &["b.c"])));
        assert_eq!(wanted.key("a.b"), Some(&key(false, &["c"])));
        assert_eq!(wanted.key("a.b.c"), Some(&key(true, &[])));
        assert_eq!(wanted.key("b"), None);
        let inner = key(false, &["b.c", "d"]);
        assert_eq!(inner.under("b"), Some(key(false, &["c"])));
        assert_eq!(inner.under("d"), Some(key(true, &[])));
        assert_eq!(inner.under("c"), None);
    }
}
