// A lost connection loses nothing: what is typed into a form with a text area is kept on this device, for this account,
// until the server says that it has it, or its owner signs out (data-forget). A form with data-keep="off" keeps itself
// another way.
(function () {
  "use strict";
  var account = document.body.getAttribute("data-account");
  var PREFIX = "duban-typed:";
  var DAYS = 14 * 24 * 3600 * 1000;
  var store;
  try { store = window.localStorage; store.getItem(PREFIX); } catch (error) { return; }  // storage switched off: nothing is kept

  function keys() { return Object.keys(store).filter(function (key) { return key.indexOf(PREFIX) === 0; }); }
  if (!account) return;

  // Another account, or two weeks: what lies here is nobody's any more.
  keys().forEach(function (key) {
    var lies = read(key);
    var isTaken = lies && lies.sent && document.querySelector(".note-success") !== null;
    if (!lies || isTaken || lies.account !== account || Date.now() - lies.at > DAYS) store.removeItem(key);
  });

  function read(key) {
    try { return JSON.parse(store.getItem(key)); } catch (error) { return null; }
  }
  function fields(form) {
    return Array.from(form.elements).filter(function (one) {
      return one.name && (one.tagName === "TEXTAREA" || (one.tagName === "INPUT" && /^(text|search|tel|url|email|number|date|radio|checkbox)$/.test(one.type)));
    });
  }
  function isTicked(one) { return one.type === "radio" || one.type === "checkbox"; }
  function nameOf(one) { return isTicked(one) ? one.name + "=" + one.value : one.name; }
  function shown(one) { return isTicked(one) ? one.checked : one.value; }
  function given(one) { return isTicked(one) ? one.defaultChecked : one.defaultValue; }
  function keyOf(form) { return PREFIX + new URL(form.action, location.href).pathname + "#" + (form.id || Array.from(document.forms).indexOf(form)); }

  function note(form, text) {
    var place = document.createElement("p");
    place.className = "note note-info";
    place.setAttribute("role", "status");
    place.textContent = text;
    var drop = document.createElement("button");
    drop.type = "button";
    drop.className = "btn btn-link";
    drop.textContent = "不要了";
    drop.addEventListener("click", function () {
      store.removeItem(keyOf(form));
      form.reset();
      place.remove();
      form.dispatchEvent(new Event("input", {bubbles: true}));
    });
    place.append(" ", drop);
    form.prepend(place);
  }

  function restore(form) {
    var lies = read(keyOf(form));
    if (!lies) return;
    if (lies.sent && document.querySelector(".note-error")) {  // the server shows it again, and says what is wrong
      store.removeItem(keyOf(form));
      return;
    }
    var changed = 0;
    fields(form).forEach(function (one) {
      var kept = lies.values[nameOf(one)];
      if (!kept || kept[0] !== given(one) || kept[1] === shown(one)) return;
      if (isTicked(one)) one.checked = kept[1]; else one.value = kept[1];
      changed += 1;
    });
    if (changed) {
      note(form, "已恢复上次没有提交的内容。");
      var details = form.closest("details");
      if (details) details.open = true;
      form.dispatchEvent(new Event("input", {bubbles: true}));
    }
  }

  function keep(form, isSent) {
    var values = {};
    fields(form).forEach(function (one) { if (shown(one) !== given(one)) values[nameOf(one)] = [given(one), shown(one)]; });
    if (!Object.keys(values).length) { store.removeItem(keyOf(form)); return; }
    try { store.setItem(keyOf(form), JSON.stringify({account: account, at: Date.now(), sent: Boolean(isSent), values: values})); } catch (error) { return; }  // full: the page works without
  }

  function isKept(form) {
    return form.method === "post" && form.getAttribute("data-keep") !== "off" && form.querySelector("textarea, [data-keep]") !== null;
  }
  Array.from(document.forms).filter(isKept).forEach(restore);

  var waiting = new Map();
  document.addEventListener("input", function (event) {
    var form = event.target.form || event.target;
    if (!(form instanceof HTMLFormElement) || !isKept(form)) return;
    clearTimeout(waiting.get(form));
    waiting.set(form, setTimeout(function () { keep(form); }, 400));
  });
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.hasAttribute("data-forget")) {
      keys().forEach(function (key) { store.removeItem(key); });
      if (window.caches) window.caches.delete("duban-visits");  // pages taken along; results not yet sent stay, for this account
    }
    if (!isKept(form) || event.defaultPrevented) return;
    clearTimeout(waiting.get(form));
    keep(form, true);
    if (navigator.onLine === false) {
      event.preventDefault();
      var main = document.getElementById("main"), told = document.createElement("div");
      told.className = "note note-error";
      told.setAttribute("role", "alert");
      told.textContent = "现在没有网络。填写的内容已保存在本机，联网后再提交。";
      main.prepend(told);
      told.scrollIntoView({block: "nearest"});
    }
  });
})();
