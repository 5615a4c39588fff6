// People who sign in at the provider and come to the appliance: cookies, redirects and forms as a browser would, without one.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { callbackOf, newKey, start } from "./provider.js";

const url = process.env.SECUEDGE_URL;
const port = Number(process.env.PROVIDER_PORT);
const ok = (sentence) => console.log(`ok ${sentence}`);

/** Cookies by host, and redirects only on demand. */
class Browser {
  #cookies = new Map();

  async go(address, form) {
    const { host } = new URL(address);
    const jar = this.#cookies.get(host) ?? new Map();
    const answer = await fetch(address, {
      redirect: "manual",
      method: form ? "POST" : "GET",
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") },
      body: form && new URLSearchParams(form),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value === "" || /expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name); else jar.set(name, value);
    }
    this.#cookies.set(host, jar);
    return answer;
  }

  /** From the appliance to the provider, through its forms, to the address that leads back. */
  async signIn(name, address) {
    let next = address ?? await this.begin();
    for (let step = 0; step < 20; step++) {
      if (next.startsWith(url)) return next;
      const answer = await this.go(next);
      if (answer.status >= 300 && answer.status < 400) {
        next = new URL(answer.headers.get("location"), next).href;
        continue;
      }
      const page = await answer.text();
      const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1];
      assert.ok(answer.ok && action, `${next}: ${answer.status} ${page.slice(0, 500)}`);
      const form = page.includes('value="login"') ? { prompt: "login", login: name, password: "any" } : { prompt: "consent" };
      const posted = await this.go(new URL(action, next).href, name ? form : { prompt: "none" });
      next = new URL(posted.headers.get("location"), next).href;
    }
    throw new Error(`the provider never came back: ${next}`);
  }

  async begin(returnTo = "/") {
    const answer = await this.go(`${url}/api/v1/login/oidc?returnTo=${encodeURIComponent(returnTo)}`);
    assert.equal(answer.status, 302, await answer.text());
    return answer.headers.get("location");
  }

  async me() {
    const answer = await this.go(`${url}/api/v1/me`);
    return answer.ok ? (await answer.json()).user : null;
  }
}

const api = async (method, path, body) => {
  const answer = await fetch(`${url}/api/v1/${path}`, {
    method, headers: { Authorization: `Bearer ${process.env.SECUEDGE_TOKEN}`, "Content-Type": "application/json" }, body: body && JSON.stringify(body),
  });
  assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.status === 204 ? null : answer.json();
};
const lastRefusal = async () => (await api("GET", "audit?action=login.failed&limit=1")).items[0]?.detail;
const rolesOf = (user) => user.roles.map((r) => `${r.role}@${r.node}`);
const enter = async (name) => {
  const browser = new Browser();
  const answer = await browser.go(await browser.signIn(name));
  return { browser, answer };
};

assert.equal((await new Browser().go(`${url}/api/v1/login/oidc`)).status, 503);
ok("while the provider is down a login says so");

let key = newKey();
let running = await start(port, url, key, { isThin: false });
let { browser, answer } = await enter("anna");
assert.equal(answer.status, 200, `${await answer.text()} ${await lastRefusal()}`);
let user = await browser.me();
assert.deepEqual([user.name, user.node, user.displayName, user.email], ["anna", "acme", "Anna Helper", "anna@acme.example"]);
assert.deepEqual(rolesOf(user), ["helpdesk@acme"]);
assert.equal(user.externalId, `http://127.0.0.1:${port}|subject-of-anna`);
ok("a person of the provider gets in, with the role and the node of her group");

const again = await enter("anna");
assert.equal((await again.browser.me()).name, "anna");
assert.equal((await api("GET", "users?limit=100")).items.filter((u) => u.name === "anna").length, 1);
ok("she is the same user at the next login");

const csrf = (await (await browser.go(`${url}/api/v1/me`)).json()).csrfToken;
const out = await fetch(`${url}/api/v1/logout`, { method: "POST", headers: { cookie: answer.headers.getSetCookie().map((c) => c.split(";")[0]).join("; "), "X-CSRF-Token": csrf } });
assert.equal(out.status, 204);
assert.equal(await browser.me(), null);
ok("a logout ends her session here");

