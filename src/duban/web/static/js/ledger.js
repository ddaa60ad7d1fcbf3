// The ledger by keyboard. The page works without it.
(function () {
  "use strict";
  var current = null;
  function lines() { return Array.from(document.querySelectorAll("#rows tbody tr[id]")); }
  function go(to) {
    if (!to) return;
    if (current) current.classList.remove("is-current");
    current = to;
    to.classList.add("is-current");
    to.scrollIntoView({block: "nearest"});
  }
  function step(by) {
    var all = lines(), here = all.indexOf(current);
    if (here < 0) return go(all.find(function (row) { return row.getBoundingClientRect().top > 90; }) || all[0]);
    go(all[Math.min(Math.max(here + by, 0), all.length - 1)]);
  }
  function typing(target) { return target.closest("input:not([type=checkbox]), select, textarea, dialog, [contenteditable]"); }
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && typing(event.target) && !event.target.closest("dialog")) { event.target.blur(); return; }
    if (typing(event.target)) return;
    var act = {
      "/": function () { var q = document.getElementById("q"); q.focus(); q.select(); },
      j: function () { step(1); },
      k: function () { step(-1); },
      o: open,
      x: function () { var box = current && current.querySelector("input[type=checkbox]"); if (box) box.click(); },
      f: function () { document.getElementById("f-unit").focus(); },
      g: function () { document.getElementById("f-group").focus(); },
      c: function () { var menu = document.getElementById("column-menu"); menu.open = !menu.open; if (menu.open) menu.querySelector("input").focus(); },
      p: function () { document.getElementById("print-link").click(); },
      "?": function () { document.getElementById("ledger-help").showModal(); }
    }[event.key];
    if (event.key === "Enter" && !event.target.closest("a, button, summary, input")) act = open;
    if (!act) return;
    event.preventDefault();
    act();
  });
  function open() { if (current) current.querySelector(".c-text a, a").click(); }

  // Shift and a click on a second box ticks all between.
  var last = null;
  document.addEventListener("click", function (event) {
    var row = event.target.closest("#rows tbody tr[id]");
    if (row) { if (current) current.classList.remove("is-current"); current = row; row.classList.add("is-current"); }
    if (!event.target.matches || !event.target.matches("#rows tbody input[name=matter]")) return;
    var boxes = Array.from(document.querySelectorAll("#rows tbody input[name=matter]"));
    if (event.shiftKey && last && boxes.includes(last)) {
      var ends = [boxes.indexOf(last), boxes.indexOf(event.target)].sort(function (a, b) { return a - b; });
      boxes.slice(ends[0], ends[1] + 1).forEach(function (box) { box.checked = event.target.checked; });
      event.target.dispatchEvent(new Event("change", {bubbles: true}));
    }
    last = event.target;
  });

  function shown() {
    document.querySelectorAll(".help-button, [data-check-all]").forEach(function (one) { one.hidden = false; });
  }
  document.addEventListener("DOMContentLoaded", shown);
  document.addEventListener("htmx:afterSettle", function () { current = null; shown(); });
})();
