// Suggestions for inputs that hold several names: the list offers the last name being typed.
(() => {
  "use strict";
  for (const input of document.querySelectorAll("input[data-many][list]")) {
    const names = Array.from(document.getElementById(input.getAttribute("list"))?.options ?? [], (one) => one.value);
    const list = document.createElement("datalist");
    list.id = `${input.id}-names`;
    input.after(list);
    input.setAttribute("list", list.id);
    const refresh = () => {
      const cut = Math.max(...["、", "，", ",", " ", "；"].map((mark) => input.value.lastIndexOf(mark))) + 1;
      const before = input.value.slice(0, cut);
      list.replaceChildren(...names.filter((name) => !before.includes(name)).map((name) => {
        const option = document.createElement("option");
        option.value = before + name;
        option.label = name;
        return option;
      }));
    };
    input.addEventListener("focus", refresh);
    input.addEventListener("input", refresh);
  }
})();
