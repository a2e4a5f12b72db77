//! Stub.
use super::words::Lang;
use crate::model::Branch;
use crate::rules::task::*;
use crate::zone::Zone;
use std::collections::BTreeMap;
pub fn text(t: &[(Task, TaskState)], _b: &BTreeMap<i64, Branch>, _z: Zone, _l: Lang) -> String {
    format!("{t:#?}\n")
}
pub fn json(t: &[(Task, TaskState)], _b: &BTreeMap<i64, Branch>, _z: Zone) -> String {
    format!("{t:#?}\n")
}
