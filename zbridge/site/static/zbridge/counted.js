// A form's button says how many are ticked: "Fill these 3".
(function () {
  "use strict";
  document.querySelectorAll("[data-count]").forEach(function (button) {
    var form = button.form;
    function tell() {
      var ticked = form.querySelectorAll("[data-counted]:checked").length;
      button.textContent = button.dataset.count + (ticked ? " " + ticked : "");
    }
    form.addEventListener("change", tell);
    tell();
  });
})();
