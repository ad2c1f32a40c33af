// Runs once for each of the page's parts (gr.HTML's js_on_load: top, conversation, next questions, source panel): a click on
// one of their buttons becomes a Gradio event, and what the answer brings is scrolled into view. It never builds markup.
// Given by gr.HTML: element, trigger(event, data), watch(property, callback).

const ZOOMS = [1, 1.25, 1.5, 2, 3];
const KEYS = { n: "[data-step=next]", p: "[data-step=previous]", "+": "[data-zoom='1']", "=": "[data-zoom='1']", "-": "[data-zoom='-1']" };
let zoom = 0; // which of ZOOMS
let pressed = null; // the name of the panel's button that was pressed, which has the focus again in the panel that follows

element.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  if (button.closest(".panel")) pressed = nameOf(button);
  if (button.dataset.source) open(button);
  if (button.dataset.page) cite({ page: Number(button.dataset.page) });
  if (button.dataset.view) show(button.dataset.view);
  if (button.dataset.zoom) enlarge(Number(button.dataset.zoom));
  if (button.dataset.ask) trigger("ask", { question: button.dataset.ask });
  if (button.dataset.years) trigger("years", { turn: button.dataset.years });
  if (button.dataset.receipt) trigger("receipt", { turn: button.dataset.receipt });
  if (button.dataset.save) save(button);
  if (button.dataset.copy) copy(button, button.dataset.copy);
  if (button.dataset.link) copy(button, new URL(button.dataset.link, location.origin + location.pathname).href);
  if (button.matches(".close")) leave();
});

element.addEventListener("keydown", (event) => {
  const panel = event.target.closest(".panel");
  const menu = event.target.closest("details[open]");
  if (menu && event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  if (!panel || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") leave();
  if (KEYS[event.key]) panel.querySelector(KEYS[event.key])?.click();
  if (event.key === "PageDown" || event.key === "PageUp") turnPage(event, panel);
});

watch("value", () => {
  const turn = element.querySelector(".turn:last-child");
  if (element.querySelector(".panel")) reveal();
  else if (turn) {
    turn.scrollIntoView({ block: "start" });
    document.querySelector("#said").textContent = turn.dataset.said;
  }
  showWhichIsOpen();
});

function open(button) {
  const panel = document.querySelector(".panel");
  const place = panel.closest("#source");
  if (!panel.contains(button)) place.opener = button; // where Escape goes back to
  if (panel.dataset.open === button.dataset.source && !panel.contains(button)) reveal(); // no new value will come
  else trigger("cite", { source: button.dataset.source, view: place.dataset.view });
}

function cite(wanted) {
  const panel = element.querySelector(".panel");
  trigger("cite", { source: panel.dataset.open, view: panel.closest("#source").dataset.view, ...wanted });
}

function show(view) {
  element.closest("#source").dataset.view = view; // kept for the sources that are opened next
  cite({ view });
}

function enlarge(by) {
  zoom = Math.min(Math.max(zoom + by, 0), ZOOMS.length - 1);
  const sheets = element.querySelector(".sheets");
  const middle = (sheets.scrollTop + sheets.clientHeight / 2) / sheets.scrollHeight;
  element.style.setProperty("--zoom", ZOOMS[zoom]);
  sheets.scrollTop = middle * sheets.scrollHeight - sheets.clientHeight / 2;
  sheets.scrollLeft = (sheets.scrollWidth - sheets.clientWidth) / 2;
}

function turnPage(event, panel) {
  const sheets = panel.querySelector(".sheets");
  if (!sheets) return;
  const down = event.key === "PageDown";
  const atEnd = down ? sheets.scrollTop + sheets.clientHeight > sheets.scrollHeight - 2 : sheets.scrollTop < 2;
  if (!atEnd) return; // the browser scrolls
  event.preventDefault();
  panel.querySelector(down ? "[data-step=page-after]" : "[data-step=page-before]")?.click();
}

function reveal() {
  const panel = document.querySelector(".panel");
  panel.classList.remove("closed");
  const text = panel.querySelector(".text, .sheets");
  if (!text) return;
  const again = pressed && [...panel.querySelectorAll("button:not([disabled])")].find((b) => nameOf(b) === pressed);
  (again ?? panel).focus({ preventScroll: true });
  pressed = null;
  const start = text.querySelector(".box, mark") ?? text.querySelector(":scope > :not(.aside, .note)");
  text.scrollTop += start.getBoundingClientRect().top - text.getBoundingClientRect().top - text.clientHeight / 4;
}

function nameOf({ dataset }) {
  return dataset.step ?? dataset.view;
}

function showWhichIsOpen() {
  const { open } = document.querySelector(".panel").dataset;
  for (const button of document.querySelectorAll(".log .cite"))
    if (button.dataset.source !== open) button.removeAttribute("aria-current");
    else {
      button.setAttribute("aria-current", "true");
      button.scrollIntoView({ block: "nearest" });
    }
}

function leave() {
  const panel = document.querySelector(".panel");
  panel.classList.add("closed"); // on a phone, where the panel lies over the conversation
  (document.querySelector(".log .cite[aria-current]") ?? panel.closest("#source").opener)?.focus();
}

function save(button) {
  const menu = button.closest("details");
  menu.open = false;
  menu.querySelector("summary").focus();
  trigger("save", { kind: button.dataset.save });
}

async function copy(button, text) {
  const label = button.textContent;
  if (label === button.dataset.copied) return;
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else copyBySelection(text); // over plain http from another machine there is no clipboard
  button.style.minWidth = `${button.offsetWidth}px`; // so that nothing beside it moves
  button.textContent = document.querySelector("#said").textContent = button.dataset.copied;
  setTimeout(() => (button.textContent = label), 1500);
}

function copyBySelection(text) {
  const area = document.body.appendChild(document.createElement("textarea"));
  area.value = text;
  area.select();
  document.execCommand("copy");
  area.remove();
}
