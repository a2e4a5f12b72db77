//! Stub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    De,
    En,
}
impl Lang {
    pub fn from_tag(tag: &str) -> Option<Self> {
        if tag.starts_with("de") { Some(Self::De) } else { None }
    }
}
