// Runs once for the conversation and once for the source panel (gr.HTML's js_on_load): a click on one of their buttons
// becomes a Gradio event, and what the answer brings is scrolled into view. It never builds markup.
// Given by gr.HTML: element, trigger(event, data), watch(property, callback).

element.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  if (button.dataset.source) open(button);
  if (button.dataset.ask) trigger("ask", { question: button.dataset.ask });
  if (button.dataset.copy) copy(button);
  if (button.matches(".close")) leave();
});

element.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.closest(".panel")) leave();
});

watch("value", () => {
  if (element.querySelector(".panel")) reveal();
  else element.querySelector(".turn:last-child")?.scrollIntoView({ block: "start" });
  showWhichIsOpen();
});

function open(button) {
  const panel = document.querySelector(".panel");
  if (!panel.contains(button)) panel.closest("#source").opener = button; // where Escape goes back to
  if (panel.dataset.open === button.dataset.source) reveal(); // it is there already, so no new value will come
  else trigger("cite", { source: button.dataset.source });
}

function reveal() {
  const panel = document.querySelector(".panel");
  panel.classList.remove("closed");
  const text = panel.querySelector(".text");
  if (!text) return;
  panel.focus({ preventScroll: true });
  const start = text.querySelector("mark") ?? text.querySelector(":scope > :not(.aside, .note)");
  text.scrollTop += start.getBoundingClientRect().top - text.getBoundingClientRect().top - text.clientHeight / 4;
}

function showWhichIsOpen() {
  const { open } = document.querySelector(".panel").dataset;
  for (const button of document.querySelectorAll(".log .cite"))
    if (button.dataset.source === open) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
}

function leave() {
  const panel = document.querySelector(".panel");
  panel.classList.add("closed"); // on a phone, where the panel lies over the conversation
  panel.closest("#source").opener?.focus();
}

async function copy(button) {
  const label = button.textContent;
  if (navigator.clipboard) await navigator.clipboard.writeText(button.dataset.copy);
  else copyBySelection(button.dataset.copy); // over plain http from another machine there is no clipboard
  button.textContent = button.dataset.copied;
  setTimeout(() => (button.textContent = label), 1500);
}

function copyBySelection(text) {
  const area = document.body.appendChild(document.createElement("textarea"));
  area.value = text;
  area.select();
  document.execCommand("copy");
  area.remove();
}
