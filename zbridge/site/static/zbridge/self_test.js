// While a self-test runs, put each answer beside its question; when it ends or needs a person, show the page anew.
(function () {
  "use strict";
  var place = document.querySelector("[data-self-test]");
  if (!place) { return; }
  var sentence = document.getElementById("state-sentence");
  function show(found) {
    if (sentence) { sentence.textContent = found.sentence; }
    Object.keys(found.answers).forEach(function (code) {
      var row = document.querySelector("[data-question='" + code + "']");
      if (!row) { return; }
      row.querySelector("[data-answer]").textContent = found.answers[code][0];
      row.querySelector("[data-sentence]").textContent = found.answers[code][1];
    });
  }
  function ask() {
    fetch(place.dataset.selfTest, { headers: { Accept: "application/json" }, credentials: "same-origin" })
      .then(function (answer) { return answer.json(); })
      .then(function (found) {
        if (found.state !== place.dataset.state) { window.location.reload(); return; }
        show(found);
        window.setTimeout(ask, found.moving ? 1500 : 5000);
      })
      .catch(function () { window.setTimeout(ask, 5000); });
  }
  window.setTimeout(ask, 1000);
})();