({ answer } = await enter("carla"));
assert.equal(answer.status, 401);
assert.equal(await lastRefusal(), "None of the groups gives a role; no user was made.");
ok("who has none of the groups does not get in, and no user is made");

// What the browser brings back when she presses "cancel" at the provider.
browser = new Browser();
const gone = new URL(await browser.begin());
const cancelled = `${callbackOf(url)}?error=access_denied&state=${gone.searchParams.get("state")}&iss=${encodeURIComponent(`http://127.0.0.1:${port}`)}`;
assert.equal((await browser.go(cancelled)).status, 401);
assert.equal(await lastRefusal(), "The provider did not let him in, or he gave up.");
ok("who gives up at the provider is not let in");

// Codes that are real, but not for this login.
browser = new Browser();
const back = await browser.signIn("anna");
assert.equal((await browser.go(back)).status, 200);
assert.equal((await browser.go(back)).status, 401);
ok("the way back is good once");

const thief = new Browser();
const own = new URL(await thief.begin());
const stolen = new URL(await new Browser().signIn("berta"));
assert.equal((await thief.go(`${callbackOf(url)}?code=${stolen.searchParams.get("code")}&state=${own.searchParams.get("state")}`)).status, 401);
assert.equal(await lastRefusal(), "The provider gave no ID token for the code.");
ok("the code of somebody else's login is refused by the provider for want of its verifier");

const elsewhere = new Browser();
const mine = new URL(await elsewhere.begin());
const verifier = randomBytes(32).toString("base64url");
const foreign = new URL(mine);
foreign.searchParams.set("client_id", "elsewhere");
foreign.searchParams.set("code_challenge", createHash("sha256").update(verifier).digest("base64url"));
const code = new URL(await elsewhere.signIn("berta", foreign.href)).searchParams.get("code");
assert.equal((await elsewhere.go(`${callbackOf(url)}?code=${code}&state=${mine.searchParams.get("state")}`)).status, 401);
assert.equal(await lastRefusal(), "The provider gave no ID token for the code.");
assert.equal(await elsewhere.me(), null);
ok("a code that another client of the same provider got is refused");

const mixed = new Browser();
const right = await mixed.signIn("anna");
assert.ok(new URL(right).searchParams.get("iss"));
const wrong = new URL(right);
wrong.searchParams.set("iss", "https://evil.example");
assert.equal((await mixed.go(wrong.href)).status, 401);
assert.equal(await lastRefusal(), "The answer came from another provider.");
ok("an answer that names another provider is refused (RFC 9207)");

// From here the ID token says who somebody is and nothing more, which Core §5.4 prefers.
await running.stop();
running = await start(port, url, key, { isThin: true });
({ browser, answer } = await enter("dora"));
assert.equal(answer.status, 200, `${await answer.text()} ${await lastRefusal()}`);
assert.deepEqual(rolesOf(await browser.me()), ["helpdesk@acme"]);
assert.equal((await browser.me()).email, "dora@acme.example");
ok("claims that are only at the user-info endpoint are read from there");

running.people.dora.groups = [];
({ answer } = await enter("dora"));
assert.equal(answer.status, 401);
assert.deepEqual(rolesOf((await api("GET", "users/dora"))), []);
ok("who lost her group at the provider has lost her role");

await running.stop();
key = newKey();
running = await start(port, url, key, { isThin: false });
({ answer } = await enter("anna"));
const first = answer.status;
// The appliance looks for unknown keys once a minute at most, so that forged tokens make the provider no work: it may take that long.
const end = Date.now() + 75_000;
while (answer.status !== 200 && Date.now() < end) {
  await new Promise((passed) => setTimeout(passed, 8_000));
  ({ answer } = await enter("anna"));
}
assert.equal(answer.status, 200, await lastRefusal());
ok(`a new key of the provider is learnt by itself${first === 200 ? "" : " within a minute"}`);
await running.stop();
