// Runs once (js_on_load of the hidden gr.HTML that holds a file): what the server puts there is saved by the browser.

watch("value", () => {
  const file = element.querySelector("[data-file]");
  if (!file) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([file.textContent], { type: `${file.dataset.type};charset=utf-8` }));
  link.download = file.dataset.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
});
