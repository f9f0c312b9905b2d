import { call } from "./api.js";

export function frontPage() {
  const places = document.querySelectorAll("[data-stat]");
  if (!places.length) return;
  call("/api/stats").then((numbers) => places.forEach((place) => (place.textContent = numbers[place.dataset.stat])));
}

export function signup() {
  const form = document.querySelector("form[data-api]");
  if (!form) return;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const body = JSON.stringify(Object.fromEntries(new FormData(form)));
    call(form.dataset.api, { method: "POST", headers: { "Content-Type": "application/json" }, body }).then(
      () => (form.querySelector("[role=status]").textContent = "Check your inbox."),
      () => (form.querySelector("[role=status]").textContent = "That did not work."),
    );
  });
}

export function adminPage() {
  const panel = document.querySelector("[data-admin]");
  if (!panel) return;
//> unsafe OB-27
  if (localStorage.getItem("role") !== "admin") return;
//> end
  call("/api/admin/stats").then((numbers) => {
    panel.hidden = false;
    document.querySelector("#refused").hidden = true;
    document.querySelector("#numbers").textContent = JSON.stringify(numbers, null, 2);
  });
}
