// The identity provider: the library as it comes, with people who have groups. Passwords are not asked, only names.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const people = {
  anna: { preferred_username: "anna", name: "Anna Helper", email: "anna@acme.example", groups: ["helpers", "unmapped"] },
  berta: { preferred_username: "berta", name: "Berta", email: "berta@acme.example", groups: ["everything"] },
  carla: { preferred_username: "carla", email: "carla@acme.example", groups: ["unmapped"] },
  dora: { preferred_username: "dora", email: "dora@acme.example", groups: ["helpers"] },
};

export const callbackOf = (url) => `${url}/api/v1/login/oidc/callback`;

export const newKey = () => ({
  ...generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256",
});

/** Starts a provider with this key; the claims are in the ID token only when asked for, as elsewhere, or at the user-info endpoint (Core §5.4). */
export const start = async (port, url, key, { isThin }) => {
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    jwks: { keys: [key] },
    clients: [
      { client_id: "secuedge", client_secret: "a secret: 100% & more+", redirect_uris: [callbackOf(url)] },
      { client_id: "elsewhere", client_secret: "another", redirect_uris: [callbackOf(url)] },
    ],
    cookies: { keys: ["a key for the provider's own cookies"] },
    pkce: { required: () => true },
    conformIdTokenClaims: isThin,
    claims: { openid: ["sub", "groups"], profile: ["name", "preferred_username"], email: ["email"] },
    features: { devInteractions: { enabled: true } },
    findAccount: (_, id) => people[id] && { accountId: id, claims: () => ({ sub: `subject-of-${id}`, ...people[id] }) },
  });
  const server = createServer(provider.callback());
  await new Promise((listening) => server.listen(port, "127.0.0.1", listening));
  return {
    provider,
    people,
    stop: () => new Promise((stopped) => { server.close(stopped); server.closeAllConnections(); }),
  };
};
