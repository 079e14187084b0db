// What the report form asks the server for, and its lists that are chosen from by words.
import {say} from "gridcity/keys.js";
import {word} from "gridcity/words.js";

const WAIT_MS = 180;

export const form = document.querySelector("form[data-report]");
export const one = (selector, from = form) => from.querySelector(selector);
export const all = (selector, from = form) => [...from.querySelectorAll(selector)];
export const field = (name) => form.elements[name];

export async function ask(address, values = {}) {
  const answer = await fetch(`${address}?${new URLSearchParams(values)}`, {
    headers: {"HX-Request": "true"}, credentials: "same-origin",
  });
  if (answer.status === 401) throw new Error(word("signed_out"));
  if (!answer.ok) throw new Error(word("went_wrong"));
  return answer.text();
}

export function trouble(error) {
  say(error instanceof TypeError ? word("offline") : error.message);
}

// --- a list that is chosen from by words ---------------------------------------------------------

export class Choose {
  constructor(element, {address, more, chosen}) {
    this.input = one("input[type=search]", element);
    this.list = one(".choose-list", element);
    Object.assign(this, {address, more, chosen, place: -1});
    this.input.addEventListener("input", () => this.soon());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(option);
    });
  }

  options() {
    return all("[role=option]", this.list);
  }

  soon() {
    clearTimeout(this.timer);
    const text = this.input.value.trim();
    if (!text) this.close();
    else this.timer = setTimeout(() => this.now({text}), WAIT_MS);
  }

  now(values) {
    clearTimeout(this.timer);
    this.timer = null;
    return this.underway = this.find(values);
  }

  async find(values) {
    const turn = this.turn = (this.turn ?? 0) + 1;
    try {
      const found = await ask(this.address, {...values, ...this.more()});
      if (turn !== this.turn) return;
      this.list.innerHTML = found;
    } catch (error) {
      trouble(error);
      return;
    }
    const count = this.options().length;
    if (!count) this.list.textContent = word("report_none");
    say(count ? word("report_found", {count}) : word("report_none"));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.at(values.text && count ? 0 : -1);
  }

  at(place) {
    const options = this.options();
    this.place = place;
    options.forEach((option, index) => {
      option.setAttribute("aria-selected", String(index === place));
    });
    const here = options[place];
    if (here) this.input.setAttribute("aria-activedescendant", here.id);
    else this.input.removeAttribute("aria-activedescendant");
    here?.scrollIntoView({block: "nearest"});
  }

  async key(event) {
    if (event.isComposing) return;
    const count = this.options().length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden || !count) return;
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.at((this.place + step + count) % count);
    } else if (event.key === "Escape") {
      this.close();
    } else if (event.key === "Enter" && !event.ctrlKey) {
      event.preventDefault();
      // Who types faster than the list comes gets the first of the list for all that was typed.
      await (this.timer ? this.now({text: this.input.value.trim()}) : this.underway);
      const option = this.options()[Math.max(0, this.place)];
      if (option && !this.list.hidden) this.choose(option);
    }
  }

  choose(option) {
    this.close();
    this.chosen(option.dataset);
  }

  close() {
    clearTimeout(this.timer);
    this.timer = null;
    this.turn = (this.turn ?? 0) + 1;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}
