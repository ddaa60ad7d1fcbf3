// What every page shares. Each page works without it.
(function () {
  "use strict";

  // <details data-menu>: one open at a time; a click elsewhere or Escape closes it.
  function closeMenus(except) {
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      if (menu !== except) menu.open = false;
    });
  }
  document.addEventListener("click", function (event) {
    closeMenus(event.target.closest("details[data-menu]"));
    var close = event.target.closest("[data-close]");
    if (close) {
      var dialog = close.closest("dialog");
      if (dialog) dialog.close();
    }
    var opener = event.target.closest("[data-open]");
    if (opener) {
      var wanted = document.getElementById(opener.getAttribute("data-open"));
      if (wanted) { event.preventDefault(); wanted.showModal(); }
    }
    if (event.target.closest("[data-print]")) window.print();
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // <form data-confirm="…"> or a submit button with it asks first.
  document.addEventListener("submit", function (event) {
    var asking = event.submitter && event.submitter.getAttribute("data-confirm") || event.target.getAttribute("data-confirm");
    if (asking && !window.confirm(asking)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);

  // <input type="checkbox" data-check-all="name"> ticks every box of that name in its form.
  // data-shown-when-checked="name" shows an element, and data-count-of="name" counts, while any is ticked.
  function boxes(name) { return Array.from(document.querySelectorAll('input[type="checkbox"][name="' + name + '"]')); }
  function tally(name) {
    var all = boxes(name), ticked = all.filter(function (box) { return box.checked; }).length;
    document.querySelectorAll('[data-count-of="' + name + '"]').forEach(function (place) { place.textContent = ticked; });
    document.querySelectorAll('[data-shown-when-checked="' + name + '"]').forEach(function (place) { place.hidden = ticked === 0; });
    document.querySelectorAll('[data-check-all="' + name + '"]').forEach(function (box) {
      box.checked = ticked > 0 && ticked === all.length;
      box.indeterminate = ticked > 0 && ticked < all.length;
    });
  }
  document.addEventListener("change", function (event) {
    var name = event.target.getAttribute && event.target.getAttribute("data-check-all");
    if (name) boxes(name).forEach(function (box) { box.checked = event.target.checked; });
    if (name || event.target.type === "checkbox") tally(name || event.target.name);
    if (event.target.hasAttribute && event.target.hasAttribute("data-submit-on-change")) event.target.form.requestSubmit();
  });
  function tallyAll() {
    var names = new Set();
    document.querySelectorAll("[data-check-all],[data-shown-when-checked]").forEach(function (place) {
      names.add(place.getAttribute("data-check-all") || place.getAttribute("data-shown-when-checked"));
    });
    names.forEach(tally);
  }
  document.addEventListener("DOMContentLoaded", tallyAll);
  document.addEventListener("htmx:afterSettle", tallyAll);

  // A refused htmx request shows the server's own words.
  document.addEventListener("htmx:responseError", function (event) {
    var page = new DOMParser().parseFromString(event.detail.xhr.responseText || "", "text/html");
    var said = page.querySelector(".refusal h1, [role=alert]");
    say(said ? said.textContent : "操作没有完成（" + event.detail.xhr.status + "）。", "error");
  });
  document.addEventListener("htmx:sendError", function () { say("连不上服务器，请检查网络后再试。", "error"); });
  function say(text, level) {
    var place = document.getElementById("main");
    var note = document.createElement("div");
    note.className = "note note-" + level;
    note.setAttribute("role", "alert");
    note.textContent = text;
    place.prepend(note);
    note.scrollIntoView({block: "nearest"});
  }
})();
