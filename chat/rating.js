// Runs once (js_on_load of the gr.HTML that holds the dialog): a click on a rating button under a reply asks the server
// for the dialog, whose answers go back as an event. What the server says of it is put under the reply. Builds no markup.
// Given by gr.HTML: element, trigger(event, data), watch(property, callback).

let opener = null; // where the focus goes back to

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-rate]");
  if (!button) return;
  opener = button;
  trigger("rate", { turn: button.dataset.turn, verdict: button.dataset.rate });
});

element.addEventListener("click", ({ target }) => {
  const dialog = target.closest("dialog");
  if (target.closest("[data-cancel]")) dialog.close();
  if (target.closest("[data-send]")) send(dialog);
});

watch("value", () => {
  const dialog = element.querySelector("dialog");
  if (dialog) {
    dialog.addEventListener("close", () => opener?.focus());
    dialog.showModal();
  }
  const rated = element.querySelector("[data-rated]");
  if (rated) thank(rated);
});

function send(dialog) {
  const button = dialog.querySelector("[data-send]");
  button.disabled = true; // the dialog stays until the server has kept it; sent twice, it is kept once
  setTimeout(() => (button.disabled = false), 5000); // should the server not answer
  trigger("send", {
    turn: dialog.dataset.turn,
    verdict: dialog.dataset.verdict,
    reason: dialog.querySelector("input:checked")?.value ?? "",
    comment: dialog.querySelector("textarea").value,
  });
}

function thank(rated) {
  const place = document.querySelector(`.rate[data-turn="${rated.dataset.rated}"]`);
  if (!place) return;
  const words = document.createElement("span");
  words.textContent = rated.textContent;
  words.tabIndex = -1;
  place.replaceChildren(words);
  words.focus({ preventScroll: true });
}
