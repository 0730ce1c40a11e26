"use strict";
/* Filters the tables: a row stays if it holds every word; sections without a row stay as they are. */
(() => {
  const tools = document.getElementById("tools"), words = tools.querySelector("input");
  const stations = tools.querySelector("select");
  const rows = [...document.querySelectorAll("tr[data-row]")];
  const filter = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = row.textContent.toLowerCase(), station = row.dataset.row;
      row.classList.toggle("hide", !wanted.every(word => text.includes(word)) ||
        (stations.value !== "" && station !== "" && station !== stations.value));
    }
  };
  for (const name of [...new Set(rows.map(row => row.dataset.row))].filter(Boolean))
    stations.append(new Option(name, name));
  stations.hidden = stations.options.length < 3;
  tools.hidden = false;
  tools.addEventListener("input", filter);
})();
