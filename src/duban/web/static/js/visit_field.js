// The page verifiers take along. What is typed and photographed is kept on this device at once, for this account, and
// sent when there is a network; it stays here until the server has said that it has it, and the server takes the same
// sending once. What is typed meanwhile is the next sending, which names those before it: nothing is lost, and nobody is
// in conflict with himself. Without scripts the form is sent as any other.
(function () {
  "use strict";
  var form = document.getElementById("visit-form"), account = document.body.getAttribute("data-account");
  var told = document.getElementById("device-state");
  if (!form || !account || !window.indexedDB) return;
  var isOpen = form.querySelector(".visit-send") !== null;
  var NAME = account + ":" + form.getAttribute("data-visit");
  var lies = null, isSending = false, waiting = null, again = null, pause = 3000;

  function say(words, level) {
    told.hidden = !words;
    told.textContent = words;
    told.className = "note visit-device note-" + (level || "info");
  }

  // ---- what lies on the device: {values: {name: value}, photos: [{item, name, file}], key, tried: [key], isReady,
  // wasTried, writtenAt}; tried: the keys of sendings before this one, of which the server may have any

  function open() {
    return new Promise(function (done, failed) {
      var asked = window.indexedDB.open("duban-visits", 1);
      asked.onupgradeneeded = function () { asked.result.createObjectStore("kept"); };
      asked.onsuccess = function () { done(asked.result); };
      asked.onerror = function () { failed(asked.error); };
    });
  }
  function within(mode, act) {
    return open().then(function (base) {
      return new Promise(function (done, failed) {
        var change = base.transaction("kept", mode), asked = act(change.objectStore("kept"));
        change.oncomplete = function () { base.close(); done(asked.result); };
        change.onerror = change.onabort = function () { base.close(); failed(change.error); };
      });
    });
  }
  function keep() {
    return within("readwrite", function (store) { return store.put(lies, NAME); }).catch(function () {
      say("本机存不下了，请尽快报送，或者删去几张照片。", "error");
    });
  }
  function begin() {
    // the key of the page is not taken: a page kept on the device shows one that may have been sent already
    if (!lies) lies = {values: {}, photos: [], key: newKey(), tried: [], isReady: false, wasTried: false, writtenAt: ""};
    if (lies.wasTried) {  // the server may have it: what is added now is another sending
      lies.tried = (lies.tried || []).concat(lies.key);
      lies.key = newKey();
      lies.wasTried = false;
    }
    return lies;
  }
  function newKey() {
    return Array.from(window.crypto.getRandomValues(new Uint8Array(16)), function (one) { return one.toString(16).padStart(2, "0"); }).join("");
  }

  // ---- typing

  function claimOf(one) { return one.name.replace(/^(result|found)-/, ""); }
  function changed(one) {
    var claim = claimOf(one), seen = form.elements["seen-" + claim], kept = begin();
    if (!seen) return;
    if (!(seen.name in kept.values)) kept.values[seen.name] = seen.value;  // what stood when this was written
    var chosen = form.querySelector('input[name="result-' + claim + '"]:checked');
    kept.values["result-" + claim] = chosen ? chosen.value : "";
    kept.values["found-" + claim] = form.elements["found-" + claim].value;
    kept.writtenAt = new Date().toISOString();
    kept.isReady = false;
    one.closest(".claim").classList.remove("is-lacking");
  }
  form.addEventListener("input", function (event) {
    if (event.target.type === "file" || !event.target.name) return;
    changed(event.target);
    clearTimeout(waiting);
    waiting = setTimeout(function () { keep().then(sayKept); }, 250);
  });
  function sayKept() { if (lies && !told.classList.contains("note-error")) say("已存在本机，还没有报送。"); }

  form.addEventListener("change", function (event) {
    if (event.target.type !== "file") return;
    var item = event.target.name.replace("photo-", ""), kept = begin();
    Array.from(event.target.files).forEach(function (file) { kept.photos.push({item: item, name: file.name, file: file}); });
    event.target.value = "";  // they lie on the device now, and are sent from there
    kept.isReady = false;
    keep().then(sayKept);
    listPhotos();
  });
  function listPhotos() {
    document.querySelectorAll("[data-photos]").forEach(function (list) {
      list.replaceChildren();
      (lies ? lies.photos : []).forEach(function (photo) {
        if (photo.item !== list.getAttribute("data-photos")) return;
        var line = document.createElement("li"), drop = document.createElement("button");
        line.textContent = photo.name || "照片";
        drop.type = "button";
        drop.className = "btn btn-link";
        drop.textContent = "不要";
        drop.addEventListener("click", function () {
          lies.photos.splice(lies.photos.indexOf(photo), 1);
          keep();
          listPhotos();
        });
        line.append(" ", drop);
        list.append(line);
      });
    });
  }

  function restore() {
    Object.keys(lies.values).forEach(function (name) {
      var value = lies.values[name];
      if (name.indexOf("result-") === 0) {
        form.querySelectorAll('input[name="' + name + '"]').forEach(function (one) { one.checked = one.value === value; });
      } else if (form.elements[name]) {
        form.elements[name].value = value;
      }
    });
    listPhotos();
  }

  // ---- sending

  function lacking() {
    var found = [];
    form.querySelectorAll(".claim").forEach(function (claim) {
      var chosen = claim.querySelector("input[type=radio]:checked"), words = claim.querySelector("textarea").value.trim();
      var lacks = (!chosen && words) || (chosen && chosen.value !== "true" && !words);
      claim.classList.toggle("is-lacking", Boolean(lacks));
      if (lacks) found.push(claim);
    });
    return found;
  }
  function packed() {
    var data = new FormData();
    data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    data.append("key", lies.key);
    data.append("after", (lies.tried || []).join(","));
    data.append("written_at", lies.writtenAt);
    Object.keys(lies.values).forEach(function (name) { data.append(name, lies.values[name]); });
    lies.photos.forEach(function (photo) { data.append("photo-" + photo.item, photo.file, photo.name || "photo.jpg"); });
    return data;
  }
  function send() {
    if (!lies || !lies.isReady || isSending) return;
    isSending = true;
    lies.wasTried = true;
    say("正在报送……");
    var body = packed(), sent = {key: lies.key, values: Object.assign({}, lies.values), photos: lies.photos.slice()};
    keep().then(function () { return fetch(form.action || location.href, {
      method: "POST", body: body, credentials: "same-origin", redirect: "manual", headers: {Accept: "application/json"}
    }); }).then(function (answer) {
      if (answer.type === "opaqueredirect" || answer.status === 403) {
        say("登录已过期。内容存在本机，请重新登录，再打开本页就会报送。", "warning");
        return null;
      }
      return answer.json().then(function (body) {
        if (!answer.ok) { refused(body.problem || "没有报送成功，内容存在本机。"); return null; }
        return taken(sent);
      });
    }).catch(function () {
      say("没有网络。内容已存在本机，有网络时自动报送；不要清除浏览器数据。", "warning");
      clearTimeout(again);
      again = setTimeout(send, pause);  // a network that is there and leads nowhere tells nobody when it does again
      pause = Math.min(pause * 2, 60000);
    }).finally(function () {
      isSending = false;
      if (lies && lies.isReady && !lies.wasTried) send();  // what was added and sent off meanwhile
    });
  }
  function taken(sent) {
    clearTimeout(waiting);
    if (lies.key !== sent.key) {  // more was typed while it went: that stays, the rest is done
      Object.keys(lies.values).forEach(function (name) {
        var claim = name.replace(/^(seen|result|found)-/, ""), both = ["result-" + claim, "found-" + claim];
        if (both.every(function (one) { return lies.values[one] === sent.values[one]; })) {
          ["seen-" + claim].concat(both).forEach(function (one) { delete lies.values[one]; });
        }
      });
      lies.photos = lies.photos.filter(function (photo) { return sent.photos.indexOf(photo) < 0; });
      listPhotos();
      if (Object.keys(lies.values).length || lies.photos.length) {
        say("前面填写的已经收到；刚才又填的已存在本机，还没有报送。");
        return keep();
      }
    }
    form.inert = true;  // nothing is typed between here and the page as it stands now
    lies = null;
    return within("readwrite", function (store) { return store.delete(NAME); }).then(function () { location.reload(); });
  }
  function refused(words) {
    lies.isReady = false;
    keep();
    say(words + "（内容仍存在本机）", "error");
  }
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var lacks = lacking();
    if (lacks.length) {
      say("有 " + lacks.length + " 条没有填全：写了现场情况要选结果，基本属实、不实的要写现场情况。", "error");
      lacks[0].scrollIntoView({block: "center"});
      return;
    }
    if (!lies) { say("没有新填的内容。"); return; }
    clearTimeout(waiting);
    lies.isReady = true;
    keep().then(send);
  });
  window.addEventListener("online", function () { pause = 3000; send(); });

  // ---- the page itself is taken along

  function take() {
    if (!("serviceWorker" in navigator)) {
      if (!lies) say("这台设备不能离线打开本页（需要 https）。去现场前请打开本页，不要关闭：填写的内容会存在本机，有网络再报送。");
      return;
    }
    navigator.serviceWorker.addEventListener("message", function (event) {
      if (event.data && event.data.taken && !lies) say("本页已存在本机，没有网络也能打开和填写。", "success");
    });
    navigator.serviceWorker.register(form.getAttribute("data-worker"), {scope: "/visits/"}).then(function () {
      return navigator.serviceWorker.ready;
    }).then(function (ready) {
      var parts = Array.from(document.querySelectorAll("link[rel=stylesheet], script[src], link[rel=icon]"));
      var addresses = parts.map(function (one) { return one.href || one.src; });
      var icons = document.querySelector("svg use");
      if (icons) addresses.push(new URL(icons.getAttribute("href").split("#")[0], location.href).href);
      ready.active.postMessage({take: [location.origin + location.pathname].concat(addresses)});
    }).catch(function () { return null; });  // a browser that forbids it: the page works all the same while it is open
  }

  within("readonly", function (store) { return store.get(NAME); }).then(function (found) {
    if (found) {
      lies = found;
      restore();
      if (!isOpen) say("这次核验不能再填。下面有存在本机、没有报送成功的内容，请抄下告知督查室。", "warning");
      else if (lies.isReady && navigator.onLine !== false) send();
      else say("已恢复存在本机、还没有报送的内容。");
    }
    if (isOpen && navigator.onLine !== false) take();
  });
})();
