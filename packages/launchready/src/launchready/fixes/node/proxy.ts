// Written by `launchready fix next`: the guard is asked before any page or route.
import { NextResponse, type NextRequest } from "next/server";
import { bearer, requestGuard } from "./launchready-guard.mjs";
import policy from "./launchready-policy.json";

let guard: ReturnType<typeof requestGuard> | undefined;

export async function proxy(request: NextRequest) {
  // Made at the first request: the key is not there while Next.js builds.
  guard ??= requestGuard(policy, { identify: bearer({ key: process.env.TOKEN_KEY, tenant: "CLAIM" }) });
  const said = await guard(request);
  if (said.refusal) return said.refusal;
  const response = NextResponse.next({ request: { headers: said.headers } });
  for (const [name, value] of said.answer) response.headers.append(name, value);
  return response;
}

// Files of the build are public; everything else is asked about.
export const config = { matcher: ["/((?!_next/static/).*)"] };
