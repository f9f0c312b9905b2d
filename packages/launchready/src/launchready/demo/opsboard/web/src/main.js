import { adminPage, frontPage, signup } from "./pages.js";

frontPage();
signup();
adminPage();
