// The review desk by keyboard. Every key presses a visible button or link; without this file they are pressed by hand.
(function () {
  "use strict";

  var ALIASES = {ArrowDown: "j", ArrowUp: "k", ArrowRight: "l", ArrowLeft: "h", "？": "?", Delete: "x"};
  var POLL_SECONDS = 10;
  var busy = false;

  function root() { return document.getElementById("desk") || document.getElementById("main"); }
  function isTyping(target) {
    return target.closest && target.closest("textarea,select,input:not([type=checkbox]):not([type=radio])");
  }
  function keyOf(event) {
    if (/^[a-z]$/i.test(event.key)) return event.shiftKey ? event.key.toUpperCase() : event.key.toLowerCase();
    return ALIASES[event.key] || event.key;
  }

  // ── the cell the keys e and v mean ──
  function moveCursor(selector, to) {
    var all = Array.from(root().querySelectorAll(selector));
    if (!all.length) return false;
    var at = all.findIndex(function (one) { return one.classList.contains("is-cursor"); });
    var next = all[Math.max(0, Math.min(all.length - 1, typeof to === "function" ? to(at) : to))];
    all.forEach(function (one) { one.classList.toggle("is-cursor", one === next); });
    next.scrollIntoView({block: "nearest"});
    return true;
  }

  // ── a key of the desk that finds nothing to press says why ──
  var WHY_NOT = {
    Enter: "没有待核对的行了。", a: "这里没有可采纳的建议。", x: "这里没有待处理的疑点。", d: "这里没有待处理的疑点。",
    j: "已经是最后一行。", k: "前面没有了。", n: "没有别的疑点了。", e: "这里没有可改的内容。",
    v: "这一格不用确认。", r: "这里没有可剔除的行。", u: "此行还在核对中，不用重新核对。", c: "您不能立项，或这份通知已不在核对中。",
    A: "这份通知已不在核对中。", m: "这份通知已不在核对中。"
  };
  var SETTLED = {accepted: "此行已通过", rejected: "此行已剔除"};
  function sayWhyNot(key) {
    var place = document.getElementById("desk-said");
    if (!place || !WHY_NOT[key]) return;
    var reading = root().querySelector(".pane-reading");
    var state = reading && SETTLED[reading.getAttribute("data-row-state")];
    var words = WHY_NOT[key];
    if (state && "axderv".indexOf(key) >= 0) words = state + (document.querySelector("[data-key=u]") ? "，要改请先按 u 重新核对。" : "，通知已不在核对中。");
    var note = document.createElement("div");
    note.className = "note note-info";
    note.setAttribute("role", "status");
    note.textContent = words;
    place.replaceChildren(note);
  }

  document.addEventListener("keydown", function (event) {
    if (event.isComposing || event.defaultPrevented || !document.querySelector("[data-key]")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      var main = event.target.closest("form") || document.querySelector("form[data-main]");
      if (main) { event.preventDefault(); main.requestSubmit(); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target) && event.key !== "Escape") {
      if (event.key === "Enter" && !event.shiftKey && event.target.hasAttribute("data-submit-on-enter")) {
        event.preventDefault();
        event.target.form.requestSubmit();
      }
      return;
    }
    if ((event.key === "Enter" || event.key === " ") && event.target.closest("a,button,summary,input")) return;
    if (busy) { event.preventDefault(); return; }
    var key = keyOf(event);
    if (event.target.id === "source" && /^Arrow(Up|Down)$/.test(event.key)) return;
    if (document.querySelector(".cell")) {
      if (key === "l") { moveCursor(".cell", function (at) { return at + 1; }); event.preventDefault(); return; }
      if (key === "h") { moveCursor(".cell", function (at) { return at - 1; }); event.preventDefault(); return; }
      if (/^[1-9]$/.test(key)) { moveCursor(".cell", Number(key) - 1); return; }
    }
    var names = document.querySelector("[data-names]");
    if (names && (key === "j" || key === "k")) {
      moveCursor(".name-row", function (at) { return at + (key === "j" ? 1 : -1); });
      event.preventDefault();
      return;
    }
    var control = root().querySelector(".is-cursor [data-cell-key=\"" + CSS.escape(key) + "\"]") ||
      document.querySelector("[data-key~=\"" + CSS.escape(key) + "\"]");
    if (!control) { sayWhyNot(key); return; }
    event.preventDefault();
    control.click();
  });

  // Ctrl+Enter also from inside the approval form's fields is handled above; a plain form sends once.
  document.addEventListener("submit", function (event) {
    if (event.target.hasAttribute("data-once")) {
      if (event.target.classList.contains("is-busy")) { event.preventDefault(); return; }
      event.target.classList.add("is-busy");
    }
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form.is-busy").forEach(function (form) { form.classList.remove("is-busy"); });
  });

  // ── what stands where after a step ──
  function centre(box, line) {
    if (box && line) box.scrollTop = line.offsetTop - box.offsetTop - box.clientHeight / 2 + line.offsetHeight / 2;
  }
  function settle(scope) {
    root().setAttribute("data-ready", "");
    var source = document.getElementById("source");
    if (source) centre(source, source.querySelector(".is-lit") || document.querySelector("#source :target"));
    var chips = document.querySelector(".chips");
    if (chips) centre(chips, chips.querySelector("[aria-current]"));
    if (scope === "strip") return;
    var first = root().querySelector("[autofocus]");
    if (first) {
      first.focus({preventScroll: false});
      if (first.select && first.tagName === "INPUT") first.select();
      else if (first.setSelectionRange) first.setSelectionRange(first.value.length, first.value.length);
    } else if (document.getElementById("desk")) {
      root().focus({preventScroll: true});
    }
    var cursor = root().querySelector(".pane-reading .is-cursor");
    var pane = root().querySelector(".pane-reading .pane-scroll");
    if (cursor && pane && pane.scrollHeight > pane.clientHeight && !root().querySelector(".findings")) cursor.scrollIntoView({block: "nearest"});
  }
  document.addEventListener("DOMContentLoaded", function () { settle("page"); });

  function isPoll(detail) { return detail.elt && detail.elt.id === "strip-poll"; }
  document.addEventListener("htmx:beforeRequest", function (event) { if (!isPoll(event.detail)) busy = true; });
  document.addEventListener("htmx:afterRequest", function (event) { if (!isPoll(event.detail)) busy = false; });
  document.addEventListener("htmx:beforeSwap", function (event) {
    var status = event.detail.xhr.status;
    // A refusal the desk itself answers (somebody was first, a cell filled in wrongly) is shown in its place.
    if (status >= 400 && event.detail.xhr.responseText.indexOf('<div id="desk"') >= 0 && !isPoll(event.detail)) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  document.addEventListener("htmx:afterSettle", function (event) {
    settle(event.detail.elt && event.detail.elt.id === "strip" ? "strip" : "desk");
  });

  // ── see what the other person does ──
  window.setInterval(function () {
    var poll = document.getElementById("strip-poll");
    if (poll && window.htmx && !document.hidden && !busy) window.htmx.trigger(poll, "desk:poll");
  }, POLL_SECONDS * 1000);

  // ── a file dropped on the upload form ──
  document.querySelectorAll("[data-drop]").forEach(function (place) {
    var input = place.querySelector("input[type=file]");
    ["dragover", "dragenter"].forEach(function (name) {
      place.addEventListener(name, function (event) { event.preventDefault(); place.classList.add("is-over"); });
    });
    ["dragleave", "drop"].forEach(function (name) {
      place.addEventListener(name, function () { place.classList.remove("is-over"); });
    });
    place.addEventListener("drop", function (event) {
      event.preventDefault();
      if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
    });
  });

  // <button data-pick="town"> ticks every unit of a kind in its form.
  document.addEventListener("click", function (event) {
    var picker = event.target.closest("[data-pick]");
    if (!picker) return;
    var boxes = Array.from(picker.closest("form").querySelectorAll("input[data-kind=\"" + CSS.escape(picker.getAttribute("data-pick")) + "\"]"));
    var on = !boxes.every(function (box) { return box.checked; });
    boxes.forEach(function (box) { box.checked = on; });
  });
})();
