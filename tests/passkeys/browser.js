// Anna in her browser: a passkey is made by the browser's own code and by nothing of ours, and signed by its virtual authenticator.
import assert from "node:assert/strict";
import puppeteer from "puppeteer-core";

const url = process.env.SECUEDGE_URL;
const ok = (sentence) => console.log(`ok ${sentence}`);
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM,
  // The certificate is the gateway's own; root, as in containers, has no sandbox.
  args: ["--no-sandbox", "--ignore-certificate-errors", "--disable-gpu", "--disable-dev-shm-usage"],
});

// A page with one script: how a login page talks to the appliance.
const calls = `
  window.call = async (method, path, body, csrf) => {
    const answer = await fetch("/api/v1/" + path, {
      method, headers: { "Content-Type": "application/json", ...(csrf ? { "X-CSRF-Token": csrf } : {}) }, body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : null };
  };
  window.create = async (options) => (await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })).toJSON();
  window.get = async (options) => (await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })).toJSON();
`;

const open = async (context, page = "/api/v1/login") => {
  const tab = await context.newPage();
  await tab.goto(url + page);
  await tab.evaluate(calls);
  return tab;
};
const call = (tab, method, path, body, csrf) => tab.evaluate((m, p, b, c) => window.call(m, p, b, c), method, path, body, csrf);
const must = async (expected, tab, method, path, body, csrf) => {
  const answer = await call(tab, method, path, body, csrf);
  assert.equal(answer.status, expected, `${method} ${path}: ${JSON.stringify(answer)}`);
  return answer.body;
};
const addDevice = async (tab, knowsItsUser = true) => {
  const devtools = await tab.createCDPSession();
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: knowsItsUser, automaticPresenceSimulation: true },
  });
  return {
    devtools,
    authenticatorId,
    keys: async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    knowUser: (isUserVerified) => devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
  };
};
const challenge = async (tab, purpose) => {
  const begun = await must(200, tab, "POST", "login/passkey:begin", { purpose });
  return { challenge: begun.challenge, credential: await tab.evaluate((o) => window.get(o), begun.options) };
};

const password = "a meadow full of cows";
try {
  const tab = await open(await browser.createBrowserContext());
  assert.equal(await tab.evaluate(() => window.isSecureContext), true);
  const device = await addDevice(tab);
  let csrf = (await must(200, tab, "POST", "login", { user: "anna", password })).csrfToken;
  const begun = await must(200, tab, "POST", "me/passkeys:begin", { password }, csrf);
  assert.equal(begun.options.rp.id, "localhost");
  const credential = await tab.evaluate((o) => window.create(o), begun.options);
  const added = await must(201, tab, "POST", "me/passkeys", { name: "Chromium", answer: { challenge: begun.challenge, credential } }, csrf);
  assert.equal(added.passkey.isUserVerified, true);
  assert.equal(added.recoveryCodes.length, 10);
  assert.equal((await device.keys()).length, 1);
  ok("a browser makes a passkey, and the appliance takes it");

  const again = await must(200, tab, "POST", "me/passkeys:begin", { password }, csrf);
  await assert.rejects(tab.evaluate((o) => window.create(o), again.options), /InvalidStateError/);
  ok("the same device is not registered twice: the browser is told and refuses");

  await must(204, tab, "POST", "logout", undefined, csrf);
  await must(401, tab, "GET", "me");
  await must(401, tab, "POST", "login", { user: "anna", password });
  ok("the password alone gets nobody in any more");

  let signed = await challenge(tab, "signIn");
  csrf = (await must(200, tab, "POST", "login/passkey", signed)).csrfToken;
  assert.equal((await must(200, tab, "GET", "me")).user.name, "anna");
  ok("the passkey alone signs in, with the session of the browser");
  await must(401, tab, "POST", "login/passkey", signed);
  ok("its answer is good once");
  assert.ok((await must(200, tab, "GET", "me/passkeys")).items[0].lastUsedAt);

  signed = await challenge(tab, "secondFactor");
  await must(401, tab, "POST", "login/passkey", signed);
  csrf = (await must(200, tab, "POST", "login", { user: "anna", password, passkey: await challenge(tab, "secondFactor") })).csrfToken;
  const methods = (await must(200, tab, "GET", "sessions")).items.map((s) => s.method);
  assert.ok(methods.includes("password+passkey"), methods);
  ok("beside the password it stands in for a code, and such an answer is none without the password");

  // A device that does not know its user refuses by itself when it must.
  await device.knowUser(false);
  await assert.rejects(challenge(tab, "signIn"), /NotAllowedError/);
  const lenient = await must(200, tab, "POST", "login/passkey:begin", { purpose: "signIn" });
  lenient.options.userVerification = "discouraged";
  const unverified = await tab.evaluate((o) => window.get(o), lenient.options);
  await must(401, tab, "POST", "login/passkey", { challenge: lenient.challenge, credential: unverified });
  await device.knowUser(true);
  ok("whoever makes the page ask for less is refused by the appliance");

  // The same key in a second device that has counted less: a copy.
  const [key] = await device.keys();
  const copy = await open(await browser.createBrowserContext());
  const second = await addDevice(copy);
  await second.devtools.send("WebAuthn.addCredential", { authenticatorId: second.authenticatorId, credential: { ...key, signCount: 0 } });
  await must(401, copy, "POST", "login/passkey", await challenge(copy, "signIn"));
  await must(200, tab, "POST", "login/passkey", await challenge(tab, "signIn"));
  ok("a copy of the key whose counter went back is refused, the key itself goes on");

  // The address is the appliance's; the same machine under another name is another place to the browser.
  const foreign = await open(await browser.createBrowserContext(), "/api/v1/login");
  await foreign.goto(url.replace("localhost", "127.0.0.1") + "/api/v1/login");
  await foreign.evaluate(calls);
  await addDevice(foreign);
  await assert.rejects(challenge(foreign, "signIn"), /SecurityError/);
  ok("a page of another address gets nothing from the browser");

  csrf = (await must(200, tab, "GET", "me")).csrfToken;
  await must(400, tab, "POST", `me/passkeys/${added.passkey.id}:remove`, { password: "seven sleepy badgers" }, csrf);
  await must(204, tab, "POST", `me/passkeys/${added.passkey.id}:remove`, { passkey: await challenge(tab, "proof") }, csrf);
  await must(401, tab, "POST", "login/passkey", await challenge(tab, "signIn"));
  await must(200, tab, "POST", "login", { user: "anna", password });
  ok("a removed passkey signs nobody in, although the device still has it");
} finally {
  await browser.close();
}
