"use strict";
(function () {
  var settings = { displayModeBar: false, displaylogo: false, responsive: true, showTips: false };
  var boxes = Array.prototype.slice.call(document.querySelectorAll("[data-figure]"));
  boxes.forEach(function (box) {
    var made = JSON.parse(document.getElementById("data-" + box.dataset.figure).textContent);
    Plotly.newPlot(box, made.data, made.layout, settings);
  });
  window.addEventListener("beforeprint", function () {
    boxes.forEach(function (box) { Plotly.Plots.resize(box); });
  });
})();
