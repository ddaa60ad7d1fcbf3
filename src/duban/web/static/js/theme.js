// Light or dark before the first paint: the choice kept in this browser, else the system's own.
(function () {
  "use strict";
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  function kept() {
    try { return localStorage.getItem("duban-theme"); } catch (error) { return null; }
  }
  function show() {
    document.documentElement.setAttribute("data-bs-theme", kept() || (dark.matches ? "dark" : "light"));
  }
  show();
  dark.addEventListener("change", show);
  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-theme-toggle]")) return;
    var next = document.documentElement.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    try { localStorage.setItem("duban-theme", next); } catch (error) { /* private window: for this page only */ }
    document.documentElement.setAttribute("data-bs-theme", next);
  });
})();
