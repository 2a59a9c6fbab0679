// While a run moves, ask how far it is; when it has ended, show the page anew.
(function () {
  "use strict";
  function follow(place) {
    var bar = place.querySelector("progress"), counted = place.querySelector("[data-run-counted]");
    function ask() {
      fetch(place.dataset.runProgress, { credentials: "same-origin" })
        .then(function (answer) { return answer.json(); })
        .then(function (found) {
          if (!found.moving) { window.location.reload(); return; }
          if (bar && found.total) { bar.value = Math.min(100, 100 * found.done / found.total); }
          if (counted) { counted.textContent = found.done + " of " + found.total; }
          window.setTimeout(ask, 1500);
        })
        .catch(function () { window.setTimeout(ask, 5000); });
    }
    window.setTimeout(ask, 1500);
  }
  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-run-progress]").forEach(follow);
  });
})();
