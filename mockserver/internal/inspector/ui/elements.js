// Makes elements of a page. All text of others passes through textContent.

// element makes an element with a text and children.
export function element(name, text, ...children) {
  const made = document.createElement(name);
  made.textContent = text;
  made.append(...children);
  return made;
}

// classed sets the class of an element.
export function classed(made, name) {
  made.className = name;
  return made;
}

// rows makes a list of names and texts.
export function rows(pairs) {
  return classed(element("dl", "", ...pairs.map(([name, text]) => element("div", "", element("dt", name), element("dd", text)))), "fields");
}
