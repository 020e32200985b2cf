//! What a policy may cost: limits that are on by default and that the host can set.

/// Limits on a policy's source. Each is an error with a clear message when it is passed, never a crash.
///
/// ```
/// use tierwise::{Limits, Policy};
///
/// let limits = Limits::default().max_rules(1);
/// let error = Policy::builder().limits(limits).parse("frequency > 3 => A\notherwise => B").unwrap_err();
/// assert!(error.to_string().contains("2 rules"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    pub(crate) source_bytes: usize,
    pub(crate) tokens: usize,
    pub(crate) rules: usize,
    pub(crate) depth: usize,
    pub(crate) list_members: usize,
    pub(crate) name_bytes: usize,
    pub(crate) patterns: usize,
    pub(crate) diagnostics: usize,
    pub(crate) plan_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            source_bytes: 4 << 20,
            tokens: 1_000_000,
            rules: 100_000,
            depth: 64,
            list_members: 100_000,
            name_bytes: 256,
            patterns: 1_000,
            diagnostics: 100,
            plan_bytes: 64 << 20,
        }
    }
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident => $field:ident;)*) => {
        impl Limits {
            $($(#[$doc])*
            #[must_use]
            pub fn $name(mut self, limit: usize) -> Self {
                self.$field = limit;
                self
            })*
        }
    };
}

setters! {
    /// Bytes of source; 4 MiB by default, at most `u32::MAX`.
    max_source_bytes => source_bytes;
    /// Words, numbers, texts and signs; 1,000,000 by default.
    max_tokens => tokens;
    /// Rules, caps and floors; 100,000 by default.
    max_rules => rules;
    /// Brackets open at one place; 64 by default, which fits a stack of 512 KiB. A larger one needs a larger stack.
    max_depth => depth;
    /// Members of one list; 100,000 by default.
    max_list_members => list_members;
    /// Bytes of one name; 256 by default.
    max_name_bytes => name_bytes;
    /// Different regular expressions, sound or not, each compiled to 64 KiB at most; 1,000 by default.
    max_patterns => patterns;
    /// Diagnostics reported for one policy; 100 by default, at most 10,000, then "and N more".
    max_diagnostics => diagnostics;
    /// Bytes of what makes deciding fast, beside the plan itself; 64 MiB by default. Where they do not suffice, facts with
    /// the most cells are left out first, then rules are asked one after the other; the decisions stay the same.
    max_plan_bytes => plan_bytes;
}
