// Words for modules: the server writes them, translated, into <script type="application/json">
// elements whose id begins with "words". word("left", {span: "6 min"}) fills in the braces.
const known = {};

export function learn(root = document) {
  for (const element of root.querySelectorAll('script[type="application/json"][id^="words"]')) {
    Object.assign(known, JSON.parse(element.textContent));
  }
}

export function word(key, values = {}) {
  return (known[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

learn();
