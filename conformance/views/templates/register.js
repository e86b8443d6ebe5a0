"use strict";
(() => {
  const form = document.getElementById("search");
  const field = document.getElementById("words");
  const told = document.getElementById("told");
  const rows = Array.from(document.querySelectorAll("#products tbody tr"));
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const narrow = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, n) => {
      const fits = words.every((word) => texts[n].includes(word));
      row.hidden = !fits;
      shown += fits;
    });
    told.textContent = `${shown} of ${rows.length} products`;
  };
  const settle = () => {
    narrow();
    history.replaceState(null, "", field.value ? `#q=${encodeURIComponent(field.value)}` : "#search");
  };
  const asked = location.hash.match(/^#q=(.*)$/);
  if (asked) {
    try { field.value = decodeURIComponent(asked[1]); } catch { field.value = ""; }
  }
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", settle);
  narrow();
})();
