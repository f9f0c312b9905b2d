// ---- Where it comes from

/** An address as a number, IPv4 within IPv6 as IPv4; null when it is none. A port that a proxy adds is taken off. */
export function address(text) {
  let bare = text.startsWith("[") ? text.slice(1).split("]")[0] : text;
  if ((bare.match(/:/g) ?? []).length === 1) bare = bare.split(":")[0];
  const four = (part) => {
    const found = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(part)?.slice(1);
    if (!found || found.some((one) => one > 255 || (one.length > 1 && one[0] === "0"))) return null;
    return found.reduce((sum, one) => sum * 256n + BigInt(one), 0n);
  };
  if (!bare.includes(":")) return four(bare) === null ? null : { bits: 32, value: four(bare) };
  bare = bare.split("%")[0];
  const last = bare.slice(bare.lastIndexOf(":") + 1);
  if (last.includes(".")) {
    const value = four(last);
    if (value === null) return null;
    bare = bare.slice(0, -last.length) + [value >> 16n, value & 0xffffn].map((one) => one.toString(16)).join(":");
  }
  const sides = bare.split("::");
  if (sides.length > 2) return null;
  const [left, right] = sides.map((side) => (side ? side.split(":") : []));
  const gap = right ? 8 - left.length - right.length : 0;
  const parts = right ? [...left, ...Array(Math.max(gap, 0)).fill("0"), ...right] : left;
  if (parts.length !== 8 || (right && gap < 1) || !parts.every((one) => /^[0-9a-f]{1,4}$/i.test(one))) return null;
  const value = parts.reduce((sum, one) => sum * 65536n + BigInt(`0x${one}`), 0n);
  return value >> 32n === 0xffffn ? { bits: 32, value: value & 0xffffffffn } : { bits: 128, value };
}
/** What counts as one client: an IPv4 address, or all of an IPv6 customer's (/64). */
function client(text) {
  const found = address(text);
  if (!found) return text.slice(0, 64);
  const groups = (bits, count, from) => Array.from({ length: count }, (_, at) => (found.value >> BigInt(from - at * bits)) & ((1n << BigInt(bits)) - 1n));
  return found.bits === 32 ? groups(8, 4, 24).join(".") : `${groups(16, 4, 112).map((one) => one.toString(16)).join(":")}::/64`;
}
function network(said) {
  const [base, length] = said.split("/"), found = address(base);
  return { ...found, rest: BigInt(found.bits - Number(length ?? found.bits)) };
}
/** A forwarding header is believed only as far as the proxies of the policy vouch for it. */
function caller({ hops, networks, header }, peer, read) {
  if (!hops && !networks.length) return client(peer);
  const told = read(header).split(",").map((part) => part.trim()).filter(Boolean);
  if (hops) return client(told.length >= hops ? told[told.length - hops] : peer);
  const isProxy = (text) => {
    const one = address(text);
    return one && networks.some((net) => net.bits === one.bits && one.value >> net.rest === net.value >> net.rest);
  };
  let at = peer;
  while (told.length && isProxy(at)) {
    at = told.pop();
    if (!address(at)) return client(peer);
  }
  return client(at);
}
