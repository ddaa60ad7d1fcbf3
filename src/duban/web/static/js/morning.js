// The morning page by keyboard. The page works without it.
(function () {
  "use strict";
  function lines() { return Array.from(document.querySelectorAll(".due-lines > li > a, .due-kinds > li > a")); }
  function step(by) {
    var all = lines(), here = all.indexOf(document.activeElement);
    if (here < 0) {
      var section = document.activeElement && document.activeElement.closest("section.panel");
      here = section ? all.findIndex(function (one) { return section.contains(one); }) - (by > 0 ? 1 : 0) : by > 0 ? -1 : 0;
    }
    var to = all[Math.min(Math.max(here + by, 0), all.length - 1)];
    if (to) { to.focus(); to.scrollIntoView({block: "nearest"}); }
  }
  function section(place) { show(document.querySelectorAll("main section.panel[id]:not(#due)")[place]); }
  function show(found) { if (found) { found.scrollIntoView({block: "start"}); found.focus({preventScroll: true}); } }
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, select, textarea, dialog, [contenteditable]")) return;
    var act = {
      j: function () { step(1); },
      k: function () { step(-1); },
      o: function () { if (lines().includes(document.activeElement)) document.activeElement.click(); },
      w: function () { show(document.getElementById("due")); },
      p: function () { window.print(); },
      "?": function () { document.getElementById("morning-help").showModal(); }
    }[event.key];
    if (/^[1-9]$/.test(event.key)) act = function () { section(Number(event.key) - 1); };
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll(".help-button").forEach(function (one) { one.hidden = false; });
  });
})();
