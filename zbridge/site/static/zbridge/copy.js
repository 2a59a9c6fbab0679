// Puts the text of a field on the clipboard, and says so on the button.
(function () {
  "use strict";
  document.querySelectorAll("[data-copy]").forEach(function (button) {
    button.addEventListener("click", function () {
      var field = document.getElementById(button.dataset.copy);
      function done() { button.textContent = "Copied"; }
      field.focus();
      field.select();
      if (navigator.clipboard) { navigator.clipboard.writeText(field.value).then(done, function () {}); return; }
      if (document.execCommand("copy")) { done(); }
    });
  });
})();
