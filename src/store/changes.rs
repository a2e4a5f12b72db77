//! The record of changes: the tables whose rows it keeps, and the triggers that write it.
//!
//! Writers are the practice's software, which must neither break by it nor become slow: an update
//! that changes nothing is not recorded, and an upsert that finds everything as it is costs a look
//! and writes nothing. `INSERT OR REPLACE` (and `UPDATE OR REPLACE`) deletes rows without any
//! trigger being told; so what may be replaced is kept aside before, and recorded after, if it is
//! really gone. A trigger that runs before an insert cannot know what a conflict will lead to.
//!
//! Messages of passes are recorded only from the moment on at which their fate had been settled: a
//! pass knows its own, and its hand-overs must not pay for it.

/// A table of which changes are recorded.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    /// The columns of the key: one or two whole numbers.
    pub(super) key: &'static [&'static str],
    pub(super) columns: &'static [&'static str],
    /// Expressions over the columns that are unique together, beside the key.
    unique: &'static [&'static str],
    /// Whether the table numbers rows without an id by itself.
    numbers: bool,
    /// Which inserts, updates and deletions are recorded at all, as a condition on the row.
    inserted: Option<&'static str>,
    updated: Option<&'static str>,
    /// Columns that follow from others.
    derived: &'static [&'static str],
    /// Columns by which the rows are looked for.
    pub(super) indexes: &'static [&'static str],
    /// Whether a pass reads the table once, as a whole, before anything else.
    pub(super) of_chain: bool,
}

const PLAIN: Table = Table {
    name: "",
    key: &["id"],
    columns: &[],
    unique: &[],
    numbers: true,
    inserted: None,
    updated: None,
    derived: &[],
    indexes: &[],
    of_chain: false,
};

/// The tables of version 5. Other columns are another version, whose step makes the triggers anew.
pub(super) const TABLES: &[Table] = &[
    Table {
        name: "appointment",
        columns: &[
            "id",
            "branch_id",
            "customer_id",
            "type_id",
            "status",
            "is_group",
            "starts_at",
            "ends_at",
            "customer_starts_at",
            "note",
        ],
        indexes: &["start", "customer_id, start"],
        ..PLAIN
    },
    Table {
        name: "customer",
        columns: &[
            "id",
            "salutation",
            "first_name",
            "last_name",
            "language",
            "preferred_contact",
            "deceased",
            "email",
            "street",
            "postcode",
            "city",
        ],
        ..PLAIN
    },
    Table {
        name: "customer_phone",
        key: &["customer_id", "position"],
        columns: &["customer_id", "position", "number", "sms_allowed"],
        numbers: false,
        ..PLAIN
    },
    Table { name: "appointment_type", columns: &["id", "name", "auto_notify"], of_chain: true, ..PLAIN },
    Table {
        name: "branch",
        columns: &["id", "code", "name", "street", "postcode", "city", "phone", "email"],
        unique: &["code"],
        of_chain: true,
        ..PLAIN
    },
    Table {
        name: "document_template",
        columns: &["id", "name", "language", "format", "subject", "body"],
        unique: &["name", "coalesce({row}language, '')"],
        of_chain: true,
        ..PLAIN
    },
    Table { name: "contact_template", columns: &["id", "name"], unique: &["name"], of_chain: true, ..PLAIN },
    Table {
        name: "contact_template_channel",
        key: &["contact_template_id", "position"],
        columns: &["contact_template_id", "position", "channel", "document_template"],
        numbers: false,
        of_chain: true,
        ..PLAIN
    },
    Table {
        name: "interface",
        columns: &["id", "kind", "branch_id", "workstation", "server_side", "start_date", "settings"],
        of_chain: true,
        ..PLAIN
    },
    Table {
        name: "message",
        columns: &[
            "id",
            "kind",
            "customer_id",
            "channel",
            "address",
            "subject",
            "body",
            "state",
            "sent_at",
            "error",
            "pass_id",
            "interface_id",
            "language",
            "calendar",
            "claimed_at",
            "follows",
            "settled_at",
            "repeats",
            "reference",
            "server_reference",
            "reply",
            "done_at",
            "purged_at",
            "address_hash",
        ],
        inserted: Some("{row}kind = 'manual'"),
        updated: Some("({row}state <> 'sending' OR {row}kind = 'manual')"),
        indexes: &["customer_id, sent_at"],
        ..PLAIN
    },
    Table {
        name: "message_appointment",
        key: &["message_id", "appointment_id"],
        columns: &["message_id", "appointment_id", "appointment_start", "sequence", "kind", "customer_id", "counts"],
        numbers: false,
        inserted: Some("coalesce({row}kind, 'manual') = 'manual'"),
        updated: Some("{row}kind IS NOT NULL"),
        derived: &["counts"],
        indexes: &["appointment_id"],
        ..PLAIN
    },
];

