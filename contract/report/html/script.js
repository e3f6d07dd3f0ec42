(function () {
  "use strict";
  var form = document.querySelector(".filter");
  var list = Array.prototype.slice.call(document.querySelectorAll(".check"));
  var pressable = Array.prototype.slice.call(document.querySelectorAll(".tile, .cell"));
  var fold = document.querySelector(".fold");
  var names = ["text", "outcome", "family", "column", "strategy"].filter(function (name) { return form.elements[name]; });
  var texts = list.map(function (check) { return check.textContent.toLowerCase(); });

  function wanted() {
    var values = {};
    names.forEach(function (name) { values[name] = form.elements[name].value; });
    return values;
  }

  function matches(check, text, want) {
    return (!want.outcome || check.dataset.outcome === want.outcome) &&
      (!want.family || check.dataset.family === want.family) &&
      (!want.column || check.dataset.column === want.column) &&
      (!want.strategy || check.dataset.strategy === want.strategy) &&
      want.text.toLowerCase().split(/\s+/).every(function (word) { return text.indexOf(word) >= 0; });
  }

  // pressed tells whether a button stands for what the filter shows.
  function pressed(button, want) {
    return button.dataset.outcome ? button.dataset.outcome === want.outcome :
      button.dataset.family === want.family && (button.dataset.column || "") === want.column &&
        (button.dataset.strategy || "") === (want.strategy || "");
  }

  function apply() {
    var want = wanted();
    var shown = 0;
    list.forEach(function (check, i) {
      check.hidden = !matches(check, texts[i], want);
      if (!check.hidden) { shown++; }
    });
    document.querySelector(".count").textContent = shown + " of " + list.length + " checks";
    document.querySelector(".nothing").hidden = shown > 0;
    pressable.forEach(function (button) { button.setAttribute("aria-pressed", String(pressed(button, want))); });
    remember(want);
  }

  // remember keeps the filter in the address, so that it can be passed on.
  function remember(want) {
    var parts = names.filter(function (name) { return want[name]; })
      .map(function (name) { return name + "=" + encodeURIComponent(want[name]); });
    if (!parts.length && document.getElementById(location.hash.slice(1))) { return; } // a link to a check stays
    try { history.replaceState(null, "", "#" + parts.join("&")); } catch (ignored) { /* some frames have no history */ }
  }

  function recall() {
    location.hash.slice(1).split("&").forEach(function (part) {
      var at = part.indexOf("=");
      if (at < 0 || names.indexOf(part.slice(0, at)) < 0) { return; }
      try { form.elements[part.slice(0, at)].value = decodeURIComponent(part.slice(at + 1)); } catch (ignored) { /* not ours */ }
    });
  }

  // press lets a button set the filter, or clear what it has set.
  function press(button) {
    var clear = pressed(button, wanted());
    ["outcome", "family", "column", "strategy"].forEach(function (name) {
      if (button.dataset[name] && form.elements[name]) { form.elements[name].value = clear ? "" : button.dataset[name]; }
    });
    apply();
    document.getElementById("checks-title").scrollIntoView({ block: "start" });
  }

  function clear() { form.reset(); }

  function copy(button) {
    var text = button.parentNode.querySelector("pre").textContent;
    function done() {
      button.textContent = "Copied";
      setTimeout(function () { button.textContent = "Copy"; }, 1500);
    }
    function select() {
      var range = document.createRange();
      range.selectNodeContents(button.parentNode.querySelector("pre"));
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      if (document.execCommand("copy")) { done(); }
    }
    if (navigator.clipboard) { navigator.clipboard.writeText(text).then(done, select); } else { select(); }
  }

  form.hidden = false;
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("input", apply);
  form.addEventListener("reset", function () { setTimeout(apply); });
  document.querySelector(".clear").addEventListener("click", clear);
  pressable.forEach(function (button) {
    button.disabled = false;
    button.addEventListener("click", function () { press(button); });
  });
  Array.prototype.forEach.call(document.querySelectorAll(".copy"), function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { copy(button); });
  });
  fold.addEventListener("click", function () {
    var open = fold.textContent === "Open all";
    list.forEach(function (check) { if (!check.hidden) { check.firstElementChild.open = open; } });
    fold.textContent = open ? "Close all" : "Open all";
  });
  document.addEventListener("keydown", function (event) {
    var typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      form.elements.text.focus();
    }
  });
  // follow shows what the address leads to, whatever the filter hides.
  function follow() {
    var found = document.getElementById(location.hash.slice(1));
    var check = found && found.closest(".check");
    if (!check) { return; }
    if (check.hidden) {
      form.reset();
      list.forEach(function (one) { one.hidden = false; });
    }
    check.firstElementChild.open = true;
    found.scrollIntoView({ block: "start" });
  }

  addEventListener("hashchange", follow);
  addEventListener("beforeprint", function () {
    list.forEach(function (check) { if (check.querySelector(".finding")) { check.firstElementChild.open = true; } });
  });
  recall();
  apply();
  follow();
})();
