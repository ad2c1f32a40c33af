// Runs once (js_on_load of the gr.HTML that shows how the adding of a report goes): its button takes it away.
element.addEventListener("click", ({ target }) => {
  if (target.closest("[data-dismiss]")) trigger("dismiss", {});
});
