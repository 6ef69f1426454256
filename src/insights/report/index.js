(() => {
  "use strict";
  const table = document.querySelector(".grid");
  const controls = document.getElementById("controls");
  const find = document.getElementById("find");
  const status = document.getElementById("status");
  const analysis = document.getElementById("analysis");
  const brief = document.getElementById("brief");
  const told = document.getElementById("told");
  const groups = [...table.tBodies];
  const heads = [...table.tHead.querySelectorAll("th[data-sort]")];
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const fold = (text) => text.normalize("NFKC").toLowerCase().trim();
  const names = new Map(groups.map((group) => [group, fold(group.rows[0].cells[0].textContent)]));

  const asked = (cell) =>
    !status.value || (status.value === "changed" ? "was" in cell.dataset : cell.dataset.status === status.value);
  const isShown = (group, text) =>
    names.get(group).includes(text) &&
    [...group.querySelectorAll("td[data-status]")].some(
      (cell) => (!analysis.value || cell.dataset.of === analysis.value) && asked(cell));

  function filter() {
    const text = fold(find.value);
    for (const group of groups) group.hidden = !isShown(group, text);
    for (const cell of table.querySelectorAll("[data-of]")) {
      cell.hidden = analysis.value !== "" && cell.dataset.of !== analysis.value;
    }
    table.classList.toggle("brief", brief.checked);
    const n = groups.filter((group) => !group.hidden).length;
    told.textContent = told.dataset.words.replace("{n}", n);
  }

  const worth = (group, place) => group.rows[0].cells[place].dataset.value ?? "";
  function compare(one, other, place, sign, isText) {
    const [a, b] = [worth(one, place), worth(other, place)];
    if (a === "" || b === "") return (a === "") - (b === "");
    return sign * (isText ? collator.compare(a, b) : a - b);
  }

  function sort(head) {
    const place = heads.indexOf(head);
    const kind = head.dataset.sort;
    const first = kind === "number" ? "descending" : "ascending";
    const now = head.getAttribute("aria-sort");
    const turned = first === "ascending" ? "descending" : "ascending";
    const order = now === first ? turned : first;
    const sign = order === "ascending" ? 1 : -1;
    for (const one of heads) one.setAttribute("aria-sort", one === head ? order : "none");
    const sorted = [...groups].sort((one, other) =>
      one.dataset.level - other.dataset.level || compare(one, other, place, sign, kind === "text"));
    table.append(...sorted);
  }

  for (const head of heads) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(head));
    head.append(button);
    head.setAttribute("aria-sort", "none");
  }
  document.getElementById("again").addEventListener("click", () => {
    for (const one of [find, status, analysis]) one.value = "";
    brief.checked = false;
    filter();
  });
  find.addEventListener("input", filter);
  status.addEventListener("change", filter);
  analysis.addEventListener("change", filter);
  brief.addEventListener("change", filter);
  controls.hidden = false;
  addEventListener("pageshow", filter);
})();