const NOW: &str = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')";

const RECORD: &str = "INSERT INTO change (at, table_name, row_id, row_part, what, old)";

/// The triggers that each table had in version 2.
const BEFORE: [&str; 7] = ["new", "kept", "inserted", "updating", "updated", "replaced", "deleted"];

/// The statements that make the triggers of every table, in place of those of version 2.
pub(super) fn triggers() -> String {
    let dropped = TABLES
        .iter()
        .flat_map(|table| BEFORE.map(|what| format!("DROP TRIGGER IF EXISTS {}_change_{what};\n", table.name)));
    dropped.chain(TABLES.iter().map(Table::triggers)).collect()
}

impl Table {
    /// The values of the key: the id, and the rest of it or 0.
    pub(super) fn key_of(&self, row: &str) -> String {
        match self.key {
            [id, part] => format!("{row}{id}, {row}{part}"),
            _ => format!("{row}{}, 0", self.key[0]),
        }
    }

    /// Whether two rows have the same key.
    fn same_key(&self, one: &str, other: &str) -> String {
        let same: Vec<_> = self.key.iter().map(|column| format!("{one}{column} = {other}{column}")).collect();
        same.join(" AND ")
    }

    fn recorded(&self) -> Vec<&'static str> {
        self.columns.iter().filter(|column| !self.derived.contains(column)).copied().collect()
    }

    /// Whether two rows differ in what is recorded.
    fn differ(&self, one: &str, other: &str) -> String {
        let columns = self.recorded();
        let of = |row: &str| columns.iter().map(|column| format!("{row}{column}")).collect::<Vec<_>>().join(", ");
        format!("({}) IS NOT ({})", of(one), of(other))
    }

    /// Whether two rows of different keys cannot stand beside each other; `None` if all can.
    fn rivals(&self, one: &str, other: &str) -> Option<String> {
        let of = |row: &str, term: &str| {
            if term.contains("{row}") { term.replace("{row}", row) } else { format!("{row}{term}") }
        };
        let same: Vec<_> = self.unique.iter().map(|term| format!("{} = {}", of(one, term), of(other, term))).collect();
        (!same.is_empty()).then(|| same.join(" AND "))
    }

    /// The values of a row as JSON.
    fn json_of(&self, row: &str) -> String {
        let each = self.columns.iter().map(|column| match (self.name, *column) {
            ("interface", "settings") => {
                let settings = format!("{row}settings");
                // A secret can stand in a wrong place, and the right one there twice. Both are faults,
                // and the settings are not recorded at all.
                let is_clean = format!(
                    "(SELECT count(*) FROM json_each({settings}) WHERE key = 'secrets') < 2 \
                     AND NOT EXISTS (SELECT 1 FROM json_each({settings}) WHERE key IN \
                     ('password', 'api_key', 'auth_token', 'token', 'api_key_secret')) \
                     AND NOT EXISTS \
                     (SELECT 1 FROM json_tree({settings}) WHERE type = 'text' AND atom LIKE '%://%:%@%')"
                );
                format!(
                    "'settings', json(CASE WHEN json_valid({settings}) THEN \
                     CASE WHEN {is_clean} THEN json_remove({settings}, '$.secrets') END END), \
                     'secrets', json(CASE WHEN json_valid({settings}) THEN \
                     CASE json_type({settings}, '$.secrets') \
                     WHEN 'object' THEN (SELECT json_group_array(key) FROM json_each({settings}, '$.secrets')) \
                     WHEN 'null' THEN NULL \
                     ELSE CASE WHEN json_type({settings}, '$.secrets') IS NOT NULL THEN '0' END END END)"
                )
            }
            (_, column) => format!("'{column}', {row}{column}"),
        });
        format!("json_object({})", each.collect::<Vec<_>>().join(", "))
    }

    fn triggers(&self) -> String {
        [self.on_insert(), self.on_update(), self.on_delete()].concat()
    }

    /// What `condition` says of a row, before further conditions.
    fn guard(condition: Option<&str>, row: &str) -> String {
        condition.map_or_else(String::new, |condition| format!("{} AND ", condition.replace("{row}", row)))
    }

    fn is_stashed(&self) -> String {
        format!("EXISTS (SELECT 1 FROM change_stash WHERE table_name = '{}')", self.name)
    }

    fn clear_stash(&self) -> String {
        format!("DELETE FROM change_stash WHERE table_name = '{}'", self.name)
    }

    /// Keeps rows of the table aside, to be followed by a condition on `present`.
    fn stash(&self) -> String {
        let (name, key, values) = (self.name, self.key_of("present."), self.json_of("present."));
        format!("INSERT INTO change_stash SELECT '{name}', {key}, {values} FROM {name} AS present")
    }

    /// Whether a row that was kept aside has the new row's key; whether it has gone.
    fn fate_of_stashed(&self) -> (String, String) {
        let (name, key) = (self.name, self.key_of("present."));
        (
            format!("(stash.row_id, stash.row_part) = ({})", self.key_of("new.")),
            format!("NOT EXISTS (SELECT 1 FROM {name} AS present WHERE ({key}) = (stash.row_id, stash.row_part))"),
        )
    }

    /// Whether `present` has another key than `new` and cannot stand beside it.
    fn rival(&self) -> Option<String> {
        let same_key = self.same_key("present.", "new.");
        self.rivals("present.", "new.").map(|rival| format!("({rival} AND NOT ({same_key}))"))
    }

    fn on_insert(&self) -> String {
        let name = self.name;
        let guard = Self::guard(self.inserted, "new.");
        let (same_key, differs) = (self.same_key("present.", "new."), self.differ("present.", "new."));
        let exists = |condition: &str| format!("EXISTS (SELECT 1 FROM {name} AS present WHERE {condition})");
        let is_there = exists(&same_key);
        let rival = self.rival();
        let has_rival = rival.as_deref().map_or("0".to_owned(), exists);
        let or_rival = rival.as_ref().map_or_else(String::new, |rival| format!(" OR {rival}"));
        // An insert without an id has -1 before it.
        let unnumbered = if self.numbers { "new.id = -1" } else { "0" };
        let (is_stashed, clear, stash) = (self.is_stashed(), self.clear_stash(), self.stash());
        let (is_new_key, is_gone) = self.fate_of_stashed();
        let new_key = self.key_of("new.");
        format!(
            "
CREATE TRIGGER {name}_change_new BEFORE INSERT ON {name}
WHEN {guard}NOT ({unnumbered}) AND NOT {is_there} AND NOT {has_rival}
BEGIN
    {RECORD} VALUES ({NOW}, '{name}', {new_key}, 'insert', NULL);
END;

CREATE TRIGGER {name}_change_kept BEFORE INSERT ON {name}
WHEN {guard}({unnumbered} OR {has_rival} OR {is_stashed}
    OR EXISTS (SELECT 1 FROM {name} AS present WHERE {same_key} AND {differs}))
BEGIN
    {clear};
    {stash} WHERE ({same_key} AND {differs}){or_rival};
    INSERT INTO change_stash SELECT '{name}', NULL, 0, NULL
    WHERE {unnumbered} OR ({has_rival} AND NOT {is_there});
END;

CREATE TRIGGER {name}_change_inserted AFTER INSERT ON {name}
WHEN {guard}{is_stashed}
BEGIN
    {RECORD}
    SELECT {NOW}, '{name}', {new_key}, 'insert', NULL FROM change_stash AS stash
    WHERE table_name = '{name}' AND row_id IS NULL
    UNION ALL
    SELECT {NOW}, '{name}', row_id, row_part, CASE WHEN {is_new_key} THEN 'update' ELSE 'delete' END, old
    FROM change_stash AS stash
    WHERE table_name = '{name}' AND row_id IS NOT NULL AND ({is_new_key} OR {is_gone});
    {clear};
END;
"
        )
    }

    fn on_update(&self) -> String {
        let name = self.name;
        let guard = Self::guard(self.updated, "old.");
        let same_key = self.same_key("present.", "new.");
        let is_old = self.same_key("present.", "old.");
        let or_rival = self.rival().map_or_else(String::new, |rival| format!(" OR {rival}"));
        let is_unique = |column: &&&str| self.unique.iter().any(|term| term.contains(**column));
        let unique: Vec<&str> = self.columns.iter().filter(is_unique).copied().collect();
        let unique = [self.key, &unique].concat().join(", ");
        let of_recorded =
            if self.derived.is_empty() { String::new() } else { format!(" OF {}", self.recorded().join(", ")) };
        let (is_stashed, clear, stash) = (self.is_stashed(), self.clear_stash(), self.stash());
        let (is_new_key, is_gone) = self.fate_of_stashed();
        let (new_key, old_key, old) = (self.key_of("new."), self.key_of("old."), self.json_of("old."));
        let key_differs = format!("({new_key}) IS NOT ({old_key})");
        let differs = self.differ("old.", "new.");
        format!(
            "
CREATE TRIGGER {name}_change_updating BEFORE UPDATE OF {unique} ON {name}
WHEN EXISTS (SELECT 1 FROM {name} AS present WHERE (({same_key}){or_rival}) AND NOT ({is_old}))
BEGIN
    {clear};
    {stash} WHERE (({same_key}){or_rival}) AND NOT ({is_old});
END;

CREATE TRIGGER {name}_change_updated AFTER UPDATE{of_recorded} ON {name}
WHEN {guard}{differs}
BEGIN
    {RECORD} VALUES (
        {NOW}, '{name}', {old_key}, CASE WHEN {key_differs} THEN 'delete' ELSE 'update' END, {old}
    );
END;

CREATE TRIGGER {name}_change_replaced AFTER UPDATE{of_recorded} ON {name}
WHEN {guard}({is_stashed} OR {key_differs})
BEGIN
    {RECORD}
    SELECT {NOW}, '{name}', row_id, row_part, CASE WHEN {is_new_key} THEN 'update' ELSE 'delete' END, old
    FROM change_stash AS stash
    WHERE table_name = '{name}' AND ({key_differs} AND {is_new_key} OR {is_gone});
    {RECORD}
    SELECT {NOW}, '{name}', {new_key}, 'insert', NULL
    WHERE {key_differs} AND NOT EXISTS (
        SELECT 1 FROM change_stash AS stash WHERE table_name = '{name}' AND {is_new_key}
    );
    {clear};
END;
"
        )
    }

    fn on_delete(&self) -> String {
        let (name, key, old, clear) = (self.name, self.key_of("old."), self.json_of("old."), self.clear_stash());
        format!(
            "
CREATE TRIGGER {name}_change_deleted AFTER DELETE ON {name}
BEGIN
    {RECORD} VALUES ({NOW}, '{name}', {key}, 'delete', {old});
    {clear} AND (row_id, row_part) = ({key});
END;
"
        )
    }
}
