// What somebody writes who has only the document: lists, makes, is refused, and deletes. The compiler has checked every name and type.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./generated/api.js";

const client = createClient<paths>({
  baseUrl: process.env.SECUEDGE_URL,
  headers: { Authorization: `Bearer ${process.env.SECUEDGE_TOKEN}` },
});
const ok = (sentence: string) => console.log(`ok ${sentence}`);

const me = await client.GET("/api/v1/me");
assert.ok(me.data, JSON.stringify(me.error));
assert.equal(me.data.name, "setup");
ok("the client knows who it is");

const messages = await client.GET("/api/v1/messages", { params: { query: { limit: 10, direction: "inbound" } } });
assert.ok(messages.data, JSON.stringify(messages.error));
assert.deepEqual(messages.data.items, []);
ok("it lists messages");

const draft: components["schemas"]["NewWebhook"] = { name: "helpdesk", tenant: "provider", url: "https://example.com/hook", events: ["message.*"] };
const made = await client.POST("/api/v1/webhooks", { body: draft, params: { header: { "Idempotency-Key": "script-1" } } });
assert.equal(made.response.status, 201, JSON.stringify(made.error));
assert.match(made.data?.secret ?? "", /^whsec_/);
const again = await client.POST("/api/v1/webhooks", { body: draft, params: { header: { "Idempotency-Key": "script-1" } } });
assert.equal(again.data?.secret, made.data?.secret);
ok("it makes a webhook once, though it asks twice");

const refused = await client.POST("/api/v1/webhooks", { body: { ...draft, name: "other", url: "https://127.0.0.1/" }, params: { header: { "Accept-Language": "fr" } } });
const problem: components["schemas"]["Problem"] | undefined = refused.error;
assert.equal(refused.response.status, 400);
assert.equal(problem?.type, "urn:secuedge:problem:invalid");
assert.equal(problem?.errors?.[0]?.field, "url");
assert.equal(problem?.title, "La requête n'est pas valable");
ok("it is told field and remedy of what is wrong");

const missing = await client.GET("/api/v1/webhooks/{name}", { params: { path: { name: "none" } } });
assert.equal(missing.response.status, 404);
assert.equal(missing.error?.status, 404);
ok("it is told that there is none");

const removed = await client.DELETE("/api/v1/webhooks/{name}", { params: { path: { name: "helpdesk" } } });
assert.equal(removed.response.status, 204);
const left = await client.GET("/api/v1/webhooks");
assert.deepEqual(left.data?.items, []);
ok("it deletes what it made");
