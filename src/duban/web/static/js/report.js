// Writing a report: the 字数 as it is typed, and what is typed saved by itself. The page works without it.
// Counts as duban.reports.rules.count_chars does; a test holds the two equal.
(() => {
  "use strict";
  const WIDE = "\\u00a7\\u00b0\\u00b1\\u00b7\\u00d7\\u00f7\\u2014-\\u2016\\u2018-\\u201f\\u2025\\u2026\\u2030\\u203b\\u2103\\u2116\\u2160-\\u217f" +
    "\\u2190-\\u22ff\\u2460-\\u27bf\\u2b00-\\u2bff\\u2e80-\\u2fff\\u3001-\\ua4cf\\uac00-\\ud7af\\ue000-\\uf8ff\\uf900-\\ufaff\\ufe30-\\ufe6f\\uff01-\\uffee" +
    "\\u{1f000}-\\u{1faff}\\u{20000}-\\u{3ffff}";
  const BLANK = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
  const PICTURE = "\\u00a9\\u00ae\\u203c\\u2049\\u2122\\u2139\\u2194-\\u21aa\\u231a-\\u23ff\\u25aa-\\u27bf\\u2934-\\u2b55\\u3030\\u303d\\u3297\\u3299\\u{1f000}-\\u{1faff}";
  const CLUSTER = new RegExp("[\\u{1f1e6}-\\u{1f1ff}]{2}|[" + PICTURE + "](?:[\\ufe0e\\ufe0f\\u{1f3fb}-\\u{1f3ff}\\u{e0020}-\\u{e007f}]|\\u200d[" + PICTURE + "])+", "gu");
  const IGNORED = new RegExp("(?![" + BLANK + "])[\\p{M}\\p{Cf}\\p{Cc}\\p{Cs}]", "gu");
  const COUNTED = new RegExp("[" + WIDE + "]|[^" + WIDE + BLANK + "]+", "gu");

  function countChars(text) {
    return (text.replace(CLUSTER, "口").replace(IGNORED, "").match(COUNTED) || []).length;
  }
  function isWithin(count, low, high) { return low <= count && count <= high; }
  window.duban = Object.assign(window.duban || {}, { countChars, isWithin });

  const text = document.querySelector("textarea[data-count]");
  if (!text) return;
  const form = text.form;
  const low = Number(text.dataset.low), high = Number(text.dataset.high);
  const shown = document.getElementById("count");
  const outside = form.querySelector(".outside");
  const reason = outside && outside.querySelector("input");

  function count() {
    const now = countChars(text.value), within = isWithin(now, low, high);
    shown.querySelector("b").textContent = now;
    shown.classList.toggle("is-outside", !within);
    if (outside) outside.hidden = within && !reason.value;
  }
  form.addEventListener("input", count);
  count();

  // ── saved by itself, a moment after the last key; the local copy (keep.js) holds what the network did not take ──
  const address = form.dataset.save;
  if (!address) return;
  const told = form.querySelector("[data-saved]");
  let saved = text.defaultValue, timer = 0, running = null;

  function tell(words) { told.textContent = words; }

  async function save() {
    clearTimeout(timer);
    if (running || text.value === saved || !text.value.trim()) return;
    const sending = text.value;
    tell("正在保存…");
    running = fetch(address, {
      method: "POST",
      body: new FormData(form),
      headers: { "HX-Request": "true", "HX-Current-URL": location.href },
      credentials: "same-origin",
    });
    try {
      const answer = await running;
      const isJson = (answer.headers.get("Content-Type") || "").startsWith("application/json");
      if (!isJson) {
        tell("登录已失效，文字保存在本机，提交时会请您重新登录。");
        return;
      }
      const body = await answer.json();
      tell(body.said);
      if (answer.ok) {
        form.elements.version.value = body.version;
        text.defaultValue = body.text;  // what the page would open with now: keep.js holds what differs from it
        saved = sending;
      }
    } catch {
      tell("没有网络，文字保存在本机。");
      timer = setTimeout(save, 15000);
    } finally {
      running = null;
      if (text.value !== sending) later();
    }
  }
  function later() {
    clearTimeout(timer);
    timer = setTimeout(save, 1200);
  }
  text.addEventListener("input", later);
  if (text.value !== saved) later();  // keep.js brought back what the server has not got
  window.addEventListener("online", save);

  // What is handed in carries the version of the last save: one on its way is waited for.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!running || event.defaultPrevented) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter;
    running.catch(() => {}).then(() => setTimeout(() => form.requestSubmit(button), 50));
  }, true);
})();
