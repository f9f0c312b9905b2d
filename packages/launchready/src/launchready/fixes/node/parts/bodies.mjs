// ---- What it says

/** The value of a JSON text that every parser reads the same way (RFC 8259, RFC 7493). */
export function strictJson(bytes) {
  let text, found;
  try { text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes); } catch { bad("The body is not UTF-8."); }
  try { found = JSON.parse(text); } catch { bad("The body is not valid JSON."); }
  // It is JSON; so a text before a colon is a name.
  const open = [];
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (letter === "{" || letter === "[") open.push(new Set());
    else if (letter === "}" || letter === "]") open.pop();
    else if (letter === '"') {
      const start = at;
      for (at++; text[at] !== '"'; at++) if (text[at] === "\\") at++;
      let after = at + 1;
      while (/\s/.test(text[after] ?? "")) after++;
      if (text[after] !== ":") continue;
      const name = JSON.parse(text.slice(start, at + 1));
      if (open.at(-1).has(name)) bad("The body names a field twice.");
      open.at(-1).add(name);
    }
    if (open.length > DEEPEST) bad("The body is nested too deeply.");
  }
  JSON.parse(text, (name, one) => {
    if (typeof one === "number" && !Number.isFinite(one)) bad("A number in the body is too large.");
    if (/\p{Surrogate}/u.test(name) || (typeof one === "string" && /\p{Surrogate}/u.test(one))) bad("The body holds half a character.");
    return one;
  });
  return found;
}
function form(kind, type, bytes, names) {
  const text = new TextDecoder().decode(bytes), pairs = [];
  if (kind === FORM) pairs.push(...new URLSearchParams(text));
  else {
    const boundary = /boundary="?([^";]{1,70})/i.exec(type)?.[1];
    for (const part of boundary ? text.split(`--${boundary}`) : []) {
      const at = part.indexOf("\r\n\r\n"), head = part.slice(0, Math.max(at, 0));
      const name = /(?<![\w*])name="([^"\r\n]{1,200})"/i.exec(head)?.[1];
      if (name !== undefined && !/filename/i.test(head)) pairs.push([name, part.slice(at + 4).replace(/\r\n$/, "")]);
    }
  }
  if (pairs.length > 1000) bad("The form has too many fields.");
  const found = Object.create(null);
  for (const [name, value] of pairs) {
    // `workspace[]=…` is the field `workspace` for many parsers.
    const bare = name.split("[")[0].trim().toLowerCase();
    if (names.has(bare) && (name.includes("[") || (name in found && found[name] !== value))) bad("The body names a field twice.");
    found[name] = value;
  }
  return found;
}
