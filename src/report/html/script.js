
"use strict";
(() => {
  const filter = document.getElementById("filter");
  if (!filter) return;
  const select = filter.querySelector("select");
  const search = filter.querySelector("input");
  const output = filter.querySelector("output");
  const rows = Array.from(document.querySelectorAll("[data-branch]"), (row) => ({ row, text: null }));
  const groups = Array.from(document.querySelectorAll("details"), (group) => ({
    group,
    number: group.querySelector(".number"),
    words: group.querySelector(".number").textContent,
    all: group.querySelectorAll("[data-branch]").length,
    open: group.open,
  }));
  const shown = (n, all) => output.dataset.words.replace("{n}", n).replace("{all}", all);
  const show = () => {
    const branch = select ? select.value : "";
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const active = branch !== "" || words.length > 0;
    let n = 0;
    for (const entry of rows) {
      if (words.length > 0) entry.text ??= entry.row.textContent.toLowerCase();
      const visible =
        (branch === "" || entry.row.dataset.branch === branch) && words.every((word) => entry.text.includes(word));
      entry.row.hidden = !visible;
      n += visible;
    }
    for (const entry of groups) {
      const left = entry.group.querySelectorAll("[data-branch]:not([hidden])").length;
      entry.group.hidden = left === 0 && entry.all > 0;
      entry.group.open = words.length > 0 ? left > 0 : entry.open;
      entry.number.textContent = active ? shown(left, entry.all) : entry.words;
    }
    output.textContent = active ? shown(n, rows.length) : "";
  };
  let waiting = 0;
  filter.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 150);
  });
  filter.hidden = false;
})();
