// While a draft is being made, ask how far it is; when it has arrived, show the page anew.
(function () {
  "use strict";
  var ended = ["done", "review", "refused", "cancelled", "superseded"];
  document.querySelectorAll("[data-progress]").forEach(function (place) {
    var state = place.dataset.state;
    if (ended.indexOf(state) >= 0) { return; }
    var sentence = document.getElementById("state-sentence");
    function ask() {
      fetch(place.dataset.progress, { headers: { Accept: "application/json" }, credentials: "same-origin" })
        .then(function (answer) { return answer.json(); })
        .then(function (found) {
          if (found.state !== state && (!found.moving || found.state === "drafted")) { window.location.reload(); return; }
          if (sentence) { sentence.textContent = found.sentence; }
          state = found.state;
          window.setTimeout(ask, found.moving ? 700 : 5000);
        })
        .catch(function () { window.setTimeout(ask, 3000); });
    }
    window.setTimeout(ask, 500);
  });
})();
