// ---- The address, as everybody reads it

/** The path decoded and the query; throws for an address that can be read in two ways (RFC 3986, section 6.2.2). */
export function clear(target) {
  const at = target.indexOf("?"), path = at < 0 ? target : target.slice(0, at), query = at < 0 ? "" : target.slice(at + 1);
  const unclear = () => no("unlisted", 400, "Bad Request", "The address or a header can be read in two ways.");
  if (!/^\/[A-Za-z0-9._~!$&'()*+,=:@/%[\]|^-]*$/.test(path) || /\/\/|\/\.{1,2}(?:\/|$)/.test(path)) unclear();
  if (/[\x00-\x20\x7f#]/.test(query)) unclear();
  for (const [, hex] of path.matchAll(/%(.{0,2})/gs)) {
    if (!/^[0-9A-Fa-f]{2}$/.test(hex)) unclear();
    const value = parseInt(hex, 16);
    if (value < 32 || value === 127 || /[A-Za-z0-9._~/\\;-]/.test(String.fromCharCode(value))) unclear();
  }
  let decoded;
  try { decoded = decodeURIComponent(path); } catch { unclear(); }
  if (/%[0-9A-Fa-f]{2}/.test(decoded) || /\/[\s\x85]|[\s\x85](?:\/|$)/.test(decoded)) unclear();
  return { raw: path, path: decoded, query, unclear };
}

class Table {
  constructor(rows) {
    this.rows = rows.map((row) => ({
      ...row, exact: new RegExp(`^${row.pattern}$`, "s"), lenient: new RegExp(`^${row.pattern}/?$`, "si"),
    }));
  }
  /** The row of a request, its parameters, and the methods the address takes when not this one. */
  find(method, path) {
    const others = new Set();
    for (const row of this.rows) {
      const match = row.exact.exec(path);
      if (!match) continue;
      if (takes(row, method)) return { row, params: match.groups ?? {}, others };
      row.methods.forEach((one) => others.add(one));
    }
    return { row: null, params: {}, others };
  }
  /** Whether routers that do not mind capitals or a slash at the end, as Express', take it for the same row. */
  agrees(row, method, ...paths) {
    return paths.every((path) => this.rows.find((one) => takes(one, method) && one.lenient.test(path)) === row);
  }
}
const takes = (row, method) => row.methods.length === 0 || row.methods.includes(method);
